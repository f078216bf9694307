package org.culvert.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneLineTest {
    @Test
    void leavesOrdinaryTextAlone() {
        String text = "peer köln-東京 \"x\\y\" 10.1.0.0/24";
        assertSame(text, OneLine.of(text));
    }

    @ParameterizedTest
    @CsvSource({
        "000a, \\n", // forges a second log line
        "000d, \\r", // overwrites the line
        "0009, \\t",
        "0000, \\u{0}",
        "001b, \\u{1b}", // ESC: ANSI sequences
        "007f, \\u{7f}",
        "009b, \\u{9b}", // CSI in one character
        "0085, \\u{85}", // next line
        "2028, \\u{2028}",
        "2029, \\u{2029}",
        "202e, \\u{202e}", // right-to-left override
        "2066, \\u{2066}",
        "200b, \\u{200b}", // zero width
        "feff, \\u{feff}",
        "e0041, \\u{e0041}", // tag
        "e000, \\u{e000}", // private use
        "d800, \\u{d800}" // half a surrogate pair
    })
    void escapesWhatCouldLeaveTheLine(String hex, String escape) {
        String hostile = new StringBuilder("a")
                .appendCodePoint(Integer.parseInt(hex, 16))
                .append('b')
                .toString();
        assertEquals("a" + escape + "b", OneLine.of(hostile));
    }

    @Test
    void cutsAtTheLimitAndShowsIt() {
        assertEquals("abcdefgh", OneLine.of("abcdefgh", 8));
        assertEquals("abcde...", OneLine.of("abcdefghi", 8));
        assertEquals("\\n\\n...", OneLine.of("\n\n\n\n\n\n\n", 7));
    }

    @Test
    void doesNotCutACharacterInHalf() {
        assertEquals("abc...", OneLine.of("abc\ud83d\ude80\ud83d\ude80\ud83d\ude80", 7));
    }

    @Test
    void isOneBoundedLineWhateverComes() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append((char) (random.nextBoolean() ? random.nextInt(0x100) : random.nextInt(0x10000)));
            }
            String line = OneLine.of(text.toString(), 40);
            assertTrue(line.length() <= 40, "seed " + seed);
            assertFalse(
                    line.chars().anyMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029),
                    "seed " + seed);
        }
    }
}
