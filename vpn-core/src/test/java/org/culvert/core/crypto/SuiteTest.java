package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SuiteTest {
    @Test
    void codesAndLabelsAreThoseOfTheProtocol() {
        assertEquals(
                "1 aes-128-gcm, 2 aes-256-gcm, 3 chacha20-poly1305, 4 aes-128-gmac",
                Stream.of(Suite.values())
                        .map(suite -> suite.code() + " " + suite.label())
                        .reduce((a, b) -> a + ", " + b)
                        .orElseThrow());
    }

    @Test
    void everyCodeAndLabelLeadsBackToItsSuiteAndNoOtherLeadsAnywhere() {
        for (Suite suite : Suite.values()) {
            assertSame(suite, Suite.ofCode(suite.code()));
            assertEquals(Optional.of(suite), Suite.ofLabel(suite.label()));
        }
        for (int code : new int[] {-1, 0, 5, 255, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertNull(Suite.ofCode(code), "code " + code);
        }
        assertEquals(Optional.empty(), Suite.ofLabel("AES-128-GCM"));
        assertEquals(Optional.empty(), Suite.ofLabel(""));
    }

    @Test
    void overheadIsHeaderInnerWordAndTag() {
        assertEquals(52, Suite.AES_128_GCM.overheadBytes());
        assertEquals(68, Suite.AES_256_GCM.overheadBytes());
        assertEquals(68, Suite.CHACHA20_POLY1305.overheadBytes());
        assertEquals(52, Suite.AES_128_GMAC.overheadBytes());
        assertEquals(48, Suite.AES_256_GCM.headerBytes());
    }

    @Test
    void onlyGmacLeavesThePacketInClear() {
        for (Suite suite : Suite.values()) {
            assertEquals(suite != Suite.AES_128_GMAC, suite.encrypts(), suite.label());
        }
    }
}
