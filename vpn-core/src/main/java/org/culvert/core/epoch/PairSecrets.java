package org.culvert.core.epoch;

/** What was computed for an epoch pair, and what was heard under it. */
public interface PairSecrets {
    /** When the first fresh packet opened under it; 0: none has. */
    long heardNs();

    /** When the first IP packet did. */
    long dataNs();

    /** To be shown to the other side. */
    byte[] proof();

    /** Constant time. */
    boolean isProof(byte[] theirs);

    /** Of the KEM where we encapsulated; else empty. */
    byte[] ciphertext();

    /** Erases the master secret; derived keys that a flow thread may be using go with the next snapshot. */
    void erase();
}
