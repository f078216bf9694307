package org.culvert.core.epoch;

/** The static keys an epoch pair hangs on. Each is itself and no other. */
public interface StaticPair {
    /** Whether our SubjectPublicKeyInfo has the smaller SHA-256. */
    boolean weAreA();

    /** Our epochs of this pair's kind of key. */
    Epochs epochs();
}
