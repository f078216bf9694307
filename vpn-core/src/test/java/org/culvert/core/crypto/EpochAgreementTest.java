package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.culvert.keymgmt.trust.KeyKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EpochAgreementTest {
    private static final byte[] TOKYO = Golden.hex(Golden.TOKYO_ID);
    private static final byte[] BIRLINGHOVEN = Golden.hex(Golden.BIRLINGHOVEN_ID);
    private static final SecureRandom RANDOM = new SecureRandom();

    /** RFC 7748 section 6.1, with the private half in our memory. */
    @Test
    void x25519GivesTheSecretOfRfc7748() throws Exception {
        byte[] scalar = Golden.hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        try (EpochSecret tokyo = EpochSecret.of(KeyKind.X25519, scalar, new byte[64])) {
            assertArrayEquals(new byte[32], scalar, "the array is zeroed");
            assertEquals(
                    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Golden.hex(tokyo.publicKey()));
            PublicHalf other = PublicHalf.of(
                    KeyKind.X25519, Golden.hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
            assertEquals(Golden.SHARED, Golden.hex(tokyo.agree(other)));
        }
    }

    /** RFC 5903 section 8.1. */
    @Test
    void p256GivesTheSecretOfRfc5903() throws Exception {
        byte[] scalar = Golden.hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
        try (EpochSecret tokyo = EpochSecret.of(KeyKind.P256, scalar, new byte[64])) {
            assertEquals(
                    "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
                            + "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
                    Golden.hex(tokyo.publicKey()));
            PublicHalf other = PublicHalf.of(
                    KeyKind.P256,
                    Golden.hex("d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"));
            assertEquals(
                    "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de", Golden.hex(tokyo.agree(other)));
        }
    }

    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void bothSidesHaveTheSameKeysAndEachInputCounts(KeyKind kind) throws Exception {
        KeyPair staticA = generate(kind);
        KeyPair staticB = generate(kind);
        byte[] transcript = {3, 1, 4, 1, 5};
        try (EpochSecret epochA = EpochSecret.draw(kind, RANDOM);
                EpochSecret epochB = EpochSecret.draw(kind, RANDOM);
                Encapsulated kem = Encapsulated.to(epochA.kemKey(), RANDOM);
                SecretBytes atA = epochA.decapsulate(kem.ciphertext())) {
            PublicHalf publicA = PublicHalf.ofSpki(staticA.getPublic().getEncoded());
            PublicHalf publicB = PublicHalf.ofSpki(staticB.getPublic().getEncoded());
            PublicHalf freshA = PublicHalf.of(kind, epochA.publicKey());
            PublicHalf freshB = PublicHalf.of(kind, epochB.publicKey());
            EpochAgreement ofA = new EpochAgreement(true, staticA.getPrivate(), epochA);
            EpochAgreement ofB = new EpochAgreement(false, staticB.getPrivate(), epochB);

            String keys = keys(ofA.with(publicB, freshB, transcript, atA, null));
            assertEquals(keys, keys(ofB.with(publicA, freshA, transcript, kem.secret(), null)));
            assertNotEquals(keys, keys(ofB.with(publicA, freshA, transcript, null, null)), "the KEM");
            assertNotEquals(keys, keys(ofB.with(publicA, freshA, new byte[] {3, 1, 4, 1, 6}, kem.secret(), null)));
            try (SecretBytes psk = SecretBytes.taking(new byte[32])) {
                String withPsk = keys(ofA.with(publicB, freshB, transcript, atA, psk));
                assertNotEquals(keys, withPsk);
                assertEquals(withPsk, keys(ofB.with(publicA, freshA, transcript, kem.secret(), psk)));
            }
            PublicHalf stranger = PublicHalf.ofSpki(generate(kind).getPublic().getEncoded());
            assertNotEquals(keys, keys(ofA.with(stranger, freshB, transcript, atA, null)), "their static key");
            assertNotEquals(keys, keys(ofA.with(publicB, stranger, transcript, atA, null)), "their epoch key");
        }
    }

    /** The thief of a's static key can give himself an epoch key of "b", but not a proof: he lacks b's static or a's epoch key. */
    @Test
    void theThiefOfOurStaticKeyCannotPoseAsThePeer() throws Exception {
        KeyPair ours = generate(KeyKind.X25519);
        KeyPair theirs = generate(KeyKind.X25519);
        byte[] transcript = {2, 7, 1, 8};
        try (EpochSecret epochOfOurs = EpochSecret.draw(KeyKind.X25519, RANDOM);
                EpochSecret thiefsEpoch = EpochSecret.draw(KeyKind.X25519, RANDOM)) {
            PublicHalf theirStatic = PublicHalf.ofSpki(theirs.getPublic().getEncoded());
            PublicHalf thiefs = PublicHalf.of(KeyKind.X25519, thiefsEpoch.publicKey());
            PublicHalf ourEpoch = PublicHalf.of(KeyKind.X25519, epochOfOurs.publicKey());
            String real = keys(
                    new EpochAgreement(true, ours.getPrivate(), epochOfOurs).with(theirStatic, thiefs, transcript));
            // All that he can compute has our static key in the place of theirs somewhere.
            PublicHalf ourStatic = PublicHalf.ofSpki(ours.getPublic().getEncoded());
            assertNotEquals(
                    real,
                    keys(new EpochAgreement(true, ours.getPrivate(), thiefsEpoch)
                            .with(theirStatic, ourEpoch, transcript)));
            assertNotEquals(
                    real,
                    keys(new EpochAgreement(false, ours.getPrivate(), thiefsEpoch)
                            .with(ourStatic, ourEpoch, transcript)));
        }
    }

    @Test
    void theProofIsOfOneDirection() throws Exception {
        KeyPair staticA = generate(KeyKind.X25519);
        KeyPair staticB = generate(KeyKind.X25519);
        try (EpochSecret epochA = EpochSecret.draw(KeyKind.X25519, RANDOM);
                EpochSecret epochB = EpochSecret.draw(KeyKind.X25519, RANDOM);
                PairSecret pair = new EpochAgreement(true, staticA.getPrivate(), epochA)
                        .with(
                                PublicHalf.ofSpki(staticB.getPublic().getEncoded()),
                                PublicHalf.of(KeyKind.X25519, epochB.publicKey()),
                                new byte[32])) {
            byte[] proof = pair.proof(TOKYO, BIRLINGHOVEN);
            assertEquals(16, proof.length);
            assertFalse(Arrays.equals(proof, pair.proof(BIRLINGHOVEN, TOKYO)));
        }
    }

    @Test
    void refusesKeysThatGiveTheSecretAway() throws Exception {
        assertThrows(KeyAgreementException.class, () -> PublicHalf.of(KeyKind.P256, new byte[64]));
        assertThrows(KeyAgreementException.class, () -> PublicHalf.of(KeyKind.X25519, new byte[31]));
        try (EpochSecret epoch = EpochSecret.draw(KeyKind.X25519, RANDOM)) {
            byte[] lowOrder = Golden.hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
            assertThrows(KeyAgreementException.class, () -> epoch.agree(PublicHalf.of(KeyKind.X25519, lowOrder)));
            assertThrows(KeyAgreementException.class, () -> epoch.decapsulate(new byte[1087]));
            assertThrows(KeyAgreementException.class, () -> PublicHalf.of(KeyKind.X25519, lowOrder), "before any DH");
        }
        assertThrows(KeyAgreementException.class, () -> Encapsulated.to(new byte[1183], RANDOM));
        byte[] beyondModulus = new byte[1184];
        Arrays.fill(beyondModulus, (byte) 0xff);
        assertThrows(KeyAgreementException.class, () -> Encapsulated.to(beyondModulus, RANDOM));
    }

    @Test
    void nothingIsLeftAfterTheEpoch() throws Exception {
        EpochSecret epoch = EpochSecret.draw(KeyKind.X25519, RANDOM);
        PublicHalf peer = PublicHalf.ofSpki(generate(KeyKind.X25519).getPublic().getEncoded());
        epoch.close();
        assertThrows(IllegalStateException.class, () -> epoch.agree(peer));
        assertThrows(IllegalStateException.class, () -> epoch.decapsulate(new byte[1088]));
    }

    private static String keys(PairSecret pair) {
        try (pair;
                DirectionKeys keys = pair.derive(TOKYO, BIRLINGHOVEN, Golden.N, Suite.AES_128_GCM)) {
            return Golden.hex(keys.wrap().copy()) + Golden.hex(keys.packet().copy()) + keys.spi();
        }
    }

    private static KeyPair generate(KeyKind kind) throws Exception {
        if (kind == KeyKind.X25519) {
            return KeyPairGenerator.getInstance("X25519").generateKeyPair();
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
