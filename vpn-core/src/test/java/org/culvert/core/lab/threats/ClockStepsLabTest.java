package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.UdpPlace;
import org.culvert.keymgmt.trust.HostKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All that went between two gateways is sent again to whom it was for, after either or both started anew and after their clocks were
 * set: not one packet of it is delivered. Announcements are looked at again, which is harmless; all else is refused, and counted.
 */
class ClockStepsLabTest extends CrossingLab {
    private static final int PINGS = 20;
    private static final Duration SOON = Duration.ofSeconds(10);

    private Office tokyoByTrueClock;
    private Office birlinghovenByTrueClock;

    @Override
    protected List<String> needs() {
        return List.of("faketime", "ping/iputils-ping");
    }

    /**
     * Of one gateway's datagrams.
     *
     * @param refusedBefore how many of those sealed were refused already when they came first: a message under keys that the receiver had only
     *     a moment later. Once more it is late, and no repetition
     */
    private record Recording(Office receiver, List<byte[]> sealed, List<byte[]> announcements, long refusedBefore) {}

    @AfterEach
    void end() throws Exception {
        stopBoth();
        if (tokyoByTrueClock != null) {
            tokyo = tokyoByTrueClock;
            birlinghoven = birlinghovenByTrueClock;
        }
        Files.deleteIfExists(folder.resolve("tokyo/culvert.state"));
        Files.deleteIfExists(folder.resolve("birlinghoven/culvert.state"));
    }

    @Test
    void nothingFromBeforeARestartIsAcceptedInModeRequired() throws Exception {
        configure("required");
        startBoth();
        List<Recording> recorded = record("required");
        replay(recorded, "required, at once");
        birlinghoven.daemon().kill();
        startBoth();
        awaitLink();
        replay(recorded, "required, receiver killed and started");
        tokyo.daemon().kill();
        startBoth();
        awaitLink();
        replay(recorded, "required, sender killed and started");
        tokyo.daemon().kill();
        birlinghoven.daemon().kill();
        startBoth();
        awaitLink();
        replay(recorded, "required, both killed and started");
    }

    @ParameterizedTest
    @ValueSource(strings = {"required", "off"})
    @Tag("nightly")
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void nothingIsAcceptedWhateverTheClocksSay(String mode) throws Exception {
        tokyoByTrueClock = tokyo;
        birlinghovenByTrueClock = birlinghoven;
        configure(mode);
        var clock = new Clock(folder, "clock");
        tokyo = clock.readBy(tokyo);
        birlinghoven = clock.readBy(birlinghoven);
        start();
        List<Recording> recorded = record(mode);
        replay(recorded, mode + ", at once");

        step(clock, "+10d");
        replay(recorded, mode + ", clocks 10 days on");
        birlinghoven.daemon().kill();
        start();
        replay(recorded, mode + ", clocks 10 days on, receiver killed and started");
        tokyo.daemon().kill();
        start();
        replay(recorded, mode + ", clocks 10 days on, sender killed and started");

        step(clock, "+0");
        replay(recorded, mode + ", clocks back from 10 days on");
        step(clock, "-2h");
        replay(recorded, mode + ", clocks 2 hours back");
        kill();
        start();
        replay(recorded, mode + ", clocks 2 hours back, both killed and started");
        step(clock, "+0");
        replay(recorded, mode + ", clocks right again");
        kill();
        start();
        replay(recorded, mode + ", clocks right again, both killed and started");

        for (String dead : List.of("-20000d", "-200d")) {
            kill();
            clock.set(dead);
            start();
            replay(recorded, mode + ", started with the clock at " + dead);
            if (birlinghoven.daemon().running() && tokyo.daemon().running()) {
                step(clock, "+0");
            } else {
                clock.set("+0");
                start();
            }
            replay(recorded, mode + ", the clock set right after it had been at " + dead);
        }
    }

    /** One gateway's clock is set, the other's is right: what was recorded before stays refused on both sides, and when the clock is right again. */
    @ParameterizedTest
    @ValueSource(strings = {"tokyo", "birlinghoven"})
    @Tag("nightly")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void nothingIsAcceptedWhenOneClockAloneIsSet(String whose) throws Exception {
        tokyoByTrueClock = tokyo;
        birlinghovenByTrueClock = birlinghoven;
        configure("required");
        var clock = new Clock(folder, whose + "-clock");
        boolean tokyos = whose.equals("tokyo");
        tokyo = tokyos ? clock.readBy(tokyo) : tokyo;
        birlinghoven = tokyos ? birlinghoven : clock.readBy(birlinghoven);
        Office set = tokyos ? tokyo : birlinghoven;
        start();
        List<Recording> recorded = record("required");
        for (String distance : List.of("+10d", "-2h", "+0")) {
            step(clock, distance, List.of(set));
            replay(recorded, whose + "'s clock alone at " + distance);
            set.daemon().kill();
            start();
            replay(recorded, whose + "'s clock alone at " + distance + ", killed and started");
        }
    }

