package org.culvert.core.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Two gateways whose keys and datagrams are written down in doc/protocol.md. Every value there was computed by another
 * implementation (Python's hmac and cryptography packages), so these tests do not compare our code with itself.
 *
 * <p>The X25519 keys are those of RFC 7748 section 6.1: tokyo has Alice's, birlinghoven Bob's.
 */
final class Golden {
    static final String TOKYO_ID = "9d4f1b6dcaa12fdf714bb4a5b07b0c63fc3ddf9c6a45d00f528f510634e7b6f2";
    static final String BIRLINGHOVEN_ID = "0676e4467990bf7ea67c7219d74cc5c423ab7156454cec9f30dd659c00ff3f6b";
    static final String SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    static final int N = 276_101;

    static final int INSTANCE = 0xa1b2;
    static final long COUNT = 9_942_000_123_456_789L;
    static final String TRAFFIC_KEY = "1f2e3d4c5b6a798897a6b5c4d3e2f10fc0d1e2f30415263748596a7b8c9dae60";
    /** Inner word (time 81,234,567; checksum complete; IPv4) and a UDP packet from 10.1.0.7 to 10.2.0.9. */
    static final String PLAINTEXT =
            "9af150e1" + "4500002304d240003f1122e60a0100070a020009" + "9c410035000fa5e863756c76657274";

    private static final String PKCS8 = "302e020100300506032b656e04220420";
    private static final String SPKI = "302a300506032b656e032100";

    private Golden() {}

    /** 32 bytes that both were given, and what they make of suite 1, from tokyo to birlinghoven. */
    static final String PRE_SHARED = "515e6b7885929facb9c6d3e0edfa0714212e3b4855626f7c8996a3b0bdcad7e4";

    static final String PRE_SHARED_WRAP = "306edc8ed89e801737985dadcc458088369d6f1be35b697c89cb2dc924435b47";
    static final String PRE_SHARED_PACKET = "1cbce446bcbb295372760b55f34b65589ce1e1875a61b04802767d537d8ca279";
    static final int PRE_SHARED_SPI = 0x40011100;

    /** One suite's values from tokyo to birlinghoven. */
    record Case(
            Suite suite,
            int lane,
            String wrapKey,
            String packetSecret,
            int spi,
            String wrapped,
            String packetKey,
            String datagram) {
        long packetNumber() {
            return (long) lane << 60 | COUNT;
        }
    }

    static final Case[] CASES = {
        new Case(
                Suite.AES_128_GCM,
                0,
                "f59abe8814bbeeaa9c555db8b21bb4ad7e9176dcca835173c87fd422ffe7e5af",
                "803c0c3b7afdc315ca9f04574de5d37226a4651f9abd11db12630c25f6c56c62",
                0x7e4609d0,
                "74888bd5ec03d430f47caeb601ed2937",
                "77cbe6cd1c3930521da611cf1f982253",
                "1101a1b27e4609d00023523249b72d1574888bd5ec03d430f47caeb601ed2937"
                        + "5703523460c912a0d01856ccb0ece2918c5ed4d92ecc96ba808348fe8583bae06d7b1e48e6b7bb"
                        + "1ccf47f6e3abd4be7a8dc377eb55fb62"),
        new Case(
                Suite.AES_256_GCM,
                3,
                "311d3bfbd1ba50f425cc5ed9e3ec0927293727609efe327e6d609691dc85344f",
                "efea25b73a56a30b237faf0a589b1ef8c3339e7216c42fee79024bdb9cb391dc",
                0x3eaf9276,
                "6120dcdd5a859a12359d95abdf3491f1c5c5cac57f98f0e4a101f4706c4e1114",
                "b94f675fc33f60b6fa339f4e83a4a76788d959aac984ca6d6bb9507977d8050f",
                "1102a1b23eaf92763023523249b72d15"
                        + "6120dcdd5a859a12359d95abdf3491f1c5c5cac57f98f0e4a101f4706c4e1114"
                        + "d7c4020f56924a9a50f67db44c87b51a4d1c659cf2ea2d374d82d97d5d1d4c25d8b5200ac8ca54"
                        + "743e79093cd9d9b1e1db634e07f5e5bf"),
        new Case(
                Suite.CHACHA20_POLY1305,
                0,
                "cb0e02f2b6e99247ee67ea5862c428e36e47d80944f6457a1f2d6f3517b78dad",
                "2bff3084d64ec532f7085bef602a312a191d6276a42042fd3a4aaaaf5fc28520",
                0xceb1b458,
                "c96152d2ebd59e8bb8388851d62f9b6c2120b686e669a1f428371d042f132990",
                "3366f9565b28c4e0e54402f4878c80634891ccee7f1460f8ba29a1ce438e8111",
                "1103a1b2ceb1b4580023523249b72d15"
                        + "c96152d2ebd59e8bb8388851d62f9b6c2120b686e669a1f428371d042f132990"
                        + "c23ee593a23396a440c1d07524dc03b9896cb3bf64cf58938d9e88e908da17ce886442d769fd22"
                        + "4d0a04aef2d5347dc574a360211c7507"),
        new Case(
                Suite.AES_128_GMAC,
                0,
                "1e87df06fc161af4086621c1f4bc649c5d300dd7d16003ce4d3630894672b05d",
                "38f12364aca746c6d4f11215679779574daeb32d588dbccf1a4913a58b56010c",
                0x44ba9640,
                "39844e87370b52ede7afd237e12ebd94",
                "a9f771fda47f23995aa9194b808082fc",
                "1104a1b244ba96400023523249b72d1539844e87370b52ede7afd237e12ebd94"
                        + PLAINTEXT
                        + "8211ead5dba85c067735ef2a6daa6edb"),
    };

    /** The first case as wire type 2: sealed with the traffic key itself. */
    static final String KEPT_DATAGRAM = "1201a1b27e4609d00023523249b72d1574888bd5ec03d430f47caeb601ed2937"
            + "fbc64059aff7c7cb0ae07b58956de10af165e141f7599f1ad3cfbf298b33a16d6429b76b8b1fb7"
            + "f988d69d49bb54823b77e54b839c3993";

    static PrivateKey tokyoPrivate() {
        return privateKey("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    }

    static PublicKey tokyoPublic() {
        return publicKey("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    }

    static PrivateKey birlinghovenPrivate() {
        return privateKey("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    }

    static PublicKey birlinghovenPublic() {
        return publicKey("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    }

    static PrivateKey privateKey(String raw) {
        try {
            return KeyFactory.getInstance("X25519").generatePrivate(new PKCS8EncodedKeySpec(hex(PKCS8 + raw)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static PublicKey publicKey(String raw) {
        try {
            return KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(hex(SPKI + raw)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The keys of one direction as the golden values have them. */
    static DirectionKeys directionKeys(Case golden) {
        return new DirectionKeys(
                golden.suite,
                golden.spi,
                SecretBytes.taking(hex(golden.wrapKey)),
                SecretBytes.taking(hex(golden.packetSecret)));
    }

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
