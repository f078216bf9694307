package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.culvert.core.demo.Requirements;
import org.culvert.tun.LinuxTun;
import org.culvert.tun.TunOptions;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * The model of the kernel against the kernel: super-packets go into one TUN, Linux routes them to another that knows no
 * offload, and what comes out is what Linux cut and whose checksums Linux finished. All in a network namespace that lasts
 * as long as the thread.
 */
@Tag("lab")
class LinuxSegmentsLabTest {
    private static final int CLONE_NEWNET = 0x40000000; // linux/sched.h
    private static final int TIMEOUT_MS = 20_000;

    @BeforeAll
    static void require() throws Exception {
        Optional<String> missing = Requirements.missing();
        if ("true".equals(System.getenv("CI"))) {
            assertEquals(Optional.empty(), missing);
        }
        assumeTrue(missing.isEmpty(), missing::toString);
    }

    @Test
    void linuxCutsWhatWasMergedIntoWhatCameIn() throws Throwable {
        inNamespace(() -> {
            try (Router router = new Router()) {
                for (TestPacket first : kinds()) {
                    for (int payloadBytes : new int[] {33, 536, 1400}) {
                        first.payload = TestPacket.payload(payloadBytes, 1);
                        assertSameAfterLinux(router, stream(first, 40, payloadBytes - 7));
                        assertSameAfterLinux(router, stream(first, 2, payloadBytes));
                        assertSameAfterLinux(router, stream(first, 1, 0));
                    }
                }
            }
        });
    }

    private static void assertSameAfterLinux(Router router, List<TestPacket> stream) throws Exception {
        for (int i = 0; i < stream.size(); i++) {
            stream.get(i).partial = i % 3 == 0;
        }
        int writes = router.merge(stream);
        assertEquals(1, writes, "writes for " + stream.getFirst());
        List<byte[]> expected =
                stream.stream().map(LinuxSegmentsLabTest::forwarded).toList();
        router.assertDelivered(expected, stream.getFirst().toString());
    }

