package org.culvert.core.peer;

import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Immutable hash table from SPI to key. SPIs are 32 pseudorandom bits, so two keys may share one: walk all candidates with
 * {@code for (int s = first(spi); s >= 0; s = after(s, spi))}. Linear probing at a load of at most one half; a lookup allocates
 * nothing, and since SPIs are computed under secret keys a stranger cannot choose colliding ones.
 */
public final class SpiTable<E> {
    private final int mask;
    private final int[] spis;
    private final @Nullable Object[] entries;

    public SpiTable(List<? extends E> entries, ToIntFunction<? super E> spiOf) {
        int capacity = Math.max(4, Integer.highestOneBit(Math.max(1, entries.size()) * 4 - 1));
        this.mask = capacity - 1;
        this.spis = new int[capacity];
        this.entries = new Object[capacity];
        for (E entry : entries) {
            int slot = spiOf.applyAsInt(entry) & mask;
            while (this.entries[slot] != null) {
                slot = (slot + 1) & mask;
            }
            this.spis[slot] = spiOf.applyAsInt(entry);
            this.entries[slot] = entry;
        }
    }

    /** The slot of the first candidate, or -1. */
    public int first(int spi) {
        return probe(spi & mask, spi);
    }

    /** The slot of the next candidate behind {@code slot}, or -1. */
    public int after(int slot, int spi) {
        return probe((slot + 1) & mask, spi);
    }

    /** What stands in a slot that {@link #first} or {@link #after} gave. */
    @SuppressWarnings({"unchecked", "NullAway"}) // only E goes in, and both methods give occupied slots only
    public E at(int slot) {
        return (E) entries[slot];
    }

    private int probe(int start, int spi) {
        int slot = start;
        while (entries[slot] != null) {
            if (spis[slot] == spi) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
        return -1;
    }
}
