package org.culvert.core.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SipHashTest {
    /** The authors' table vectors_sip64, entry for 40 bytes: key 00 to 0f, message 00 to 27. */
    @Test
    void isSipHash24() {
        SipHash hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        assertEquals(
                0x0e3ea96b5304a7d0L,
                hash.of(
                        0x0706050403020100L,
                        0x0f0e0d0c0b0a0908L,
                        0x1716151413121110L,
                        0x1f1e1d1c1b1a1918L,
                        0x2726252423222120L));
    }
}
