package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SecretBytesTest {
    @Test
    void takingZeroesTheArrayItCameIn() {
        byte[] array = {7, 1, 9, 4};
        try (SecretBytes secret = SecretBytes.taking(array)) {
            assertArrayEquals(new byte[4], array);
            assertArrayEquals(new byte[] {7, 1, 9, 4}, secret.copy());
        }
    }

    @Test
    void equalsComparesContents() {
        try (SecretBytes a = SecretBytes.taking(new byte[] {7, 1, 9});
                SecretBytes same = SecretBytes.taking(new byte[] {7, 1, 9});
                SecretBytes first = SecretBytes.taking(new byte[] {6, 1, 9});
                SecretBytes last = SecretBytes.taking(new byte[] {7, 1, 8});
                SecretBytes longer = SecretBytes.taking(new byte[] {7, 1, 9, 0})) {
            assertEquals(a, same);
            assertEquals(a.hashCode(), same.hashCode());
            assertNotEquals(a, first);
            assertNotEquals(a, last);
            assertNotEquals(a, longer);
            assertNotEquals(a, "7, 1, 9");
        }
    }

    @Test
    void toStringShowsNothing() {
        try (SecretBytes secret = SecretBytes.taking(new byte[] {0x5e, 0x4b})) {
            assertFalse(secret.toString().contains("5e"), secret.toString());
            assertFalse(secret.toString().contains("94"), secret.toString());
        }
    }

    @Test
    void cannotBeReadOnceClosed() {
        SecretBytes secret = SecretBytes.taking(new byte[] {3});
        secret.close();
        secret.close();
        assertThrows(IllegalStateException.class, secret::copy);
        try (SecretBytes other = SecretBytes.taking(new byte[] {3})) {
            assertThrows(IllegalStateException.class, () -> other.equals(secret));
        }
    }
}
