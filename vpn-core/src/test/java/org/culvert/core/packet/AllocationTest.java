package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

/** The path of a packet through this package makes no garbage. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int REPEATS = 300;

    private long written;

    @Test
    void cuttingAllocatesNothing() {
        Segmenter segmenter = new Segmenter();
        for (TestPacket packet : List.of(
                TestPacket.tcp4(TestPacket.payload(20_000, 1)),
                TestPacket.tcp6(TestPacket.payload(20_000, 1)),
                TestPacket.udp4(TestPacket.payload(20_000, 1)))) {
            byte[] read = KernelModel.readSuper(packet, 1_400);
            try (Region region = new Region(read.length)) {
                assertNoAllocation(() -> {
                    OffHeap.copy(read, 0, region.address(), read.length);
                    int segments = segmenter.begin(region.address(), read.length);
                    for (int i = 0; i < segments; i++) {
                        written += segmenter.segment(i) + segmenter.segmentBytes();
                    }
                });
            }
        }
    }

    @Test
    void mergingAllocatesNothing() {
        for (TestPacket packet : List.of(
                TestPacket.tcp4(TestPacket.payload(20_000, 1)),
                TestPacket.tcp6(TestPacket.payload(20_000, 1)),
                TestPacket.udp4(TestPacket.payload(20_000, 1)))) {
            List<byte[]> segments = KernelModel.segments(packet, 1_400).stream()
                    .map(segment -> segment.partial().bytes())
                    .toList();
            byte[][] packets = segments.toArray(byte[][]::new);
            try (Region region = new Region(packets.length * 2_048L);
                    Coalescer coalescer = new Coalescer((iovecs, count, bytes, n) -> written += bytes, true, true)) {
                assertNoAllocation(() -> {
                    for (int i = 0; i < packets.length; i++) {
                        OffHeap.copy(packets[i], 0, region.address() + i * 2_048L, packets[i].length);
                        add(coalescer, region.address() + i * 2_048L, packets[i].length, i % 3 != 0);
                    }
                    coalescer.flush();
                });
            }
        }
    }

    private static void add(Coalescer coalescer, long at, int bytes, boolean partial) {
        int version = IpPacket.check(at, bytes);
        long transport = IpPacket.transport(at, bytes, version);
        if (!partial) {
            Checksum.finish(at, bytes, transport);
        }
        coalescer.add(at, bytes, version, partial, transport);
    }

    /** Interpreted and compiled: what escape analysis removes would show in the first rounds. */
    private static void assertNoAllocation(Runnable path) {
        path.run(); // loads classes
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long measuring = THREADS.getCurrentThreadAllocatedBytes() - before;
        before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < REPEATS; i++) {
            path.run();
        }
        assertEquals(measuring, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
}
