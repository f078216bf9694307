package org.culvert.core.crypto;

import static org.culvert.core.crypto.Golden.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.crypto.Vectors.Vector;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.Test;

/**
 * Project Wycheproof's attacks on implementations, through our wrappers and not through the JDK's classes, so that a
 * wrapper that swallowed an exception would be caught.
 *
 * <p>Counted, because a filter that let nothing through would also pass: of 316 AES-GCM vectors 133 have a nonce of 96
 * bits, a tag of 128 and a key we use (64 have one of 192 bits, 119 another nonce); of 325 for ChaCha20-Poly1305 316 have
 * such a nonce; of 414 for GMAC 69 (key of 128 bits). HKDF, HMAC, X25519 and P-256 run whole. Every AEAD vector runs on
 * every backend.
 */
class WycheproofTest {
    @Test
    void aesGcm() {
        AtomicInteger ran = new AtomicInteger();
        Vectors.forEach("aes_gcm_test.json", vector -> {
            Suite suite = vector.number("keySize") == 128 ? Suite.AES_128_GCM : Suite.AES_256_GCM;
            if (fits(vector) && vector.number("keySize") == 8 * suite.keyBytes()) {
                aead(suite, vector);
                ran.incrementAndGet();
            }
        });
        assertEquals(133, ran.get());
        assertEquals(316, Vectors.count("aes_gcm_test.json"));
    }

    @Test
    void chacha20Poly1305() {
        AtomicInteger ran = new AtomicInteger();
        Vectors.forEach("chacha20_poly1305_test.json", vector -> {
            if (fits(vector)) {
                aead(Suite.CHACHA20_POLY1305, vector);
                ran.incrementAndGet();
            }
        });
        assertEquals(316, ran.get());
        assertEquals(325, Vectors.count("chacha20_poly1305_test.json"));
    }

    @Test
    void aesGmac() {
        AtomicInteger ran = new AtomicInteger();
        Vectors.forEach("aes_gmac_test.json", vector -> {
            if (fits(vector) && vector.number("keySize") == 128) {
                gmac(vector);
                ran.incrementAndGet();
            }
        });
        assertEquals(69, ran.get());
        assertEquals(414, Vectors.count("aes_gmac_test.json"));
    }

