package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairSecretTest {
    private static final byte[] TOKYO = Golden.hex(Golden.TOKYO_ID);
    private static final byte[] BIRLINGHOVEN = Golden.hex(Golden.BIRLINGHOVEN_ID);

    @Test
    void x25519GivesTheSecretOfRfc7748() throws Exception {
        assertEquals(Golden.SHARED, Golden.hex(PairSecret.x25519(Golden.tokyoPrivate(), Golden.birlinghovenPublic())));
        assertEquals(Golden.SHARED, Golden.hex(PairSecret.x25519(Golden.birlinghovenPrivate(), Golden.tokyoPublic())));
    }

    @Test
    void bothSidesDeriveTheGoldenKeys() throws Exception {
        try (PairSecret atTokyo = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic());
                PairSecret atBirlinghoven = PairSecret.agree(Golden.birlinghovenPrivate(), Golden.tokyoPublic())) {
            for (Golden.Case golden : Golden.CASES) {
                for (PairSecret pair : new PairSecret[] {atTokyo, atBirlinghoven}) {
                    try (DirectionKeys keys = pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, golden.suite())) {
                        assertEquals(golden.wrapKey(), Golden.hex(keys.wrap().copy()), golden.suite() + " Kijn");
                        assertEquals(
                                golden.packetSecret(), Golden.hex(keys.packet().copy()), golden.suite() + " K2ijn");
                        assertEquals(golden.spi(), keys.spi(), golden.suite() + " SPI");
                        assertEquals(golden.spi(), pair.spi(TOKYO, BIRLINGHOVEN, Golden.N, golden.suite()));
                        assertEquals(golden.suite(), keys.suite());
                    }
                }
            }
        }
    }

    /** Without one the golden keys are what they were; with one both sides derive these, and whoever lacks it none of them. */
    @Test
    void aPreSharedKeyChangesAllOfThem() throws Exception {
        try (SecretBytes preShared = SecretBytes.taking(Golden.hex(Golden.PRE_SHARED));
                PairSecret atTokyo = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic(), preShared);
                PairSecret atBirlinghoven =
                        PairSecret.agree(Golden.birlinghovenPrivate(), Golden.tokyoPublic(), preShared)) {
            for (PairSecret pair : new PairSecret[] {atTokyo, atBirlinghoven}) {
                try (DirectionKeys keys = pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, Suite.AES_128_GCM)) {
                    assertEquals(Golden.PRE_SHARED_WRAP, Golden.hex(keys.wrap().copy()));
                    assertEquals(
                            Golden.PRE_SHARED_PACKET, Golden.hex(keys.packet().copy()));
                    assertEquals(Golden.PRE_SHARED_SPI, keys.spi());
                }
            }
        }
    }

    @Test
    void theOtherDirectionHasOtherKeys() throws Exception {
        try (PairSecret pair = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic());
                DirectionKeys back = pair.derive(BIRLINGHOVEN, TOKYO, Golden.N, Suite.AES_128_GCM)) {
            assertEquals(
                    "35f9c95828ef008d884bcb1c71ba5029a3bd4c7d313b9b3159e03d7868b9c813",
                    Golden.hex(back.wrap().copy()));
            assertEquals(
                    "adc64d1bce28ded2d742e5621fe924df26f4476b9caa769526a5ebc8c573118c",
                    Golden.hex(back.packet().copy()));
            assertEquals(0x8351197b, back.spi());
        }
    }

    /** Direction, hour and suite are each bound in: 2 x 3 x 4 sets of keys, two secrets each, none like another. */
    @Test
    void noTwoContextsShareAKey() throws Exception {
        Set<String> secrets = new HashSet<>();
        try (PairSecret pair = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic())) {
            for (Suite suite : Suite.values()) {
                for (int n = Golden.N - 1; n <= Golden.N + 1; n++) {
                    for (byte[][] way : new byte[][][] {{TOKYO, BIRLINGHOVEN}, {BIRLINGHOVEN, TOKYO}}) {
                        try (DirectionKeys keys = pair.derive(way[0], way[1], n, suite)) {
                            secrets.add(Golden.hex(keys.wrap().copy()));
                            secrets.add(Golden.hex(keys.packet().copy()));
                        }
                    }
                }
            }
        }
        assertEquals(2 * 2 * 3 * 4, secrets.size());
    }

    /** RFC 7748 section 6.1, and the points of Wycheproof's LowOrderPublic. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            })
    void refusesAPointOfLowOrder(String point) {
        PublicKey peer = Golden.publicKey(point);
        assertThrows(KeyAgreementException.class, () -> PairSecret.agree(Golden.tokyoPrivate(), peer));
    }

    @Test
    void refusesAnAllZeroResultWhateverTheProviderThinksOfIt() throws Exception {
        assertThrows(KeyAgreementException.class, () -> PairSecret.refuseAllZero(new byte[32]));
        byte[] lastBit = new byte[32];
        lastBit[31] = 1;
        PairSecret.refuseAllZero(lastBit);
    }

    @Test
    void refusesAKeyOfAnotherKind() throws Exception {
        PublicKey p256 = KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic();
        PublicKey x448 = KeyPairGenerator.getInstance("X448").generateKeyPair().getPublic();
        assertThrows(KeyAgreementException.class, () -> PairSecret.agree(Golden.tokyoPrivate(), p256));
        assertThrows(KeyAgreementException.class, () -> PairSecret.agree(Golden.tokyoPrivate(), x448));
    }

    @Test
    void refusesTwoEndsWithOneIdentity() throws Exception {
        try (PairSecret pair = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic())) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> pair.derive(TOKYO, TOKYO.clone(), Golden.N, Suite.AES_256_GCM));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> pair.derive(TOKYO, Arrays.copyOf(BIRLINGHOVEN, 31), Golden.N, Suite.AES_256_GCM));
        }
    }

    @Test
    void printsNoSecret() throws Exception {
        try (PairSecret pair = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic());
                DirectionKeys keys = pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, Suite.AES_128_GCM)) {
            assertEquals("PairSecret[redacted]", pair.toString());
            assertEquals("DirectionKeys[aes-128-gcm, spi 7e4609d0, redacted]", keys.toString());
        }
    }

    @Test
    void closingTheKeysClosesBothSecrets() throws Exception {
        try (PairSecret pair = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic())) {
            DirectionKeys keys = pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, Suite.AES_128_GCM);
            keys.close();
            assertThrows(IllegalStateException.class, () -> keys.wrap().copy());
            assertThrows(IllegalStateException.class, () -> keys.packet().copy());
        }
    }

    @Test
    void aClosedPairDerivesNothing() throws Exception {
        PairSecret pair = PairSecret.agree(Golden.tokyoPrivate(), Golden.birlinghovenPublic());
        pair.close();
        assertThrows(IllegalStateException.class, () -> pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, Suite.AES_128_GCM));
    }

    @Test
    void namesAndKeysOfTheGoldenGatewaysBelongTogether() {
        byte[] tokyo = HostIdentity.id("tokyo", Golden.tokyoPublic().getEncoded());
        byte[] birlinghoven =
                HostIdentity.id("birlinghoven", Golden.birlinghovenPublic().getEncoded());
        assertEquals(Golden.TOKYO_ID, Golden.hex(tokyo));
        assertEquals(Golden.BIRLINGHOVEN_ID, Golden.hex(birlinghoven));
        assertNotEquals(tokyo[0], birlinghoven[0]);
        assertFalse(Arrays.equals(TOKYO, BIRLINGHOVEN));
    }
}