    /** A fixed identification, which counts up afterwards: the one thing that is not the same. */
    @Test
    void linuxCountsUpAFixedIdentification() throws Throwable {
        inNamespace(() -> {
            try (Router router = new Router()) {
                List<TestPacket> stream = stream(TestPacket.udp4(TestPacket.payload(500, 1)), 5, 500);
                stream.forEach(packet -> packet.id = 0);
                assertEquals(1, router.merge(stream));
                List<byte[]> expected = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    stream.get(i).id = i;
                    expected.add(forwarded(stream.get(i)));
                }
                router.assertDelivered(expected, "fixed identification");
            }
        });
    }

    @Test
    void segmenterCutsAsLinuxCuts() throws Throwable {
        inNamespace(() -> {
            try (Router router = new Router()) {
                for (TestPacket packet : superPackets()) {
                    // Linux refuses UDP super-packets of more than 128 segments (UDP_MAX_SEGMENTS; once 64)
                    int smallest = packet.protocol == IpPacket.UDP ? 400 : 100;
                    for (int gsoSize : new int[] {smallest, 999, 1400}) {
                        assertCutAlike(router, packet, gsoSize);
                    }
                }
            }
        });
    }

    private static void assertCutAlike(Router router, TestPacket packet, int gsoSize) {
        byte[] read = KernelModel.readSuper(packet, gsoSize);
        if ((packet.flags & TestPacket.CWR) != 0) {
            read[1] |= (byte) KernelModel.ECN;
        }
        router.write(read);
        TestPacket forwarded = packet.copy();
        forwarded.hopLimit--;
        router.assertDelivered(cut(KernelModel.readSuper(forwarded, gsoSize)), packet + " gso_size " + gsoSize);
    }

    /** By our own segmenter, checksums finished. */
    private static List<byte[]> cut(byte[] read) {
        List<byte[]> segments = new ArrayList<>();
        Segmenter segmenter = new Segmenter();
        try (Region region = new Region(read.length)) {
            OffHeap.copy(read, 0, region.address(), read.length);
            int count = segmenter.begin(region.address(), read.length);
            for (int i = 0; i < count; i++) {
                long at = segmenter.segment(i);
                byte[] segment = new byte[segmenter.segmentBytes()];
                OffHeap.copy(at, segment, 0, segment.length);
                long transport = IpPacket.transport(at, segment.length, segmenter.version());
                KernelModel.finish(segment, IpPacket.start(transport), IpPacket.checksumField(transport));
                segments.add(segment);
            }
        }
        return segments;
    }

    private static List<TestPacket> kinds() {
        byte[] timestamps = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
        TestPacket push = TestPacket.tcp4();
        push.flags |= TestPacket.PSH; // on the last
        push.tcpOptions = timestamps;
        TestPacket mayFragment = TestPacket.udp4();
        mayFragment.fragment = 0;
        return List.of(TestPacket.tcp4(), TestPacket.tcp6(), TestPacket.udp4(), TestPacket.udp6(), push, mayFragment);
    }

    private static List<TestPacket> superPackets() {
        byte[] payload = TestPacket.payload(20_003, 2);
        TestPacket flags = TestPacket.tcp4(payload);
        flags.flags |= TestPacket.FIN | TestPacket.PSH | TestPacket.ECE;
        TestPacket cwr = TestPacket.tcp6(payload);
        cwr.flags |= TestPacket.CWR | TestPacket.PSH;
        TestPacket options = TestPacket.tcp4(payload);
        options.ipv4Options = new byte[] {1, 1, 1, 0};
        options.tcpOptions = new byte[] {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
        TestPacket wrap = TestPacket.udp4(payload);
        wrap.id = 0xfffe;
        return List.of(
                TestPacket.tcp4(payload),
                TestPacket.tcp6(payload),
                TestPacket.udp4(payload),
                TestPacket.udp6(payload),
                flags,
                cwr,
                options,
                wrap);
    }

    private static List<TestPacket> stream(TestPacket first, int count, int lastBytes) {
        List<TestPacket> stream = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TestPacket packet = first.copy();
            packet.payload = TestPacket.payload(i == count - 1 ? lastBytes : first.payload.length, i);
            packet.sequence += i * first.payload.length;
            packet.id += i;
            packet.flags = i == count - 1 ? first.flags : first.flags & ~TestPacket.PSH;
            stream.add(packet);
        }
        return stream;
    }

    private static byte[] forwarded(TestPacket packet) {
        TestPacket forwarded = packet.copy();
        forwarded.hopLimit--;
        forwarded.partial = false;
        return forwarded.bytes();
    }

    private static void inNamespace(Executable test) throws Throwable {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                assertEquals(0, unshare(), "unshare");
                test.execute();
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        thread.start();
        thread.join();
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    @SuppressWarnings("restricted")
    private static int unshare() throws Throwable {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        return (int)
                linker.downcallHandle(linker.defaultLookup().find("unshare").orElseThrow(), type)
                        .invokeExact(CLONE_NEWNET);
    }

    /** Two TUN devices and Linux between them. */
    private static final class Router implements AutoCloseable {
        private static final int READ_BYTES = 65_600;

        private final LinuxTun in;
        private final LinuxTun out;
        private final Region memory = new Region(READ_BYTES);
        private final Region packets = new Region(64 * 2_048);
        private final Region iovec = new Region(16);

        Router() throws Exception {
            in = LinuxTun.open(new TunOptions("in0", true, true, true, false));
            out = LinuxTun.open(new TunOptions("out0", false, false, false, false));
            assertTrue(in.udpSegments(), "this kernel has no USO");
            for (String command : List.of(
                    "link set lo up",
                    "link set in0 addrgenmode none up",
                    "link set out0 addrgenmode none up",
                    "address add 10.1.2.1/24 dev in0",
                    "address add 10.7.8.1/24 dev out0",
                    "address add 2001:db8:1:203::1/64 dev in0 nodad",
                    "address add 2001:db8:4d:102::1/64 dev out0 nodad")) {
                ip(command);
            }
            Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
        }

        private static void ip(String arguments) throws Exception {
            Process process = new ProcessBuilder(("ip " + arguments).split(" "))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes());
            assertEquals(0, process.waitFor(), "ip " + arguments + ": " + said);
        }

        /** Through a coalescer. @return the number of writes */
        int merge(List<TestPacket> stream) {
            int[] writes = {0};
            Coalescer.Sink sink = (iovecs, count, bytes, n) -> {
                assertTrue(in.write(iovecs, count) > 0, "the kernel refuses it");
                writes[0]++;
            };
            try (Coalescer coalescer = new Coalescer(sink, true, true)) {
                for (int i = 0; i < stream.size(); i++) {
                    byte[] packet = stream.get(i).bytes();
                    long at = packets.address() + i * 2_048L;
                    OffHeap.copy(packet, 0, at, packet.length);
                    int version = IpPacket.check(at, packet.length);
                    long transport = IpPacket.transport(at, packet.length, version);
                    coalescer.add(at, packet.length, version, stream.get(i).partial, transport);
                }
                coalescer.flush();
            }
            return writes[0];
        }

        void write(byte[] read) {
            OffHeap.copy(read, 0, memory.address(), read.length);
            OffHeap.putNativeI64(iovec.address(), memory.address());
            OffHeap.putNativeI64(iovec.address() + 8, read.length);
            assertEquals(read.length, in.write(iovec.address(), 1), "the kernel refuses it");
        }

        void assertDelivered(List<byte[]> expected, String what) {
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), next(what), what + " packet " + i);
            }
        }

        /** The next packet that is not the kernel's own talk. */
        private byte[] next(String what) {
            while (true) {
                int bytes = out.read(memory.address(), READ_BYTES);
                if (bytes < 0) {
                    assertTrue(out.awaitReadable(TIMEOUT_MS), what + ": nothing came out of the kernel");
                } else if (isTest(bytes)) {
                    byte[] packet = new byte[bytes];
                    OffHeap.copy(memory.address(), packet, 0, bytes);
                    return packet;
                }
            }
        }

        private boolean isTest(int bytes) {
            int version = IpPacket.check(memory.address(), bytes);
            return version > 0 && IpPacket.transport(memory.address(), bytes, version) != 0;
        }

        @Override
        public void close() {
            in.close();
            out.close();
            memory.close();
            packets.close();
            iovec.close();
        }
    }
}
