package org.culvert.core.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KeyAgreement;
import org.culvert.keymgmt.trust.KeyKind;
import org.jspecify.annotations.Nullable;

/**
 * The master secret of a pair of gateways. Kij is the same on both sides without a message, because each has the other's certified
 * public key (design section 3); that of an epoch pair has epoch keys in it too (protocol.md, "Epoch keys"). Everything the pair ever
 * encrypts hangs on it, so it stays in this class; what leaves are keys for one direction, hour and suite. Control thread.
 */
public final class PairSecret implements AutoCloseable {
    private static final byte[] SALT = ascii("culvert v1 Kij");
    private static final byte[] EPOCH_SALT = ascii("culvert v1 epoch");
    private static final byte[] CONFIRM = ascii("confirm");
    private static final byte[] WRAP = ascii("wrap");
    private static final byte[] PACKET = ascii("packet");
    private static final byte[] SPI = ascii("spi");

    private static final int KEY_ENCRYPTING_KEY_BYTES = 32;
    private static final int PROOF_BYTES = 16;

    private final SecretBytes kij;

    /** Goes into all that is derived: empty for a static pair. */
    private final byte[] transcript;

    private PairSecret(SecretBytes kij, byte[] transcript) {
        this.kij = kij;
        this.transcript = transcript;
    }

    /**
     * X25519 (RFC 7748) or ECDH over P-256 (SP 800-56A, the x-coordinate) between the own host key and a peer's public key, then
     * HKDF-Extract. Identities carry the kind of key, so one formula serves both.
     *
     * @throws KeyAgreementException when the two keys are not of one kind, or the peer's is one that would give the secret, or part of our
     *     key, away
     */
    public static PairSecret agree(PrivateKey own, PublicKey peer) throws KeyAgreementException {
        return agree(own, peer, null);
    }

    /** The same of two that were also given a secret, which stands behind the shared one: who lacks it has other keys, and other SPIs. */
    public static PairSecret agree(PrivateKey own, PublicKey peer, @Nullable SecretBytes preShared)
            throws KeyAgreementException {
        byte[] shared = shared(own, peer);
        byte[] given = preShared == null ? new byte[0] : preShared.copy();
        byte[] input = Arrays.copyOf(shared, shared.length + given.length);
        System.arraycopy(given, 0, input, shared.length, given.length);
        try {
            return new PairSecret(Hkdf.extract(SALT, input), new byte[0]);
        } finally {
            for (byte[] each : new byte[][] {shared, given, input}) {
                Arrays.fill(each, (byte) 0);
            }
        }
    }

    /** Made of what {@link EpochAgreement} has put together; the caller zeroes it. */
    static PairSecret ofEpoch(byte[] input, byte[] transcript) {
        return new PairSecret(Hkdf.extract(EPOCH_SALT, input), transcript.clone());
    }

    /** DH of two keys of one kind: 32 bytes, which the caller zeroes. */
    static byte[] shared(PrivateKey own, PublicKey peer) throws KeyAgreementException {
        return own.getAlgorithm().equals("EC") ? p256(own, peer) : x25519(own, peer);
    }

    /** What shows the other side that this one has the secret: of this direction, and of nothing else. 16 bytes. */
    public byte[] proof(byte[] senderId, byte[] receiverId) {
        byte[] ids = Arrays.copyOf(senderId, senderId.length + receiverId.length);
        System.arraycopy(receiverId, 0, ids, senderId.length, receiverId.length);
        try (SecretBytes proof = Hkdf.expand(kij, concat(concat(CONFIRM, ids), transcript), PROOF_BYTES)) {
            return proof.copy();
        }
    }

    /**
     * The keys of one direction, hour and suite.
     *
     * @param senderId {@link HostIdentity#id} of the sending side, and of the receiving side: their order is what
     *     keeps the two directions of a pair apart, so that no packet can be reflected to its sender
     * @param n whole hours since 1995-01-01T00:00Z
     */
    public DirectionKeys derive(byte[] senderId, byte[] receiverId, int n, Suite suite) {
        byte[] context = context(senderId, receiverId, n, suite);
        return new DirectionKeys(
                suite,
                spi(context),
                Hkdf.expand(kij, concat(WRAP, context), KEY_ENCRYPTING_KEY_BYTES),
                Hkdf.expand(kij, concat(PACKET, context), KEY_ENCRYPTING_KEY_BYTES));
    }

