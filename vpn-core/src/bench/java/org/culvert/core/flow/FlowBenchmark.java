package org.culvert.core.flow;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.SystemRandom;
import org.culvert.tun.Tun;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The whole way of a packet in our code, without the kernel: {@link Outbound} reads super-packets of TCP, seals and sends them; "through"
 * has {@link Inbound} of the other gateway receive, open and write them too. Per packet of 1,400 bytes, in batches of one super-packet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FlowBenchmark {
    private static final int PACKETS = 44;
    private static final int PAYLOAD_BYTES = 1360; // with 20 bytes IPv4 and 20 TCP: 1400
    private static final String FROM = "10.1.0.5";
    private static final String TO = "10.2.0.9";
    private static final long START = 276_540L * SkipTime.TICKS_PER_HOUR + 40_123_457L;

    @Param({"ipsec-mb", "null"})
    private String backend;

    private final Region wire = new Region(1 << 16);
    private final Region superPacket = new Region(1 << 16);
    private int superBytes;
    private int wireBytes;
    private int wireStep;
    private boolean offered;
    private boolean arrived;
    private long delivered;
    private TestGateway tokyo;
    private TestGateway bonn;
    private Outbound outbound;
    private Inbound inbound;

    @Setup
    public void prepare() throws Exception {
        System.setProperty(CipherChoice.BENCHMARK_PROPERTY, "true");
        TestClock clock = new TestClock(START);
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(bonn);
        bonn.knows(tokyo);
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
        Map<Suite, CipherBackend> backends = new EnumMap<>(Suite.class);
        for (Suite suite : Suite.values()) {
            backends.put(suite, CipherChoice.choose(backend).backend(suite));
        }
        Wire near = new Wire(bonn.address);
        Wire far = new Wire(tokyo.address);
        outbound = new Outbound(
                new Lane(0, near, near.link, List.of(near)),
                tokyo.published,
                clock,
                backends,
                tokyo.unattributed,
                SystemRandom::fill);
        inbound = new Inbound(
                new Lane(0, far, far.link, List.of(far)),
                bonn.published,
                clock,
                backends,
                bonn.unattributed,
                SystemRandom::fill);
        byte[] packet = Packets.tcpSuper(FROM, TO, PAYLOAD_BYTES, PACKETS * PAYLOAD_BYTES);
        superBytes = packet.length;
        OffHeap.copy(packet, 0, superPacket.address(), superBytes);
        if (through() == 0) {
            throw new IllegalStateException("nothing was delivered");
        }
    }

    @TearDown
    public void close() {
        outbound.close();
        inbound.close();
        tokyo.close();
        bonn.close();
        superPacket.close();
        wire.close();
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public int out() {
        offered = true;
        while (outbound.runOnce()) {}
        return wireBytes;
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public long through() {
        out();
        arrived = true;
        long before = delivered;
        while (inbound.runOnce()) {}
        if (delivered - before < PACKETS * PAYLOAD_BYTES) {
            throw new IllegalStateException("only " + (delivered - before) + " bytes were delivered");
        }
        return delivered;
    }

    /** TUN and socket of one gateway: what is sent lies in {@link #wire}, what is written to the TUN is gone. */
    private final class Wire implements Tun {
        final Link link = new Link();
        private final Endpoint peer;

        Wire(Endpoint peer) {
            this.peer = peer;
        }

        @Override
        public String name() {
            return "bench0";
        }

        @Override
        public boolean vnetHeader() {
            return true;
        }

        @Override
        public boolean udpSegments() {
            return true;
        }

        @Override
        public int read(long address, int capacityBytes) {
            if (!offered) {
                return -Errno.EAGAIN;
            }
            offered = false;
            OffHeap.copy(superPacket.address(), address, superBytes);
            return superBytes;
        }

        @Override
        public int write(long iovecs, int count) {
            int bytes = 0;
            for (int i = 0; i < count; i++) {
                bytes += (int) OffHeap.nativeI64(iovecs + 16L * i + 8);
            }
            delivered += bytes;
            return bytes;
        }

        @Override
        public boolean awaitReadable(int timeoutMs) {
            return false;
        }

        @Override
        public void wake() {}

        @Override
        public void close() {}

        private final class Link implements UdpLink {
            @Override
            public int send(Endpoint to, long address, int bytes, int segmentBytes) {
                OffHeap.copy(address, wire.address(), bytes);
                wireBytes = bytes;
                wireStep = segmentBytes;
                return bytes;
            }

            @Override
            public int sendAside(Endpoint to, long address, int bytes) {
                return bytes;
            }

            @Override
            public int receive(long address, int capacityBytes, Datagrams into) {
                if (!arrived) {
                    return -Errno.EAGAIN;
                }
                arrived = false;
                OffHeap.copy(wire.address(), address, wireBytes);
                into.trafficClass = 0;
                into.segmentBytes = wireStep;
                into.remoteHigh = peer.remoteHigh();
                into.remoteLow = peer.remoteLow();
                into.remotePort = peer.remotePort();
                into.remoteScope = peer.remoteScope();
                return wireBytes;
            }

            @Override
            public void fragmentation(Fragmentation mode) {}

            @Override
            public void trafficClass(int bits) {}

            @Override
            public boolean segmentation() {
                return true;
            }

            @Override
            public void segmentationOff() {}

            @Override
            public boolean awaitReadable(int timeoutMs) {
                return false;
            }

            @Override
            public void wake() {}

            @Override
            public boolean awaitWritable(int timeoutMs) {
                return true;
            }

            @Override
            public int port() {
                return 1640;
            }

            @Override
            public void close() {}
        }
    }
}
