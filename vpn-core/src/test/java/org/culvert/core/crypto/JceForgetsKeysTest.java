package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK's ciphers keep of a key is found in a dump of all objects that are in use, wherever in the JDK it is. */
class JceForgetsKeysTest {
    /** The complement of what each key begins with, so that this class does not hold it. */
    private static final long NOT_THE_BEGINNING = 0x1998_0225_5ca1_ab1eL;

    private static final int PLAINTEXT_BYTES = 77;
    private static final int ROOM = 1024;

    private final TestMemory memory = new TestMemory();
    private final List<PacketCipher> ciphers = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        ciphers.forEach(PacketCipher::close);
        memory.close();
    }

    /** Sealing and opening differ: that no nonce is used twice the JDK sees to by keeping the key that it sealed with last. */
    @Test
    void nothingInUseHoldsAKeyOnceToldToForget() throws IOException {
        for (Suite suite : Suite.values()) {
            sealAndOpen(suite);
        }
        assertEquals(EnumSet.allOf(Suite.class), suitesWithAKeyInUse("before"), "a blind test");
        ciphers.forEach(PacketCipher::forget);
        assertEquals(Set.of(), suitesWithAKeyInUse("after"));
    }

    private void sealAndOpen(Suite suite) {
        long key = memory.room(suite.keyBytes());
        OffHeap.fill(key, suite.keyBytes(), suite.ordinal());
        for (int i = 0; i < Long.BYTES; i++) {
            OffHeap.putU8(key + i, (int) (~NOT_THE_BEGINNING >>> 8 * (Long.BYTES - 1 - i)) & 0xff);
        }
        long datagram = memory.room(ROOM);
        PacketCipher sealing = new JceBackend().cipher(suite);
        PacketCipher opening = new JceBackend().cipher(suite);
        ciphers.addAll(List.of(sealing, opening));
        int bytes = sealing.seal(key, datagram, memory.room(ROOM), PLAINTEXT_BYTES);
        assertEquals(PLAINTEXT_BYTES, opening.open(key, datagram, bytes, memory.room(ROOM)));
    }

    /** As bytes, which are also the big-endian words of a key schedule of AES, or as the little-endian words of ChaCha20's state. */
    private Set<Suite> suitesWithAKeyInUse(String name) throws IOException {
        Path dump = folder.resolve(name + ".hprof");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(dump.toString(), true);
        Set<Suite> found = EnumSet.noneOf(Suite.class);
        try (FileChannel file = FileChannel.open(dump)) {
            MappedByteBuffer heap = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            for (int at = 0; at <= heap.limit() - 2 * Long.BYTES; at++) {
                long word = heap.getLong(at);
                if (word == ~NOT_THE_BEGINNING || word == swappedWords(~NOT_THE_BEGINNING)) {
                    found.add(Suite.values()[heap.get(at + Long.BYTES)]);
                }
            }
        }
        return found;
    }

    private static long swappedWords(long value) {
        return Long.rotateLeft(Long.reverseBytes(value), Integer.SIZE);
    }
}
