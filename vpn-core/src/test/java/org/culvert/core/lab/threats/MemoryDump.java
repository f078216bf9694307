package org.culvert.core.lab.threats;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** All memory that a process may write to and not execute, as root reads it: heap, stacks, and what it has allocated beside them. */
final class MemoryDump {
    static final int WINDOW_BYTES = 32;

    /** Of 32 random bytes fewer are different once in a thousand times. */
    private static final int LEAST_DIFFERENT = 25;

    private static final int CHUNK_BYTES = 4 << 20;
    private static final int KNOWN_BY_BYTES = 16;

    private final List<byte[]> chunks = new ArrayList<>();
    private long bytes;

    private MemoryDump() {}

    static MemoryDump of(long pid) throws IOException {
        MemoryDump dump = new MemoryDump();
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                String[] words = line.split(" +");
                if (words[1].startsWith("rw-")) {
                    String[] range = words[0].split("-");
                    dump.read(memory, Long.parseLong(range[0], 16), Long.parseLong(range[1], 16));
                }
            }
        }
        return dump;
    }

    private void read(RandomAccessFile memory, long from, long to) throws IOException {
        for (long at = from; at < to; at += CHUNK_BYTES) {
            // What stands on the border of two chunks is in the first.
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES + 2 * WINDOW_BYTES, to - at)];
            memory.seek(at);
            int length = memory.read(chunk);
            if (length == chunk.length && !isZero(chunk)) {
                chunks.add(chunk);
                bytes += length;
            }
        }
    }

    long bytes() {
        return bytes;
    }

    /** Shows each place that may hold 32 random bytes: aligned as memory is allocated, and of many different bytes. */
    void candidates(Consumer<byte[]> each) {
        for (byte[] chunk : chunks) {
            for (int at = 0; at + 2 * WINDOW_BYTES <= chunk.length; at += 8) {
                if (mayBeRandom(chunk, at)) {
                    each.accept(Arrays.copyOfRange(chunk, at, at + 2 * WINDOW_BYTES));
                }
            }
        }
    }

    private static boolean mayBeRandom(byte[] chunk, int at) {
        long[] seen = new long[4];
        int different = 0;
        for (int i = 0; i < WINDOW_BYTES; i++) {
            int value = chunk[at + i] & 0xff;
            long bit = 1L << (value & 63);
            different += (seen[value >>> 6] & bit) == 0 ? 1 : 0;
            seen[value >>> 6] |= bit;
            if (i - different >= WINDOW_BYTES - LEAST_DIFFERENT) {
                return false;
            }
        }
        return true;
    }

    /** How often each of these secrets is there, by its first 16 bytes, wherever it begins. Those that are not there are left out. */
    Map<String, Integer> holds(Map<String, byte[]> secrets) {
        Map<Integer, Map<String, byte[]>> byBeginning = new HashMap<>();
        boolean[] begins = new boolean[1 << 16];
        secrets.forEach((name, secret) -> {
            int beginning = (secret[0] & 0xff) << 8 | secret[1] & 0xff;
            begins[beginning] = true;
            byBeginning.computeIfAbsent(beginning, none -> new HashMap<>()).put(name, secret);
        });
        Map<String, Integer> found = new TreeMap<>();
        for (byte[] chunk : chunks) {
            int end = Math.min(chunk.length - KNOWN_BY_BYTES, CHUNK_BYTES);
            for (int at = 0; at < end; at++) {
                int beginning = (chunk[at] & 0xff) << 8 | chunk[at + 1] & 0xff;
                if (begins[beginning]) {
                    int place = at;
                    byBeginning.get(beginning).forEach((name, secret) -> {
                        if (stands(secret, chunk, place)) {
                            found.merge(name, 1, Integer::sum);
                        }
                    });
                }
            }
        }
        return found;
    }

    private static boolean stands(byte[] secret, byte[] chunk, int at) {
        for (int i = 0; i < KNOWN_BY_BYTES; i++) {
            if (chunk[at + i] != secret[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(byte[] chunk) {
        for (byte b : chunk) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
