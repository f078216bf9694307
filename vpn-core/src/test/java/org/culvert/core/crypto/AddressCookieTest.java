package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressCookieTest {
    private static final long START_NS = 91_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long LOW = 0xffff_c000_0202L;

    private final Random random = new Random(7);
    private final AddressCookie cookies = new AddressCookie(random::nextBytes, START_NS);

    @Test
    void vouchesForItsAddressAndPortAlone() {
        byte[] cookie = cookies.of(0, LOW, 1640, START_NS);
        assertTrue(cookies.vouches(cookie, 0, LOW, 1640, START_NS));
        assertFalse(cookies.vouches(cookie, 0, LOW + 1, 1640, START_NS));
        assertFalse(cookies.vouches(cookie, 1, LOW, 1640, START_NS));
        assertFalse(cookies.vouches(cookie, 0, LOW, 1641, START_NS));
        cookie[15] ^= 1;
        assertFalse(cookies.vouches(cookie, 0, LOW, 1640, START_NS));
        assertFalse(cookies.vouches(new byte[AddressCookie.BYTES], 0, LOW, 1640, START_NS));
    }

    /** Two minutes of being made, and two more of being accepted. */
    @Test
    void endsFourMinutesAfterItsSecretBegan() {
        byte[] cookie = cookies.of(0, LOW, 1640, START_NS + 119 * SECOND_NS);
        assertTrue(cookies.vouches(cookie, 0, LOW, 1640, START_NS + 125 * SECOND_NS));
        assertTrue(cookies.vouches(cookie, 0, LOW, 1640, START_NS + 239 * SECOND_NS));
        assertFalse(cookies.vouches(cookie, 0, LOW, 1640, START_NS + 246 * SECOND_NS));
    }

    @Test
    void endsWhenNobodyAskedForLong() {
        byte[] cookie = cookies.of(0, LOW, 1640, START_NS);
        assertFalse(cookies.vouches(cookie, 0, LOW, 1640, START_NS + 1_000 * SECOND_NS));
    }

    @Test
    void anotherGatewayDoesNotVouch() {
        byte[] cookie = cookies.of(0, LOW, 1640, START_NS);
        try (AddressCookie other = new AddressCookie(random::nextBytes, START_NS)) {
            assertFalse(other.vouches(cookie, 0, LOW, 1640, START_NS));
        }
    }
}
