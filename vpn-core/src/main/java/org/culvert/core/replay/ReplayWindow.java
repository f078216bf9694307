package org.culvert.core.replay;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which of the last 8192 numbers of one sender have been seen. A ring of words, each for 16 neighbouring numbers: the lap around the
 * ring that it speaks of (48 bits), and which of the 16 were seen on it. A word changes by one compare-and-set, so any number of
 * threads may mark, and no two of them are told that one number is new. RFC 6479's bitmap cannot have that: it clears what it moves
 * over in a second step. Here a number of a later lap takes the word over, and one of an earlier lap is then too old to tell.
 *
 * <p>One thread is told exactly what RFC 6479 would tell it: 8128 numbers back from the highest are told apart. Several threads may
 * see the highest number fall back for as long as they overtake each other; nothing that was seen becomes new by that.
 */
final class ReplayWindow {
    static final int BITS = 8192;

    /** How far behind the highest a number may be and still be accepted. */
    static final int USABLE = BITS - Long.SIZE;

    private static final int WORD_SHIFT = 4; // 16 numbers in a word
    private static final int WORDS = BITS >> WORD_SHIFT; // a power of two
    private static final int LAP_SHIFT = 13; // 8192 numbers in a lap; a number has 60 bits, so a lap has 47
    private static final int SEEN_BITS = 16;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle HIGHEST;

    static {
        try {
            HIGHEST = MethodHandles.lookup().findVarHandle(ReplayWindow.class, "highest", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] words = new long[WORDS];

    @SuppressWarnings("UnusedVariable") // through HIGHEST
    private long highest = -1;

    /** Whether the number was seen or is too old to tell. Changes nothing. */
    boolean isSeen(long number) {
        long top = highest();
        if (number > top) {
            return false;
        }
        long word = (long) WORD.getOpaque(words, place(number));
        return top - number > USABLE || lapOf(word) > lap(number) || marked(word, number) == word;
    }

    /**
     * Marks a number as seen.
     *
     * @param number not negative, 60 bits
     * @return false when it was seen before or is too old to tell
     */
    boolean mark(long number) {
        long top = highest();
        if (top - number > USABLE) {
            return false;
        }
        int place = place(number);
        long word;
        long next;
        do {
            word = (long) WORD.getOpaque(words, place);
            next = marked(word, number);
            if (lapOf(word) > lap(number) || next == word) {
                return false;
            }
        } while (!WORD.compareAndSet(words, place, word, next));
        if (number > top) {
            HIGHEST.setOpaque(this, number);
        }
        return true;
    }

    /** The highest number seen, -1 before the first. */
    long highest() {
        return (long) HIGHEST.getOpaque(this);
    }

    /** What the word becomes when the number is marked, which is of the same lap or of a later one. */
    private static long marked(long word, long number) {
        long kept = lapOf(word) == lap(number) ? word : lap(number) << SEEN_BITS;
        return kept | 1L << (number & (SEEN_BITS - 1));
    }

    private static long lapOf(long word) {
        return word >>> SEEN_BITS;
    }

    private static long lap(long number) {
        return number >>> LAP_SHIFT;
    }

    private static int place(long number) {
        return (int) (number >> WORD_SHIFT) & (WORDS - 1);
    }
}
