package org.culvert.core.control;

import java.security.SecureRandom;
import org.culvert.core.crypto.Encapsulated;
import org.culvert.core.crypto.EpochAgreement;
import org.culvert.core.crypto.EpochSecret;
import org.culvert.core.crypto.KeyAgreementException;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.PublicHalf;
import org.culvert.core.crypto.SecretBytes;
import org.culvert.core.epoch.Maker;
import org.culvert.core.epoch.OwnEpoch;
import org.culvert.core.epoch.PairSecrets;
import org.culvert.core.epoch.Transcript;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.keymgmt.trust.KeyKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Computes epoch pairs with one peer: four DH, and a KEM where both sides have it. Control thread. */
final class EpochMaker implements Maker {
    private static final Logger LOG = LoggerFactory.getLogger(EpochMaker.class);

    private final Peer peer;
    private final SecureRandom random;
    private @Nullable SecretBytes psk;

    EpochMaker(Peer peer, SecureRandom random) {
        this.peer = peer;
        this.random = random;
    }

    /** Of the pairs to come; null: none. */
    void psk(@Nullable SecretBytes secret) {
        psk = secret;
    }

    boolean hasPsk() {
        return psk != null;
    }

    /** An epoch's secrets: drawn, and one day erased. */
    record Drawn(EpochSecret secret) implements OwnEpoch.Material {
        @Override
        public byte[] publicKey() {
            return secret.publicKey();
        }

        @Override
        public byte[] kemKey() {
            return secret.kemKey();
        }

        @Override
        public void close() {
            secret.close();
        }
    }

    @Override
    public @Nullable PairSecrets make(Ingredients of) {
        StaticBase base = (StaticBase) of.base();
        EpochSecret own = ((Drawn) of.own().material()).secret();
        try {
            return switch (of.kem().role()) {
                case NONE -> make(of, base, own, null, new byte[0]);
                case ENCAPSULATE -> {
                    try (Encapsulated kem = Encapsulated.to(of.kem().message(), random)) {
                        yield make(of, base, own, kem.secret(), kem.ciphertext());
                    }
                }
                case DECAPSULATE -> {
                    try (SecretBytes kem = own.decapsulate(of.kem().message())) {
                        yield make(of, base, own, kem, new byte[0]);
                    }
                }
            };
        } catch (KeyAgreementException e) {
            LOG.warn("peer {}: its epoch key is not used: {}", peer, e.getMessage());
            return null;
        }
    }

    private PairSecrets make(
            Ingredients of, StaticBase base, EpochSecret own, @Nullable SecretBytes kem, byte[] ciphertext)
            throws KeyAgreementException {
        KeyKind kind = base.own().certificate().keyKind();
        PublicHalf theirEpoch = PublicHalf.of(kind, of.theirs().key());
        byte[] transcript = Transcript.of(of, base.pair().ownId(), base.pair().peerId(), ciphertext);
        PairSecret secret = new EpochAgreement(base.weAreA(), base.own().key().privateKey(), own)
                .with(base.theirs(), theirEpoch, transcript, kem, psk);
        return new EpochKeys(PairKeys.ofEpoch(secret, base.pair()), ciphertext, kem != null);
    }
}
