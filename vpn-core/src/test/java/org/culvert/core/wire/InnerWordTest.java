package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InnerWordTest {
    @Test
    void packsTimePartialAndKindAsDrawn() {
        assertEquals(0x2468acf2, InnerWord.of(0x1234567, true, InnerWord.KIND_IPV6));
        assertEquals(0x2468ace1, InnerWord.of(0x1234567, false, InnerWord.KIND_IPV4));
    }

    /** The golden datagrams of doc/protocol.md: time 81234567, checksum complete, IPv4. */
    @Test
    void readsTheGoldenInnerWord() {
        assertEquals(81_234_567, InnerWord.time(0x9af150e1));
        assertFalse(InnerWord.partial(0x9af150e1));
        assertEquals(InnerWord.KIND_IPV4, InnerWord.kind(0x9af150e1));
    }

    @Test
    void unpacksWhatItPacked() {
        int word = InnerWord.of(SkipTime.TICKS_PER_HOUR - 1, true, InnerWord.KIND_IPV4);
        assertEquals(117_964_799, InnerWord.time(word));
        assertTrue(InnerWord.partial(word));
        assertEquals(1, InnerWord.kind(word));
        assertFalse(InnerWord.partial(InnerWord.of(5, false, 15)));
    }

    @Test
    void aTimeBeyondTheHourIsReadAsItStands() {
        assertEquals(134_217_727, InnerWord.time(-1));
        assertEquals(15, InnerWord.kind(-1));
    }
}
