package org.culvert.core.packet;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Cutting a TCP super-packet and putting it together again, per packet. Payloads are never touched, so only headers are restored between runs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SegmentBenchmark {
    private static final int PACKETS = 44;
    private static final int SEGMENT_PAYLOAD_BYTES = 1368; // with 20 bytes IPv4, 20 TCP and 12 timestamps: 1420
    private static final int HEADER_BYTES = 52;
    private static final int STRIDE_BYTES = 1536;
    private static final byte[] TIMESTAMPS = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};

    private final Region memory = new Region(1 << 18);
    private final Region saved = new Region((PACKETS + 1) * 64L);
    private final long read = memory.address() + 64; // room for the inner word in front
    private final long segments = memory.address() + (1 << 17);
    private final Segmenter segmenter = new Segmenter();
    private final Coalescer coalescer = new Coalescer(this::take, true, true);
    private int readBytes;
    private int segmentBytes;
    private long written;

    @Setup
    public void prepare() {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(PACKETS * SEGMENT_PAYLOAD_BYTES, 1));
        packet.tcpOptions = TIMESTAMPS;
        byte[] superPacket = KernelModel.readSuper(packet, SEGMENT_PAYLOAD_BYTES);
        readBytes = superPacket.length;
        OffHeap.copy(superPacket, 0, read, readBytes);
        OffHeap.copy(read, saved.address(), VnetHeader.BYTES + HEADER_BYTES);

        List<TestPacket> cut = KernelModel.segments(packet, SEGMENT_PAYLOAD_BYTES);
        for (int i = 0; i < PACKETS; i++) {
            byte[] segment = cut.get(i).partial().bytes();
            segmentBytes = segment.length;
            OffHeap.copy(segment, 0, segments + (long) i * STRIDE_BYTES, segment.length);
            OffHeap.copy(segment, 0, saved.address() + (i + 1) * 64L, HEADER_BYTES);
        }
    }

    @TearDown
    public void close() {
        coalescer.close();
        saved.close();
        memory.close();
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public long cut() {
        OffHeap.copy(saved.address(), read, VnetHeader.BYTES + HEADER_BYTES);
        int count = segmenter.begin(read, readBytes);
        if (count != PACKETS) {
            throw new IllegalStateException("segments: " + count);
        }
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += segmenter.segment(i) + segmenter.segmentBytes();
        }
        return sum;
    }

    /** With the checks every opened packet goes through first. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public long merge() {
        written = 0;
        for (int i = 0; i < PACKETS; i++) {
            long packet = segments + (long) i * STRIDE_BYTES;
            OffHeap.copy(saved.address() + (i + 1) * 64L, packet, HEADER_BYTES);
            int version = IpPacket.check(packet, segmentBytes);
            coalescer.add(packet, segmentBytes, version, true, IpPacket.transport(packet, segmentBytes, version));
        }
        coalescer.flush();
        if (written != PACKETS) {
            throw new IllegalStateException("packets in the one write: " + written);
        }
        return written;
    }

    private void take(long iovecs, int count, int bytes, int packets) {
        written = written == 0 ? packets : -1;
    }
}
