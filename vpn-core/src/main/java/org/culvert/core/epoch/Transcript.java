package org.culvert.core.epoch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.culvert.core.crypto.Sha256;
import org.culvert.core.epoch.Maker.Ingredients;

/** H: everything both sides must have seen alike, which goes into all that is derived from a pair's master secret. Stateless. */
public final class Transcript {
    private static final byte[] LABEL = "culvert v1 epoch transcript".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH_BYTES = 32;

    /** Who encapsulated. */
    private static final int NOBODY = 0;

    private static final int B_DID = 1;
    private static final int A_DID = 2;

    private Transcript() {}

    /**
     * Of all that a pair is made of.
     *
     * @param ciphertext what we encapsulated, empty where we did not
     */
    public static byte[] of(Ingredients of, byte[] ownId, byte[] theirId, byte[] ciphertext) {
        boolean weAreA = of.base().weAreA();
        MessageDigest sha256 = Sha256.digest();
        sha256.update(LABEL);
        sha256.update(weAreA ? ownId : theirId);
        sha256.update(weAreA ? theirId : ownId);
        core(sha256, weAreA ? of.ownCore() : of.theirs());
        core(sha256, weAreA ? of.theirs() : of.ownCore());
        switch (of.kem().role()) {
            case NONE -> kem(sha256, NOBODY, new byte[HASH_BYTES], new byte[HASH_BYTES]);
            case ENCAPSULATE ->
                kem(sha256, weAreA ? A_DID : B_DID, Sha256.of(of.kem().message()), Sha256.of(ciphertext));
            case DECAPSULATE ->
                kem(
                        sha256,
                        weAreA ? B_DID : A_DID,
                        Sha256.of(of.own().material().kemKey()),
                        Sha256.of(of.kem().message()));
        }
        return sha256.digest();
    }

    private static void core(MessageDigest sha256, Core core) {
        byte[] bytes = core.bytes();
        sha256.update(ByteBuffer.allocate(2).putShort((short) bytes.length).array());
        sha256.update(bytes);
    }

    private static void kem(MessageDigest sha256, int role, byte[] keyHash, byte[] ciphertextHash) {
        sha256.update((byte) role);
        sha256.update(keyHash);
        sha256.update(ciphertextHash);
    }
}
