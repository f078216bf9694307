package org.culvert.core.crypto;

import static org.culvert.core.crypto.Golden.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Published answers, through every backend: the GCM specification's test cases, NIST's GMAC and RFC 8439. */
class KnownAnswerTest {
    private static final String GCM_PLAINTEXT = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
    private static final String GCM_AAD = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    private static final String GCM_KEY = "feffe9928665731c6d6a8f9467308308";
    private static final String GCM_NONCE = "cafebabefacedbaddecaf888";
    private static final String GCM_128_CIPHERTEXT = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985";
    private static final String GCM_256_CIPHERTEXT = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";

    private record Case(
            String name, Suite suite, String key, String nonce, String aad, String plaintext, String sealed) {}

    private static final List<Case> CASES = List.of(
            new Case(
                    "GCM test case 1",
                    Suite.AES_128_GCM,
                    "00".repeat(16),
                    "00".repeat(12),
                    "",
                    "",
                    "58e2fccefa7e3061367f1d57a4e7455a"),
            new Case(
                    "GCM test case 2",
                    Suite.AES_128_GCM,
                    "00".repeat(16),
                    "00".repeat(12),
                    "",
                    "00".repeat(16),
                    "0388dace60b6a392f328c2b971b2fe78" + "ab6e47d42cec13bdf53a67b21257bddf"),
            new Case(
                    "GCM test case 3",
                    Suite.AES_128_GCM,
                    GCM_KEY,
                    GCM_NONCE,
                    "",
                    GCM_PLAINTEXT,
                    GCM_128_CIPHERTEXT + "4d5c2af327cd64a62cf35abd2ba6fab4"),
            new Case(
                    "GCM test case 4",
                    Suite.AES_128_GCM,
                    GCM_KEY,
                    GCM_NONCE,
                    GCM_AAD,
                    GCM_PLAINTEXT.substring(0, 120),
                    GCM_128_CIPHERTEXT.substring(0, 120) + "5bc94fbc3221a5db94fae95ae7121a47"),
            new Case(
                    "GCM test case 13",
                    Suite.AES_256_GCM,
                    "00".repeat(32),
                    "00".repeat(12),
                    "",
                    "",
                    "530f8afbc74536b9a963b4f1c4cb738b"),
            new Case(
                    "GCM test case 14",
                    Suite.AES_256_GCM,
                    "00".repeat(32),
                    "00".repeat(12),
                    "",
                    "00".repeat(16),
                    "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"),
            new Case(
                    "GCM test case 15",
                    Suite.AES_256_GCM,
                    GCM_KEY + GCM_KEY,
                    GCM_NONCE,
                    "",
                    GCM_PLAINTEXT,
                    GCM_256_CIPHERTEXT + "b094dac5d93471bdec1a502270e3cc6c"),
            new Case(
                    "GCM test case 16",
                    Suite.AES_256_GCM,
                    GCM_KEY + GCM_KEY,
                    GCM_NONCE,
                    GCM_AAD,
                    GCM_PLAINTEXT.substring(0, 120),
                    GCM_256_CIPHERTEXT.substring(0, 120) + "76fc6ece0f4e1768cddf8853bb2d551b"),
            // NIST CAVP gcmEncryptExtIV128, [PTlen = 0, AADlen = 128], count 0: here half of it is our "header"
            new Case(
                    "NIST GMAC",
                    Suite.AES_128_GMAC,
                    "77be63708971c4e240d1cb79e8d77feb",
                    "e0e00f19fed7ba0136a797f3",
                    "7a43ec1d9c0a5a78",
                    "a0b16533a6213cab",
                    "a0b16533a6213cab" + "209fcc8d3675ed938e9c7166709dd946"),
            new Case(
                    "RFC 8439 section 2.8.2",
                    Suite.CHACHA20_POLY1305,
                    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
                    "070000004041424344454647",
                    "50515253c0c1c2c3c4c5c6c7",
                    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20"
                            + "4966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f722074686520"
                            + "6675747572652c2073756e73637265656e20776f756c642062652069742e",
                    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fa"
                            + "fb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4"
                            + "fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116"
                            + "1ae10b594f09e26a7e902ecbd0600691"));

    @TestFactory
    List<DynamicTest> everyBackendGivesThem() {
        return Backends.all().stream()
                .flatMap(backend -> CASES.stream()
                        .map(known -> DynamicTest.dynamicTest(
                                backend.name() + ", " + known.name, () -> check(backend, known))))
                .toList();
    }

    private static void check(CipherBackend backend, Case known) {
        byte[] aad = hex(known.aad);
        byte[] plaintext = hex(known.plaintext);
        try (TestMemory memory = new TestMemory();
                ExplicitNonceCipher cipher = Backends.cipher(backend, known.suite)) {
            long key = memory.of(hex(known.key));
            long nonce = memory.of(hex(known.nonce));
            long datagram = memory.room(aad.length + plaintext.length + 16);
            org.culvert.tun.memory.OffHeap.copy(aad, 0, datagram, aad.length);
            cipher.seal(key, nonce, datagram, aad.length, memory.of(plaintext), plaintext.length);
            assertEquals(known.aad + known.sealed, hex(TestMemory.bytes(datagram, aad.length + plaintext.length + 16)));
            long out = memory.room(plaintext.length);
            assertTrue(cipher.open(key, nonce, datagram, aad.length, plaintext.length, out));
            assertEquals(known.plaintext, hex(TestMemory.bytes(out, plaintext.length)));
        }
    }
}