    /** The SPI alone, for the index of hours that are too far off to be accepted (clock-skew diagnosis). */
    public int spi(byte[] senderId, byte[] receiverId, int n, Suite suite) {
        return spi(context(senderId, receiverId, n, suite));
    }

    @Override
    public void close() {
        kij.close();
    }

    @Override
    public String toString() {
        return "PairSecret[redacted]";
    }

    /** The raw function, the seam that test vectors go through. */
    static byte[] x25519(PrivateKey own, PublicKey peer) throws KeyAgreementException {
        byte[] shared = agreed("X25519", own, peer);
        refuseAllZero(shared);
        return shared;
    }

    /**
     * The other one. The point is checked here, whatever the provider does: a token may not, and a point off the curve makes the result
     * depend on a few bits of our key only. On the curve, whose order is prime, no point but infinity is dangerous, and infinity has no
     * encoding here.
     */
    static byte[] p256(PrivateKey own, PublicKey peer) throws KeyAgreementException {
        byte[] spki = peer.getEncoded();
        Optional<String> fault =
                KeyKind.of(spki).filter(kind -> kind == KeyKind.P256).isEmpty()
                        ? Optional.of("our key is P-256 and the peer's is not")
                        : KeyKind.P256.fault(spki);
        if (fault.isPresent()) {
            throw new KeyAgreementException("no P-256 agreement with these keys: " + fault.get());
        }
        return agreed("ECDH", own, peer);
    }

    private static byte[] agreed(String algorithm, PrivateKey own, PublicKey peer) throws KeyAgreementException {
        try {
            KeyAgreement agreement = KeyAgreement.getInstance(algorithm);
            agreement.init(own);
            agreement.doPhase(peer, true);
            return agreement.generateSecret();
        } catch (InvalidKeyException | ProviderException e) { // ProviderException: a token that was pulled out
            throw new KeyAgreementException("no " + algorithm + " agreement with these keys: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(algorithm + " is part of the JDK", e);
        }
    }

    /**
     * RFC 7748 section 6.1: a public key of low order makes the result zero whatever the own key is, and then anybody
     * can compute Kij. The JDK refuses such points itself; this keeps the promise when the provider is another one.
     */
    static void refuseAllZero(byte[] shared) throws KeyAgreementException {
        int bits = 0;
        for (byte b : shared) {
            bits |= b;
        }
        if (bits == 0) {
            throw new KeyAgreementException(
                    "the peer's X25519 key has low order: the secret would be known to everybody");
        }
    }

    private int spi(byte[] context) {
        try (SecretBytes spi = Hkdf.expand(kij, concat(SPI, context), Integer.BYTES)) {
            return ByteBuffer.wrap(spi.copy()).getInt();
        }
    }

    private byte[] context(byte[] senderId, byte[] receiverId, int n, Suite suite) {
        if (senderId.length != HostIdentity.BYTES || receiverId.length != HostIdentity.BYTES) {
            throw new IllegalArgumentException("an identity has 32 bytes");
        }
        if (Arrays.equals(senderId, receiverId)) {
            throw new IllegalArgumentException(
                    "both ends have one identity: the two directions would share their keys");
        }
        return ByteBuffer.allocate(2 * HostIdentity.BYTES + Integer.BYTES + 1 + transcript.length)
                .put(senderId)
                .put(receiverId)
                .putInt(n)
                .put((byte) suite.code())
                .put(transcript)
                .array();
    }

    private static byte[] concat(byte[] label, byte[] context) {
        byte[] info = Arrays.copyOf(label, label.length + context.length);
        System.arraycopy(context, 0, info, label.length, context.length);
        return info;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
