package org.culvert.core.replay;

/**
 * Which of the last 8192 numbers of one sender have been seen: RFC 6479's bitmap, used as a ring of 64-bit blocks, in
 * which moving on clears blocks instead of shifting bits. One block is always only partly in use, so that it is 8128
 * numbers back from the highest that are told apart for certain. One thread.
 */
final class ReplayWindow {
    static final int BITS = 8192;

    /** How far behind the highest a number may be and still be accepted. */
    static final int USABLE = BITS - Long.SIZE;

    private static final int BLOCKS = BITS / Long.SIZE; // a power of two: a block's place is the number's bits 6 to 12
    private static final int BLOCK_SHIFT = 6;

    private final long[] blocks = new long[BLOCKS];
    private long highest = -1;

    /** Whether the number was seen or is too old to tell. Changes nothing. */
    boolean isSeen(long number) {
        if (number > highest) {
            return false;
        }
        return highest - number > USABLE || (blocks[place(number)] & bit(number)) != 0;
    }

    /**
     * Marks a number as seen.
     *
     * @param number not negative
     * @return false when it was seen before or is too old to tell
     */
    boolean mark(long number) {
        if (isSeen(number)) {
            return false;
        }
        if (number > highest) {
            moveTo(number);
        }
        blocks[place(number)] |= bit(number);
        return true;
    }

    /** The highest number seen, -1 before the first. */
    long highest() {
        return highest;
    }

    /** Clears the blocks between the old highest number's and the new one's, which last held numbers 8192 and more back. */
    private void moveTo(long number) {
        long block = highest >> BLOCK_SHIFT;
        long last = number >> BLOCK_SHIFT;
        if (last - block > BLOCKS) {
            block = last - BLOCKS;
        }
        while (block < last) {
            block++;
            blocks[(int) block & (BLOCKS - 1)] = 0;
        }
        highest = number;
    }

    private static int place(long number) {
        return (int) (number >> BLOCK_SHIFT) & (BLOCKS - 1);
    }

    private static long bit(long number) {
        return 1L << number; // Java takes the low six bits of the distance
    }
}
