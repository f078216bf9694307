package org.culvert.core.packet;

import org.culvert.tun.memory.Region;

/**
 * Merges packets that follow each other in one TCP or UDP flow into super-packets, so that the kernel sees one where the
 * LAN sent forty, and gives everything to a {@link Sink} in order. One thread. What may be merged is said in
 * {@link Run}: only what the kernel's segmentation turns back into the same packets.
 *
 * <p>Order inside a flow is never changed: a packet that does not fit its flow's run is written after it. Flows may pass
 * each other, but whatever cannot be told to belong to one (ICMP, fragments, other protocols) passes nobody: all runs
 * are written first.
 */
public final class Coalescer implements AutoCloseable {
    /** Where the packets go: one writev per call. */
    public interface Sink {
        /**
         * Writes one packet or super-packet.
         *
         * @param iovecs address of {@code struct iovec[]}, valid during the call: the virtio_net_hdr first if there is one
         * @param packetBytes lengths of the packets added, summed: what counters want
         * @param packets how many added packets that is
         */
        void write(long iovecs, int count, int packetBytes, int packets);
    }

    /** Flows with a run open at once. A batch holds at most 64 packets; with more flows than this it has little to merge. */
    static final int MAX_FLOWS = 8;

    private final Sink sink;
    private final boolean vnetHeader;
    private final boolean udpSegments;
    private final Region memory = new Region((MAX_FLOWS + 1) * Run.MEMORY_BYTES);

    /** The open ones first, oldest in front; the others are spare. */
    private final Run[] runs = new Run[MAX_FLOWS];

    private int open;

    /** For packets that are written at once. */
    private final Run alone;

    /**
     * Begins with nothing held.
     *
     * @param vnetHeader whether the TUN takes a virtio_net_hdr; without, nothing is merged and partial checksums are
     *     finished here
     * @param udpSegments whether the TUN takes UDP super-packets
     */
    public Coalescer(Sink sink, boolean vnetHeader, boolean udpSegments) {
        this.sink = sink;
        this.vnetHeader = vnetHeader;
        this.udpSegments = udpSegments;
        for (int i = 0; i < MAX_FLOWS; i++) {
            runs[i] = new Run(memory.address() + i * Run.MEMORY_BYTES);
        }
        alone = new Run(memory.address() + MAX_FLOWS * Run.MEMORY_BYTES);
    }

    /**
     * Takes a packet and may keep it until {@link #flush()}: its bytes stay where they are until then and may be changed.
     *
     * @param packet passed {@link IpPacket#check}, which said {@code version}
     * @param partial whether its transport checksum is partial; only with a transport
     * @param transport what {@link IpPacket#transport} said
     */
    public void add(long packet, int bytes, int version, boolean partial, long transport) {
        if (!vnetHeader) {
            writePlain(packet, bytes, partial, transport);
        } else if (transport == 0) {
            flush();
            writeAlone(packet, bytes, version, partial, transport);
        } else {
            addToFlow(packet, bytes, version, partial, transport);
        }
    }

    private void addToFlow(long packet, int bytes, int version, boolean partial, long transport) {
        int at = find(packet, version, transport);
        int headerBytes = mergeableHeaderBytes(packet, bytes, version, transport);
        if (at >= 0) {
            if (headerBytes != 0 && runs[at].append(packet, bytes, partial, headerBytes)) {
                if (runs[at].complete()) {
                    write(at);
                }
                return;
            }
            write(at);
        }
        if (headerBytes == 0 || Run.ends(packet, transport)) {
            writeAlone(packet, bytes, version, partial, transport);
        } else {
            openRun().begin(packet, bytes, version, partial, transport, headerBytes);
        }
    }

    /** The flow's run, looking at the newest first: most packets follow the one before. */
    private int find(long packet, int version, long transport) {
        for (int i = open - 1; i >= 0; i--) {
            if (runs[i].isOfFlow(packet, version, transport)) {
                return i;
            }
        }
        return -1;
    }

    private int mergeableHeaderBytes(long packet, int bytes, int version, long transport) {
        if (IpPacket.protocol(transport) == IpPacket.UDP && !udpSegments) {
            return 0;
        }
        return Run.mergeableHeaderBytes(packet, bytes, version, transport);
    }

    private Run openRun() {
        if (open == MAX_FLOWS) {
            write(0);
        }
        return runs[open++];
    }

    /** Writes a run and moves it behind the open ones. */
    private void write(int at) {
        Run run = runs[at];
        open--;
        System.arraycopy(runs, at + 1, runs, at, open - at);
        runs[open] = run;
        run.write(sink);
    }

    private void writeAlone(long packet, int bytes, int version, boolean partial, long transport) {
        alone.begin(packet, bytes, version, partial, transport, 0);
        alone.write(sink);
    }

    private void writePlain(long packet, int bytes, boolean partial, long transport) {
        if (partial) {
            Checksum.finish(packet, bytes, transport);
        }
        alone.writePlain(sink, packet, bytes);
    }

    /** Writes everything that is held, oldest flow first. */
    public void flush() {
        while (open > 0) {
            write(0);
        }
    }

    /** Frees its memory; what is held is not written. */
    @Override
    public void close() {
        memory.close();
    }
}
