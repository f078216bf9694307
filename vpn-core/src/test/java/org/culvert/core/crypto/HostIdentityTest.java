package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostIdentityTest {
    @Test
    void isTheGoldenHash() {
        byte[] spki = Golden.tokyoPublic().getEncoded();
        assertEquals(Golden.TOKYO_ID, Golden.hex(HostIdentity.id("tokyo", spki)));
        assertEquals(HostIdentity.BYTES, HostIdentity.id("tokyo", spki).length);
    }

    /** The length in front: without it "ab" with key "c.." and "a" with key "bc.." would be one identity. */
    @Test
    void aNameCannotBorrowBytesFromTheKey() {
        assertFalse(Arrays.equals(
                HostIdentity.id("ab", new byte[] {'c', 'd'}), HostIdentity.id("a", new byte[] {'b', 'c', 'd'})));
    }

    @Test
    void acceptsTheLongestNameAndNoLonger() {
        assertArrayEquals(
                HostIdentity.id("x".repeat(253), new byte[] {1}), HostIdentity.id("x".repeat(253), new byte[] {1}));
        assertThrows(IllegalArgumentException.class, () -> HostIdentity.id("x".repeat(254), new byte[] {1}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Tokyo", "tokyo ", "t\u00f6kyo", "to\u0000kyo", "tokyo\n", "TOKYO.example"})
    void refusesANameWithASecondSpelling(String name) {
        assertThrows(IllegalArgumentException.class, () -> HostIdentity.id(name, new byte[] {1}));
    }
}
