package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/** {@code culvert capture}, read back by tcpdump. */
class CaptureLabTest extends TwoSiteLab {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "tcpdump", "curl", "setpriv/util-linux"};
    }

    @Test
    void tcpdumpReadsWhatTheLansSaid() throws Exception {
        awaitReached(); // else both requests wait for keys, and the replies come after them
        Path file = folder.resolve("four.pcapng");
        Process capture = capture("-w", file.toString(), "--count", "4");
        awaitCapture(file);
        assertAllAnswered(tokyo.ping(birlinghoven, 2));
        assertTrue(capture.waitFor(20, TimeUnit.SECONDS), "the capture did not end after four packets");
        assertEquals(0, capture.exitValue(), log());
        List<String> lines = tcpdump(file).succeeded().out().lines().toList();
        assertEquals(4, lines.size(), lines.toString());
        assertTrue(lines.get(0).contains("IP 10.1.0.11 > 10.2.0.12: ICMP echo request"), lines.get(0));
        long replies =
                lines.stream() // what left and what came are read in turns: a reply may stand after the next request
                        .filter(line -> line.contains("IP 10.2.0.12 > 10.1.0.11: ICMP echo reply"))
                        .count();
        assertEquals(2, replies, lines.toString());
        assertTrue(log().contains("4 packets captured, 0 missed"), log());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void interruptedCaptureIsAWholeFile() throws Exception {
        Path file = folder.resolve("interrupted.pcapng");
        Process capture = capture("-w", file.toString(), "--peer", "birlinghoven");
        awaitCapture(file);
        assertAllAnswered(tokyo.ping6(birlinghoven, 3));
        Await.until("six packets", LONGEST, () -> tcpdump(file).out().lines().count() == 6);
        capture.destroy();
        assertTrue(capture.waitFor(20, TimeUnit.SECONDS));
        assertTrue(tcpdump(file).succeeded().out().contains("IP6 fd00:1::11 > fd00:2::12: ICMP6, echo request"));
        assertTrue(log().contains("6 packets captured"), log());
    }

    /** The reader stands still: the tunnel does not, and what was missed is said. */
    @Test
    void readerThatStandsStillHoldsNobodyUp() throws Exception {
        Path file = folder.resolve("slow.pcapng");
        Process capture = capture("-w", file.toString());
        awaitCapture(file);
        Programs.run(List.of("kill", "-STOP", Long.toString(capture.pid()))).succeeded();
        Finished flood = tokyo.host().run("ping", "-f", "-q", "-c", "6000", "-s", "1300", "10.2.0.12");
        assertTrue(flood.out().contains("6000 received"), flood.out());
        Programs.run(List.of("kill", "-CONT", Long.toString(capture.pid()))).succeeded();
        Await.until("the last packets are there", LONGEST, () -> {
            assertAllAnswered(tokyo.ping(birlinghoven, 1, "-s", "77"));
            return tcpdump(file).out().contains("length 85");
        });
        Await.until("what was missed is said", LONGEST, () -> Files.size(file) > 0 && statisticsIn(file));
        capture.destroy();
        assertTrue(capture.waitFor(20, TimeUnit.SECONDS));
        assertTrue(log().matches("(?s).* packets captured, [1-9][0-9]* missed.*"), log());
    }

    @Test
    void onlyRootMayLookInside() throws Exception {
        Path socket = tokyo.daemon().config().resolveSibling("run").resolve("culvert.sock");
        List<String> curl = List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=0",
                "--clear-groups",
                "curl",
                "-sS",
                "--unix-socket",
                socket.toString());
        assertTrue(asked(curl, "http://culvert/v1/status").contains("culvert.status/1"), "status is for the group");
        assertEquals("only root may ask for /v1/capture\n", asked(curl, "http://culvert/v1/capture"));
    }

    @Test
    void refusesWhatCannotBe() throws Exception {
        Finished peer =
                tokyo.daemon().ask("capture", "-w", folder.resolve("none").toString(), "--peer", "kyoto");
        assertEquals(2, peer.code());
        assertEquals("culvert: kyoto: no such peer\n", peer.err());
        Path file = folder.resolve("first.pcapng");
        Process first = capture("-w", file.toString());
        awaitCapture(file);
        Finished second =
                tokyo.daemon().ask("capture", "-w", folder.resolve("second").toString());
        assertEquals(3, second.code(), second.out());
        assertTrue(second.err().contains("another capture runs"), second.err());
        first.destroy();
        assertTrue(first.waitFor(20, TimeUnit.SECONDS));
        Process third = capture("-w", file.toString(), "--count", "2");
        awaitCapture(file);
        assertAllAnswered(tokyo.ping(birlinghoven, 1));
        assertTrue(third.waitFor(20, TimeUnit.SECONDS), "the first one's end did not make room");
    }

    private Process capture(String... options) throws Exception {
        Files.deleteIfExists(folder.resolve("capture.log"));
        Files.deleteIfExists(Path.of(options[1]));
        List<String> command = new ArrayList<>(List.of(
                Product.CULVERT, "capture", "--config", tokyo.daemon().config().toString()));
        command.addAll(List.of(options));
        return tokyo.gateway().start(command, folder.resolve("capture.log"));
    }

    /** The head of the file is there when the taps are open. */
    private static void awaitCapture(Path file) throws Exception {
        Await.until("the capture has begun", LONGEST, () -> Files.exists(file) && Files.size(file) > 0);
    }

    private static boolean statisticsIn(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        for (int at = 0; at + 8 <= bytes.length; ) {
            var block = java.nio.ByteBuffer.wrap(bytes, at, 8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            if (block.getInt() == 5) {
                return true;
            }
            at += block.getInt();
        }
        return false;
    }

    private static Finished tcpdump(Path file) throws Exception {
        return Programs.run(List.of("tcpdump", "-nr", file.toString()));
    }

    private String asked(List<String> curl, String url) throws Exception {
        List<String> command = new ArrayList<>(curl);
        command.add(url);
        return tokyo.gateway().run(command).succeeded().out();
    }

    private String log() throws Exception {
        return Files.readString(folder.resolve("capture.log"));
    }
}
