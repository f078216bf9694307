package org.culvert.core.epoch;

import org.jspecify.annotations.Nullable;

/** Computes pairs: four DH and perhaps a KEM. */
public interface Maker {
    /** Null: refused, since one of their keys is one that must not be used. */
    @Nullable
    PairSecrets make(Ingredients ingredients);

    /**
     * All that a pair is made of.
     *
     * @param ownCore as we announced it to this peer
     * @param kem what the KEM needs
     */
    record Ingredients(StaticPair base, OwnEpoch own, Core ownCore, Core theirs, Kem kem) {}

    /** What is to be done with the KEM. */
    final class Kem {
        public static final Kem NONE = new Kem(Role.NONE, new byte[0]);

        public enum Role {
            NONE,
            ENCAPSULATE,
            DECAPSULATE
        }

        private final Role role;
        private final byte[] message;

        Kem(Role role, byte[] message) {
            this.role = role;
            this.message = message.clone();
        }

        public Role role() {
            return role;
        }

        /** The key to encapsulate to, or the ciphertext. */
        public byte[] message() {
            return message.clone();
        }
    }
}
