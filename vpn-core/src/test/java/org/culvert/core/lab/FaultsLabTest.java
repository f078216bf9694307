package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What can happen around a gateway that nobody meant: the kernel refuses to send, the link or the disk goes, the process is stopped. Each
 * is counted, none ends the daemon, and the first packet after it passes. The table of all faults is doc/faults.md.
 */
class FaultsLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int PINGS = 8;

    /**
     * The kernel's answer to a send.
     *
     * @param make commands on Tokyo's gateway
     * @param undo the same, afterwards
     */
    private record SendError(String errno, String words, List<String> make, List<String> undo) {
        @Override
        public String toString() {
            return errno;
        }
    }

    /** Each way there is for a socket to fail here, with what provokes it. */
    static List<SendError> sendErrors() {
        String to = "198.51.100.2/32";
        return List.of(
                new SendError(
                        "EPERM",
                        "not permitted",
                        List.of(
                                "nft add table inet fault",
                                "nft add chain inet fault out { type filter hook output priority 0 ; }",
                                "nft add rule inet fault out udp dport 1640 drop"),
                        List.of("nft delete table inet fault")),
                route("EINVAL", "invalid", "blackhole " + to),
                route("EHOSTUNREACH", "host", "unreachable " + to),
                route("EACCES", "permission", "prohibit " + to),
                new SendError(
                        "ENETUNREACH",
                        "network",
                        List.of("ip route del default"),
                        List.of("ip route add default via 192.0.2.1")));
    }

    private static SendError route(String errno, String words, String route) {
        return new SendError(errno, words, List.of("ip route add " + route), List.of("ip route del " + route));
    }

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "nft/nftables", "mount", "prlimit/util-linux"};
    }

    @BeforeEach
    void linkWorks() throws Exception {
        startBoth();
        awaitReached();
    }

    @AfterEach
    void bothRunOn() {
        assertTrue(tokyo.daemon().running() && birlinghoven.daemon().running());
    }

    @ParameterizedTest
    @MethodSource("sendErrors")
    void errorOfASendIsCountedAndOver(SendError error) throws Exception {
        Status before = tokyo.status();
        run(error.make());
        try {
            Pings lost = tokyo.ping(birlinghoven, PINGS, "-i", "0.1", "-W", "1");
            assertEquals(0, lost.received(), lost.said());
            Status since = tokyo.status().since(before);
            assertTrue(since.dropped("tx_socket") >= PINGS, since.drops().toString());
            assertEquals(0, since.sentPackets());
            Await.until("the log says why", SOON, () -> lines("fails: ") > 0);
        } finally {
            run(error.undo());
        }
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
        assertTrue(lines("fails: ") <= sendErrors().size(), "one line a minute and kind at most: " + lines("fails: "));
    }

    /** The link has no carrier: sends are well and nothing arrives. With the carrier everything is as before. */
    @Test
    void otherEndOfTheLinkIsDown() throws Exception {
        sites.wan().ip("link set tokyo down");
        Pings lost = tokyo.ping(birlinghoven, PINGS, "-i", "0.1", "-W", "1");
        assertEquals(0, lost.received(), lost.said());
        sites.wan().ip("link set tokyo up");
        awaitPing();
    }

    /** F10, 3 s for an hour: there is no state that ages while the network is away, so the length is nothing to the daemon. */
    @Test
    void ownLinkIsDown() throws Exception {
        Status before = tokyo.status();
        tokyo.gateway().ip("link set wan0 down");
        Pings lost = tokyo.ping(birlinghoven, 30, "-i", "0.1", "-W", "1");
        assertEquals(0, lost.received(), lost.said());
        assertTrue(tokyo.status().since(before).dropped("tx_socket") > 0);
        tokyo.gateway().ip("link set wan0 up\nroute add default via 192.0.2.1");
        awaitPing();
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
    }

    /** F9: one direction is dead; the other must not care. */
    @Test
    void oneDirectionIsDead() throws Exception {
        sites.wan().ip("route add blackhole 192.0.2.2/32");
        try (UdpPlace receiver =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            for (int i = 0; i < 300; i++) {
                sender.send(new byte[100 + i], receiver.address());
                receiver.receive();
            }
            Pings lost = tokyo.ping(birlinghoven, 3, "-W", "1");
            assertEquals(0, lost.received(), lost.said());
        } finally {
            sites.wan().ip("route del blackhole 192.0.2.2/32");
        }
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
    }

    /** F3, 5 s for 30: what was sent to a stopped process waits in the socket or is lost; none of it comes twice or late by a minute. */
    @Test
    void processIsStoppedAndContinued() throws Exception {
        Status before = birlinghoven.status();
        signal("STOP");
        Await.until(
                "all its threads stand",
                SOON,
                () -> threadsStand(birlinghoven.daemon().pid()));
        Pings lost = tokyo.ping(birlinghoven, 25, "-i", "0.2", "-W", "1");
        signal("CONT");
        assertEquals(0, lost.received(), lost.said());
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
        Status since = birlinghoven.status().since(before);
        assertEquals(0, since.dropped("replay") + since.dropped("auth") + since.dropped("before_floor"));
    }

    /** F3: a second Ctrl-C while the first is being carried out. */
    @Test
    void interruptedTwiceEndsCleanlyOnce() throws Exception {
        String interrupt = "kill -INT " + birlinghoven.daemon().pid();
        Programs.run(List.of("sh", "-c", interrupt + "; " + interrupt)).succeeded();
        int code = birlinghoven.daemon().awaitEnd();
        assertEquals(0, code, birlinghoven.daemon().said());
        assertTrue(!birlinghoven.network().contains("culvert0"), birlinghoven.network());
        startBoth();
    }

    /** F5: whatever is done to the device from outside, but its end, traffic goes on or comes back with the next packet. */
    @Test
    void tunIsRenumberedAndFlushed() throws Exception {
        tokyo.gateway().ip("link set culvert0 mtu 1300");
        assertAllAnswered(tokyo.ping(birlinghoven, 1, "-s", "1200"));
        tokyo.gateway().ip("link set culvert0 mtu 1420");
        tokyo.gateway().ip("address flush dev culvert0");
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
        tokyo.gateway().ip("link set culvert0 down");
        tokyo.gateway().ip("link set culvert0 up");
        awaitPing();
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
    }

    /** F14: the state cannot be written. Traffic does not notice, the log says it, the old file is whole. */
    @Test
    void diskIsFull() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        Programs.run(List.of("mount", "-t", "tmpfs", "-o", "size=16k", "none", disk.toString()))
                .succeeded();
        try {
            tokyo.daemon().stop();
            tokyo.reconfigure("culvert.state", disk.resolve("culvert.state").toString());
            startBoth();
            Await.until("the state is saved", SOON, () -> Files.exists(disk.resolve("culvert.state")));
            tokyo.daemon().stop();
            byte[] saved = Files.readAllBytes(disk.resolve("culvert.state"));
            fill(disk.resolve("full"));

            startBoth();
            tokyo.daemon().awaitLog("the state file cannot be written");
            assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
            assertEquals(List.of("culvert.state", "full"), names(disk));
            assertEquals(saved.length, Files.size(disk.resolve("culvert.state")));
        } finally {
            tokyo.daemon().stop();
            tokyo.reconfigure(disk.resolve("culvert.state").toString(), "culvert.state");
            Programs.run(List.of("umount", disk.toString())).succeeded();
            startBoth();
        }
    }

    /** F22, F34: what the last run saved is no longer what it was. It starts from its clock, says so, and reuses no number. */
    @Test
    void stateFileIsNotOurs() throws Exception {
        tokyo.daemon().stop();
        Path state = tokyo.daemon().config().resolveSibling("culvert.state");
        for (String content : List.of("", "culvert state 9\n", "\u0000\u0000\u0000\u0000garbage")) {
            Files.writeString(state, content);
            startBoth();
            assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 2));
            assertTrue(
                    content.isEmpty() || lines(state.getFileName().toString()) > 0,
                    tokyo.daemon().said());
            tokyo.daemon().stop();
        }
        startBoth();
    }

    /** F31: hardly any descriptors. It ends with a reason, and soon; it never runs half. */
    @Test
    void descriptorsAreUsedUp() throws Exception {
        tokyo.daemon().stop();
        Path log = folder.resolve("few-descriptors");
        Process few = tokyo.gateway()
                .start(
                        List.of(
                                "prlimit",
                                "--nofile=22:22",
                                Product.CULVERT,
                                "run",
                                "--config",
                                tokyo.daemon().config().toString()),
                        log);
        try {
            assertTrue(few.waitFor(20, TimeUnit.SECONDS), "it neither ran nor ended: " + Files.readString(log));
            assertTrue(few.exitValue() != 0, Files.readString(log));
            report(
                    "22 descriptors: exit %d: %s",
                    few.exitValue(), Files.readString(log).strip().replace('\n', '|'));
        } finally {
            few.destroyForcibly();
        }
        startBoth();
    }

    /**
     * F2: no memory. With 10 MB of heap the daemon cannot even start; what matters is that it ends, with a code its supervisor restarts it
     * for, and leaves nothing that runs half: a thread of a JVM may well live on after another one ran out of memory.
     */
    @Test
    void heapIsUsedUp() throws Exception {
        tokyo.daemon().stop();
        Path log = folder.resolve("little-heap");
        List<String> command = new ArrayList<>(List.of("env", "CULVERT_JAVA_OPTS=-Xms10m -Xmx10m"));
        command.addAll(tokyo.daemon().runCommand());
        Process little = tokyo.gateway().start(command, log);
        try {
            assertTrue(little.waitFor(60, TimeUnit.SECONDS), "it neither ran nor ended: " + Files.readString(log));
            String said = Files.readString(log);
            assertEquals(3, little.exitValue(), said); // -XX:+ExitOnOutOfMemoryError
            assertTrue(said.contains("OutOfMemoryError"), said);
        } finally {
            little.destroyForcibly();
        }
        startBoth();
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
    }

    private void awaitPing() throws Exception {
        Await.until(
                "a ping is answered",
                SOON,
                () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1);
    }

    private static boolean threadsStand(long pid) throws IOException {
        for (String task : names(Path.of("/proc", Long.toString(pid), "task"))) {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "task", task, "stat"));
            if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                return false;
            }
        }
        return true;
    }

    private void signal(String name) throws IOException {
        Programs.run(List.of(
                        "kill", "-" + name, Long.toString(birlinghoven.daemon().pid())))
                .succeeded();
    }

    private void run(List<String> commands) throws IOException {
        for (String command : commands) {
            tokyo.gateway().run(command.split(" ")).succeeded();
        }
    }

    private long lines(String text) throws IOException {
        return tokyo.daemon().said().lines().filter(line -> line.contains(text)).count();
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[512]);
            }
        } catch (IOException full) {
            assertTrue(Files.size(file) > 0, full.toString());
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
