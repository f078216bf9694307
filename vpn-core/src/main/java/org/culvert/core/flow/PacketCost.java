package org.culvert.core.flow;

import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * What a packet costs its flow thread: the time from one batch to the next, or to the moment the thread goes to wait, divided by the
 * packets of the batch, system calls included. One clock reading per batch, and one when the thread goes idle; nothing is allocated. The
 * flow thread records; any other thread reads, and what was recorded never goes away.
 */
public final class PacketCost {
    /** Longer is a machine that was suspended. */
    private static final long MOST_NS = 1_000_000_000L;

    /** Two digits are enough to tell 1.0 from 1.1 us, in 20 KB. */
    private static final int DIGITS = 2;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(MOST_NS, DIGITS);
    private final Histogram total = new Histogram(MOST_NS, DIGITS);

    private long batchNs;
    private int batchPackets;

    /** Flow thread: a batch is at hand. */
    void batchBegins(long nowNs) {
        record(nowNs);
        batchNs = nowNs;
    }

    /** Flow thread: so many packets (datagrams) were in the batch. */
    void batchHad(int packets) {
        batchPackets = packets;
    }

    /** Flow thread: nothing is at hand, the thread is about to wait. */
    void waits(Clock clock) {
        if (batchPackets > 0) {
            record(clock.nanoTime());
        }
    }

    private void record(long nowNs) {
        if (batchPackets > 0) {
            recorder.recordValue(Math.clamp((nowNs - batchNs) / batchPackets, 0, MOST_NS));
            batchPackets = 0;
        }
    }

    /** Of several threads together. */
    public static Histogram total(Stream<PacketCost> threads) {
        Histogram sum = new Histogram(MOST_NS, DIGITS);
        threads.forEach(thread -> sum.add(thread.total()));
        return sum;
    }

    /** All batches since the start, in ns per packet: a copy. */
    public synchronized Histogram total() {
        total.add(recorder.getIntervalHistogram());
        return total.copy();
    }
}