    private void configure(String mode) throws Exception {
        stopBoth();
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]\n", "[[peer]]\nmeasure = false\nforward-secrecy = \"" + mode + "\"\n");
        }
    }

    private void kill() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            if (office.daemon().running()) {
                office.daemon().kill();
            }
        }
    }

    /** Starts what does not run. libfaketime stands before every reading of a clock: that takes its time. */
    private void start() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            if (!office.daemon().running()) {
                office.daemon().start();
            }
        }
        for (Office office : List.of(tokyo, birlinghoven)) {
            Await.until(
                    office.name() + " is ready, or has ended",
                    Duration.ofMinutes(2),
                    () -> !office.daemon().running() || office.daemon().said().contains("ready"));
        }
    }

    private void step(Clock clock, String distance) throws Exception {
        step(clock, distance, List.of(tokyo, birlinghoven));
    }

    private static void step(Clock clock, String distance, List<Office> readers) throws Exception {
        Map<Office, Integer> before = new TreeMap<>((one, other) -> one.name().compareTo(other.name()));
        for (Office office : readers) {
            before.put(office, office.daemon().said().length());
        }
        clock.set(distance);
        for (Office office : readers) {
            Await.until(
                    office.name() + " notices its clock",
                    Duration.ofSeconds(30),
                    () -> office.daemon().said().substring(before.get(office)).contains("clock"));
        }
    }

    /** What the two say to each other until they have keys again would be counted with what is replayed. */
    private void awaitLink() throws Exception {
        Await.until(
                "tokyo reaches birlinghoven",
                SOON,
                () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1);
    }

    private List<Recording> record(String mode) throws Exception {
        assertTrue(
                tokyo.daemon().running() && birlinghoven.daemon().running(),
                tokyo.daemon().said());
        List<byte[]> frames;
        Status there = birlinghoven.status();
        Status here = tokyo.status();
        try (Capture capture = Capture.start(sites.wan(), "birlinghoven")) {
            awaitLink();
            assertTrue(tokyo.pingOneByOne(birlinghoven, PINGS).received()
                    > PINGS / 2); // by a slow clock some come too late
            frames = capture.stop();
        }
        List<Recording> all = new ArrayList<>();
        for (Office from : List.of(tokyo, birlinghoven)) {
            Office to = from.equals(tokyo) ? birlinghoven : tokyo;
            StolenPair pair = ofStatic(to, from);
            List<byte[]> sealed = new ArrayList<>();
            List<byte[]> announcements = new ArrayList<>();
            for (byte[] frame : frames) {
                if (Frames.isUdp(frame, PORT)
                        && Frames.source(frame)
                                .equals(InetAddress.getByName(from.site().wan4()))) {
                    byte[] datagram = Frames.udpPayload(frame);
                    boolean looked =
                            mode.equals("required") && pair.open(datagram).isPresent();
                    (looked ? announcements : sealed).add(datagram);
                }
            }
            Status first = to.status().since(to.equals(tokyo) ? here : there);
            all.add(new Recording(to, sealed, announcements, refused(first)));
        }
        return all;
    }

    private StolenPair ofStatic(Office self, Office other) throws Exception {
        HostKey own = HostKey.read(folder.resolve(self.name() + "/host.key"));
        HostKey theirs = HostKey.read(folder.resolve(other.name() + "/host.key"));
        return StolenPair.ofStatic(
                own.privateKey(),
                theirs.spki(),
                StolenPair.id(self.name(), own.spki()),
                StolenPair.id(other.name(), theirs.spki()));
    }

    private void replay(List<Recording> recorded, String when) throws Exception {
        for (Recording each : recorded) {
            Office receiver = each.receiver.name().equals("tokyo") ? tokyo : birlinghoven;
            if (!receiver.daemon().running()) {
                report("%s: %s does not start: %s", when, receiver.name(), lastLine(receiver));
                continue;
            }
            Status before = receiver.status();
            try (UdpPlace attacker = UdpPlace.open(sites.wan(), "198.51.100.1")) {
                InetSocketAddress to = new InetSocketAddress(receiver.site().wan4(), PORT);
                attacker.sendAll(each.announcements, to);
                attacker.sendAll(each.sealed, to);
                Await.until(
                        when + ": all counted",
                        SOON,
                        () -> refused(receiver.status().since(before)) >= each.sealed.size() - each.refusedBefore);
            }
            Status after = receiver.status().since(before);
            assertEquals(0, after.receivedPackets(), when + ": accepted");
            long refused = refused(after);
            assertTrue(refused <= each.sealed.size(), when + ": " + after.drops());
            var counted = new TreeMap<>(after.drops());
            counted.values().removeIf(count -> count == 0);
            report(
                    "replay, %s: %s refuses %d of %d, %d of which had come too early, %s",
                    when, receiver.name(), refused, each.sealed.size(), each.refusedBefore, counted);
        }
    }

    /** Announcements that came faster than they were looked at are no packets. */
    private static long refused(Status status) {
        return status.inboundDrops() - status.dropped("control_full");
    }

    private static String lastLine(Office office) throws Exception {
        List<String> lines = office.daemon().said().lines().toList();
        return lines.isEmpty() ? "" : lines.getLast();
    }
}
