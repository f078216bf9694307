package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairSecretP256Test {
    private static final byte[] TOKYO = Golden.hex(GoldenP256.TOKYO_ID);
    private static final byte[] BIRLINGHOVEN = Golden.hex(GoldenP256.BIRLINGHOVEN_ID);

    @Test
    void ecdhGivesTheSecretOfRfc5903() throws Exception {
        assertEquals(
                GoldenP256.SHARED,
                Golden.hex(PairSecret.p256(GoldenP256.tokyoPrivate(), GoldenP256.birlinghovenPublic())));
        assertEquals(
                GoldenP256.SHARED,
                Golden.hex(PairSecret.p256(GoldenP256.birlinghovenPrivate(), GoldenP256.tokyoPublic())));
    }

    @Test
    void bothSidesDeriveTheGoldenKeysOfBothDirections() throws Exception {
        try (PairSecret atTokyo = PairSecret.agree(GoldenP256.tokyoPrivate(), GoldenP256.birlinghovenPublic());
                PairSecret atBirlinghoven =
                        PairSecret.agree(GoldenP256.birlinghovenPrivate(), GoldenP256.tokyoPublic())) {
            for (PairSecret pair : new PairSecret[] {atTokyo, atBirlinghoven}) {
                try (DirectionKeys there = pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, Suite.AES_128_GCM);
                        DirectionKeys back = pair.derive(BIRLINGHOVEN, TOKYO, Golden.N, Suite.AES_128_GCM)) {
                    assertEquals(GoldenP256.WRAP, Golden.hex(there.wrap().copy()));
                    assertEquals(GoldenP256.PACKET, Golden.hex(there.packet().copy()));
                    assertEquals(GoldenP256.SPI, there.spi());
                    assertEquals(GoldenP256.BACK_WRAP, Golden.hex(back.wrap().copy()));
                    assertEquals(
                            GoldenP256.BACK_PACKET, Golden.hex(back.packet().copy()));
                    assertEquals(GoldenP256.BACK_SPI, back.spi());
                }
            }
        }
    }

    @Test
    void identitiesCarryTheKindOfKey() {
        assertEquals(
                GoldenP256.TOKYO_ID,
                Golden.hex(HostIdentity.id("tokyo", GoldenP256.tokyoPublic().getEncoded())));
        assertEquals(
                GoldenP256.BIRLINGHOVEN_ID,
                Golden.hex(HostIdentity.id(
                        "birlinghoven", GoldenP256.birlinghovenPublic().getEncoded())));
    }

    /** Off the curve by one bit; x and y swapped; the origin; y beyond p: what an invalid-curve attack sends. */
    @ParameterizedTest
    @CsvSource({
        "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63,"
                + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872aa",
        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab,"
                + "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
        "00,00"
    })
    void refusesAPointOffTheCurve(String x, String y) {
        PublicKey peer = GoldenP256.publicKey(x, y);
        var refusal =
                assertThrows(KeyAgreementException.class, () -> PairSecret.agree(GoldenP256.tokyoPrivate(), peer));
        assertTrue(refusal.getMessage().contains("not a point of the curve"), refusal.getMessage());
    }

    @Test
    void refusesAKeyOfAnotherKind() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        PublicKey p384 = generator.generateKeyPair().getPublic();
        for (PublicKey other : new PublicKey[] {Golden.birlinghovenPublic(), p384}) {
            var refusal =
                    assertThrows(KeyAgreementException.class, () -> PairSecret.agree(GoldenP256.tokyoPrivate(), other));
            assertTrue(refusal.getMessage().contains("the peer's is not"), refusal.getMessage());
        }
        assertThrows(
                KeyAgreementException.class,
                () -> PairSecret.agree(Golden.tokyoPrivate(), GoldenP256.birlinghovenPublic()));
    }
}