    @Test
    void hkdf() {
        AtomicInteger ran = new AtomicInteger();
        Vectors.forEach("hkdf_sha256_test.json", vector -> {
            try (SecretBytes prk = Hkdf.extract(vector.bytes("salt"), vector.bytes("ikm"))) {
                int size = vector.number("size");
                if (vector.valid()) {
                    try (SecretBytes okm = Hkdf.expand(prk, vector.bytes("info"), size)) {
                        assertArrayEquals(vector.bytes("okm"), okm.copy(), vector::toString);
                    }
                } else {
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> Hkdf.expand(prk, vector.bytes("info"), size),
                            vector::toString);
                }
            }
            ran.incrementAndGet();
        });
        assertEquals(86, ran.get());
    }

    /** HKDF-Extract is HMAC with the salt as key. */
    @Test
    void hmac() {
        AtomicInteger ran = new AtomicInteger();
        Vectors.forEach("hmac_sha256_test.json", vector -> {
            int tagBytes = vector.number("tagSize") / 8;
            try (SecretBytes mac = Hkdf.extract(vector.bytes("key"), vector.bytes("msg"))) {
                boolean equal = Arrays.equals(vector.bytes("tag"), Arrays.copyOf(mac.copy(), tagBytes));
                assertEquals(vector.valid(), equal, vector::toString);
            }
            ran.incrementAndGet();
        });
        assertEquals(174, ran.get());
    }

    /** "Acceptable" leaves the choice to the protocol. Ours: every point but those with an all-zero result. */
    @Test
    void x25519() {
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Vectors.forEach("x25519_test.json", vector -> {
            var own = Golden.privateKey(vector.test().get("private").asText());
            var peer = Golden.publicKey(vector.test().get("public").asText());
            if (hex(vector.bytes("shared")).equals("00".repeat(32))) {
                assertThrows(KeyAgreementException.class, () -> PairSecret.agree(own, peer), vector::toString);
                assertTrue(vector.has("ZeroSharedSecret"), vector::toString);
                refused.incrementAndGet();
            } else {
                assertArrayEquals(vector.bytes("shared"), shared(vector), vector::toString);
            }
            ran.incrementAndGet();
        });
        assertEquals(518, ran.get());
        assertEquals(31, refused.get());
    }

    /**
     * Points as raw bytes, put into the SubjectPublicKeyInfo that a certificate would have. "Acceptable" is a compressed point: refused,
     * a second encoding would be a second identity.
     */
    @Test
    void p256() {
        AtomicInteger agreed = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Vectors.forEach("ecdh_secp256r1_ecpoint_test.json", vector -> {
            byte[] point = vector.bytes("public");
            byte[] spki = p256Spki(point);
            assertEquals(vector.valid(), KeyKind.P256.fault(spki).isEmpty(), vector::toString);
            if (point.length == 65) {
                var own = GoldenP256.privateKey(vector.test().get("private").asText());
                var peer = GoldenP256.publicKey(
                        hex(Arrays.copyOfRange(point, 1, 33)), hex(Arrays.copyOfRange(point, 33, 65)));
                if (vector.valid()) {
                    assertArrayEquals(
                            vector.bytes("shared"),
                            assertDoesNotThrow(() -> PairSecret.p256(own, peer)),
                            vector::toString);
                    agreed.incrementAndGet();
                    return;
                }
                assertThrows(KeyAgreementException.class, () -> PairSecret.agree(own, peer), vector::toString);
            }
            refused.incrementAndGet();
        });
        assertEquals(330, agreed.get());
        assertEquals(25, refused.get());
        assertEquals(355, Vectors.count("ecdh_secp256r1_ecpoint_test.json"));
    }

    private static byte[] p256Spki(byte[] point) {
        byte[] algorithm = hex("301306072a8648ce3d020106082a8648ce3d030107");
        return ByteBuffer.allocate(2 + algorithm.length + 3 + point.length)
                .put((byte) 0x30)
                .put((byte) (algorithm.length + 3 + point.length))
                .put(algorithm)
                .put((byte) 0x03)
                .put((byte) (point.length + 1))
                .put((byte) 0)
                .put(point)
                .array();
    }

    private static byte[] shared(Vector vector) {
        try {
            return PairSecret.x25519(
                    Golden.privateKey(vector.test().get("private").asText()),
                    Golden.publicKey(vector.test().get("public").asText()));
        } catch (KeyAgreementException e) {
            throw new AssertionError(vector.toString(), e);
        }
    }

    private static boolean fits(Vector vector) {
        return vector.number("ivSize") == 8 * ExplicitNonceCipher.NONCE_BYTES
                && vector.number("tagSize") == 8 * PacketCipher.TAG_BYTES;
    }

    private static void aead(Suite suite, Vector vector) {
        byte[] aad = vector.bytes("aad");
        byte[] message = vector.bytes("msg");
        byte[] ciphertext = vector.bytes("ct");
        byte[] tag = vector.bytes("tag");
        for (CipherBackend backend : Backends.all()) {
            try (TestMemory memory = new TestMemory();
                    ExplicitNonceCipher cipher = Backends.cipher(backend, suite);
                    ExplicitNonceCipher sealing = Backends.cipher(backend, suite)) { // the JDK refuses a nonce twice
                String which = backend.name() + ' ' + vector;
                long key = memory.of(vector.bytes("key"));
                long nonce = memory.of(vector.bytes("iv"));
                int bytes = aad.length + ciphertext.length + tag.length;
                long datagram = memory.room(bytes);
                put(datagram, aad, ciphertext, tag);
                long out = memory.room(message.length);
                assertEquals(
                        vector.valid(), cipher.open(key, nonce, datagram, aad.length, ciphertext.length, out), which);
                if (vector.valid()) {
                    assertArrayEquals(message, TestMemory.bytes(out, message.length), which);
                    byte[] expected = TestMemory.bytes(datagram, bytes);
                    OffHeap.fill(datagram + aad.length, bytes - aad.length, 0x5a);
                    sealing.seal(key, nonce, datagram, aad.length, memory.of(message), message.length);
                    assertArrayEquals(expected, TestMemory.bytes(datagram, bytes), which);
                } else {
                    assertArrayEquals(new byte[message.length], TestMemory.bytes(out, message.length), which);
                }
            }
        }
    }

    /** The message stands for header and packet: cut where our header ends, or as close to it as it is long. */
    private static void gmac(Vector vector) {
        byte[] message = vector.bytes("msg");
        int headerBytes = Math.min(message.length, Suite.AES_128_GMAC.headerBytes());
        int plaintextBytes = message.length - headerBytes;
        for (CipherBackend backend : Backends.all()) {
            try (TestMemory memory = new TestMemory();
                    ExplicitNonceCipher cipher = Backends.cipher(backend, Suite.AES_128_GMAC)) {
                String which = backend.name() + ' ' + vector;
                long key = memory.of(vector.bytes("key"));
                long nonce = memory.of(vector.bytes("iv"));
                long datagram = memory.room(message.length + 16);
                put(datagram, message, vector.bytes("tag"));
                long out = memory.room(plaintextBytes);
                assertEquals(
                        vector.valid(), cipher.open(key, nonce, datagram, headerBytes, plaintextBytes, out), which);
                if (vector.valid()) {
                    byte[] expected = TestMemory.bytes(datagram, message.length + 16);
                    OffHeap.fill(datagram + headerBytes, plaintextBytes + 16, 0x5a);
                    byte[] plaintext = Arrays.copyOfRange(message, headerBytes, message.length);
                    cipher.seal(key, nonce, datagram, headerBytes, memory.of(plaintext), plaintextBytes);
                    assertArrayEquals(expected, TestMemory.bytes(datagram, message.length + 16), which);
                }
            }
        }
    }

    private static void put(long address, byte[]... parts) {
        long at = address;
        for (byte[] part : parts) {
            OffHeap.copy(part, 0, at, part.length);
            at += part.length;
        }
    }
}
