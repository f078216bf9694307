package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** What the tests are checked against is what doc/protocol.md tells other implementers. */
class DocumentedValuesTest {
    private final String protocol =
            Files.readString(Path.of("doc", "protocol.md")).replaceAll("\\s", "");

    DocumentedValuesTest() throws IOException {}

    @Test
    void protocolHasEveryGoldenValue() {
        documented(Golden.TOKYO_ID);
        documented(Golden.BIRLINGHOVEN_ID);
        documented(Golden.SHARED);
        documented("n" + Golden.N);
        documented("packetnumber" + Golden.COUNT);
        documented(Golden.TRAFFIC_KEY);
        documented(Golden.PLAINTEXT.substring(8));
        documented(Golden.KEPT_DATAGRAM);
        documented("PSK" + Golden.PRE_SHARED);
        documented("Kijn" + Golden.PRE_SHARED_WRAP + "K2ijn" + Golden.PRE_SHARED_PACKET + "SPI"
                + HexFormat.of().toHexDigits(Golden.PRE_SHARED_SPI));
        for (Golden.Case golden : Golden.CASES) {
            documented(golden.wrapKey());
            documented(golden.packetSecret());
            documented("SPI" + HexFormat.of().toHexDigits(golden.spi()));
            documented("wrappedkey" + golden.wrapped());
            documented("packetkey" + golden.packetKey());
            documented("datagram" + golden.datagram());
        }
    }

    @Test
    void protocolHasTheGoldenValuesOfP256() {
        for (String value : new String[] {
            GoldenP256.TOKYO_PRIVATE + "x" + GoldenP256.TOKYO_X + "y" + GoldenP256.TOKYO_Y + "id" + GoldenP256.TOKYO_ID,
            GoldenP256.BIRLINGHOVEN_PRIVATE + "x" + GoldenP256.BIRLINGHOVEN_X + "y" + GoldenP256.BIRLINGHOVEN_Y + "id"
                    + GoldenP256.BIRLINGHOVEN_ID,
            "shared" + GoldenP256.SHARED,
            "Kijn" + GoldenP256.WRAP + "K2ijn" + GoldenP256.PACKET + "SPI"
                    + HexFormat.of().toHexDigits(GoldenP256.SPI),
            "Kijn" + GoldenP256.BACK_WRAP + "K2ijn" + GoldenP256.BACK_PACKET + "SPI"
                    + HexFormat.of().toHexDigits(GoldenP256.BACK_SPI)
        }) {
            documented(value);
        }
    }

    @Test
    void protocolHasEverySuite() {
        for (Suite suite : Suite.values()) {
            documented("|" + suite.code() + "|`" + suite.label() + "`|" + suite.keyBytes() + "bytes|");
        }
    }

    private void documented(String value) {
        assertTrue(protocol.contains(value), "doc/protocol.md lacks " + value);
    }
}
