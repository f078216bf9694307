package org.culvert.core.control;

import org.culvert.core.epoch.PairSecrets;
import org.culvert.core.peer.PairKeys;

/** An epoch pair's keys as the exchange sees them. Control thread. */
final class EpochKeys implements PairSecrets {
    private final PairKeys pair;
    private final byte[] ciphertext;
    private final boolean withKem;

    EpochKeys(PairKeys pair, byte[] ciphertext, boolean withKem) {
        this.pair = pair;
        this.ciphertext = ciphertext;
        this.withKem = withKem;
    }

    PairKeys pair() {
        return pair;
    }

    /** Whether ML-KEM is in it. */
    boolean withKem() {
        return withKem;
    }

    @Override
    public long heardNs() {
        return pair.heardNs();
    }

    @Override
    public long dataNs() {
        return pair.dataNs();
    }

    @Override
    public byte[] proof() {
        return pair.proof();
    }

    @Override
    public boolean isProof(byte[] theirs) {
        return pair.isProof(theirs);
    }

    @Override
    public byte[] ciphertext() {
        return ciphertext.clone();
    }

    @Override
    public void erase() {
        pair.close();
    }
}
