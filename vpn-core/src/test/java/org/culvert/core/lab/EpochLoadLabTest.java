package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Frames;
import org.culvert.core.demo.Namespace;
import org.culvert.tun.PacketCapture;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Epochs change while TCP fills the tunnel both ways and numbered datagrams run beside it. Every packet that one gateway sealed the other
 * delivered, unless the kernel says that it dropped it: none is refused, for whatever reason.
 */
@Tag("alone")
class EpochLoadLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FEW = 10; // datagrams
    private static final int FRAME_BYTES = 1 << 17;
    private static final int DATA_BYTES = 500; // no control message of an idle moment is as long

    private Process server;
    private Process client;
    private NumberedFlow out;
    private NumberedFlow back;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "iperf3", "ss/iproute2"};
    }

    @Override
    void prepare() {}

    @AfterEach
    void stop() throws Exception {
        for (Process process : List.of(client, server)) {
            process.destroy();
        }
        tokyo.daemon().close();
        birlinghoven.daemon().close();
    }

    /**
     * An epoch that is reckoned by another length when little of it is left has its successor at once: so nobody needs to wait for the
     * change. The gateways change one after the other.
     */
    @Test
    void aChangeOfEpochOfEitherSideLosesNothing() throws Exception {
        start("1m");
        load();
        Moment begun = now("before");
        pass(2);
        Moment before = now("first change");
        assertChanges(() -> lengthen(tokyo));
        pass(2);
        Moment first = now("second change");
        assertChanges(() -> lengthen(birlinghoven));
        pass(2);
        Moment second = now("end");
        assertNothingRefused(begun, before, first, second);
    }

    /**
     * By themselves, as they do each hour: a minute before, one in which both change, one in which both do again, and one after it.
     *
     * <p>Culvert itself loses nothing in any of them: all it sealed it opened, or the kernel counts it. The kernel drops what comes to a
     * socket whose 8 MB are full: because a change kept the receiving thread from coming by, which is what is looked for, or because the
     * machine had no CPU for it. The former comes with every change, and the latter when it likes: so of the two minutes with changes the
     * better one must not have lost more numbered datagrams than the worse one of the two without. (On a machine with nothing else to do
     * all four lose none. TCP alone has too little under way to fill a socket: with 400 ms of waiting put in at each change it lost none.)
     */
    @Tag("nightly")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    @Test
    void threeMinutesWithFourChangesLoseNothing() throws Exception {
        start("2m"); // the next epoch begins after a minute and a half
        load();
        pass(10);
        Moment begun = now("minute before");
        pass(60);
        Moment before = now("minute of a change");
        assertChanges(() -> pass(60));
        Moment first = now("minute of the next");
        assertChanges(() -> pass(60));
        Moment second = now("minute after");
        pass(60);
        Moment end = now("end");
        assertNothingRefused(begun, before, first, second, end);
        int changing = Math.min(lost(before, first), lost(first, second));
        int quiet = Math.max(lost(begun, before), lost(second, end));
        assertTrue(changing <= quiet, changing + " lost with each change, and without one no more than " + quiet);
    }

    private void start(String epoch) throws Exception {
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[gateway]\n", "[gateway]\nepoch = \"" + epoch + "\"\n");
        }
        withMode("required");
        startBoth();
        awaitReached();
    }

    private static void lengthen(Office office) throws Exception {
        office.reconfigure("epoch = \"1m\"", "epoch = \"24h\"");
        Finished reload = office.daemon().ask("reload");
        assertEquals(0, reload.code(), reload.err());
    }

    /** As fast as TCP can, both ways, and numbers beside it. */
    private void load() throws Exception {
        String there = birlinghoven.site().host4();
        server = birlinghoven.host().start(List.of("iperf3", "-s", "-1", "-B", there), folder.resolve("iperf3-server"));
        Await.until(
                "iperf3 listens",
                SOON,
                () -> birlinghoven
                        .host()
                        .run("ss", "-Hltn", "sport", "=", ":5201")
                        .out()
                        .contains("5201"));
        client = tokyo.host()
                .start(List.of("iperf3", "-c", there, "--bidir", "-t", "600"), folder.resolve("iperf3-client"));
        Status idle = tokyo.status();
        Await.until("the tunnel is full", SOON, () -> {
            Status loaded = tokyo.status().since(idle);
            return loaded.sentBytes() > 100_000_000 && loaded.receivedBytes() > 10_000_000;
        });
        out = NumberedFlow.start(tokyo, birlinghoven);
        back = NumberedFlow.start(birlinghoven, tokyo);
    }

    private void pass(int seconds) throws Exception {
        long begunNs = System.nanoTime();
        while (System.nanoTime() - begunNs < seconds * 1_000_000_000L) {
            out.more(FEW);
        }
    }

    private interface Step {
        void go() throws Exception;
    }

    /** Within an hour an SPI changes only with the keys. */
    private void assertChanges(Step step) throws Exception {
        int fromTokyo = spi("192.0.2.2");
        int fromBirlinghoven = spi("198.51.100.2");
        step.go();
        Await.until(
                "data goes under other keys both ways",
                SOON,
                () -> spi("192.0.2.2") != fromTokyo && spi("198.51.100.2") != fromBirlinghoven);
    }

    /** Of the next data that comes from there on the WAN. */
    private int spi(String source) throws Exception {
        InetAddress from = InetAddress.getByName(source);
        try (PacketCapture capture = sites.wan().inside(() -> PacketCapture.open("tokyo"));
                Region region = new Region(FRAME_BYTES)) {
            while (capture.awaitReadable((int) SOON.toMillis())) {
                int bytes = capture.read(region.address(), FRAME_BYTES);
                byte[] frame = new byte[Math.max(0, bytes)];
                OffHeap.copy(region.address(), frame, 0, frame.length);
                if (frame.length > DATA_BYTES
                        && Frames.isUdp(frame, PORT)
                        && Frames.source(frame).equals(from)) {
                    return ByteBuffer.wrap(Frames.udpPayload(frame)).getInt(4);
                }
            }
            throw new AssertionError("nothing comes from " + source);
        }
    }

    /** What all counters said when an interval began. */
    private record Moment(
            String begins, long ns, Status here, Status there, Kernel kernel, int numbersOut, int numbersBack) {}

    private Moment now(String begins) throws Exception {
        return new Moment(
                begins,
                System.nanoTime(),
                tokyo.status(),
                birlinghoven.status(),
                Kernel.of(this),
                out.sent(),
                back.sent());
    }

    /**
     * What the kernel dropped.
     *
     * @param onTheWay between the two gateways, their sockets included: sealed already, and not opened
     * @param around between hosts and gateways, at TUNs and in the hosts' sockets
     */
    private record Kernel(long onTheWay, long around) {
        static Kernel of(EpochLoadLabTest lab) throws Exception {
            long onTheWay = interfaces(lab.sites.wan(), "");
            long around = 0;
            for (Office office : List.of(lab.tokyo, lab.birlinghoven)) {
                long outside = interfaces(office.gateway(), "wan0");
                onTheWay += outside + sockets(office.gateway());
                around += interfaces(office.gateway(), "") - outside;
                around += interfaces(office.host(), "") + sockets(office.host());
            }
            return new Kernel(onTheWay, around);
        }

        /** The fourth and the twelfth number behind each name in /proc/net/dev. */
        private static long interfaces(Namespace machine, String name) throws Exception {
            return lines(machine, "/proc/net/dev")
                    .filter(line -> line.contains(name + ":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim().split(" +"))
                    .mapToLong(fields -> Long.parseLong(fields[3]) + Long.parseLong(fields[11]))
                    .sum();
        }

        /** The last number of each line in /proc/net/udp. */
        private static long sockets(Namespace machine) throws Exception {
            return lines(machine, "/proc/net/udp")
                    .skip(1)
                    .mapToLong(line -> Long.parseLong(line.trim().replaceAll(".* ", "")))
                    .sum();
        }

        private static Stream<String> lines(Namespace machine, String file) throws Exception {
            return machine.run("cat", file).succeeded().out().lines();
        }

        Kernel since(Kernel before) {
            return new Kernel(onTheWay - before.onTheWay, around - before.around);
        }
    }

    private void assertNothingRefused(Moment... moments) throws Exception {
        client.destroy();
        server.destroy();
        out.end();
        back.end();
        awaitAccounted();
        for (int i = 1; i < moments.length; i++) {
            assertExplained(moments[i - 1], moments[i]);
        }
        assertNothingDropped();
    }

    /** Every packet sealed was opened at the other end, or is among those that the kernel counts as dropped. */
    private void awaitAccounted() throws Exception {
        Await.until("all packets are accounted for", SOON, () -> {
            Status here = tokyo.status();
            Status there = birlinghoven.status();
            long missing = here.sentPackets() - there.receivedPackets() + there.sentPackets() - here.receivedPackets();
            return missing <= Kernel.of(this).onTheWay();
        });
    }

    private int lost(Moment from, Moment to) {
        return out.lost(from.numbersOut, to.numbersOut) + back.lost(from.numbersBack, to.numbersBack);
    }

    private void assertExplained(Moment from, Moment to) {
        Status here = to.here.since(from.here);
        Status there = to.there.since(from.there);
        Kernel kernel = to.kernel.since(from.kernel);
        double seconds = (to.ns - from.ns) / 1e9;
        int numbers = to.numbersOut - from.numbersOut + to.numbersBack - from.numbersBack;
        int lost = lost(from, to);
        report(
                "%s: %.0f s, %.2f and %.2f Gbit/s, %d packets; %d of %d numbered datagrams lost; dropped by the kernel"
                        + " %d on the way, %d around; refused by Culvert %d",
                from.begins,
                seconds,
                8e-9 * there.receivedBytes() / seconds,
                8e-9 * here.receivedBytes() / seconds,
                here.receivedPackets() + there.receivedPackets(),
                lost,
                numbers,
                kernel.onTheWay,
                kernel.around,
                here.allDrops() + there.allDrops());
        assertTrue(lost <= kernel.onTheWay + kernel.around, lost + " lost, and nobody says that he dropped them");
    }
}
