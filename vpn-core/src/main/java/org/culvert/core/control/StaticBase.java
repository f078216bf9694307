package org.culvert.core.control;

import java.util.Arrays;
import org.culvert.core.crypto.PublicHalf;
import org.culvert.core.crypto.Sha256;
import org.culvert.core.epoch.Epochs;
import org.culvert.core.epoch.StaticPair;
import org.culvert.core.peer.PairKeys;
import org.culvert.keymgmt.trust.HostCertificate;

/** A static pair with the keys it was made of: what epoch pairs hang on. Immutable; control thread. */
final class StaticBase implements StaticPair {
    private final PairKeys pair;
    private final OwnIdentity own;
    private final PublicHalf theirs;
    private final String theirFingerprint;
    private final boolean weAreA;
    private final Epochs epochs;

    StaticBase(PairKeys pair, OwnIdentity own, HostCertificate theirs, Epochs epochs) {
        this.pair = pair;
        this.own = own;
        this.theirs = PublicHalf.ofSpki(theirs.spki());
        this.theirFingerprint = theirs.keyFingerprint();
        this.weAreA = Arrays.compareUnsigned(Sha256.of(own.certificate().spki()), Sha256.of(theirs.spki())) < 0;
        this.epochs = epochs;
    }

    PairKeys pair() {
        return pair;
    }

    OwnIdentity own() {
        return own;
    }

    PublicHalf theirs() {
        return theirs;
    }

    /** Also of one that was renewed for the same key. */
    boolean isWithKeyOf(HostCertificate certificate) {
        return theirFingerprint.equals(certificate.keyFingerprint());
    }

    @Override
    public boolean weAreA() {
        return weAreA;
    }

    @Override
    public Epochs epochs() {
        return epochs;
    }
}
