package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Frames;
import org.culvert.core.demo.TwoSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/**
 * A test class with two sites of its own, shared by its tests:
 *
 * <pre>
 *  tokyo-lan               tokyo                    wan                birlinghoven           birlinghoven-lan
 * +-----------+      +---------------+       +----------------+      +---------------+      +-----------+
 * | host eth0 |------| lan0     wan0 |-------| tokyo    birl. |------| wan0     lan0 |------| eth0 host |
 * +-----------+      +---------------+       +----------------+      +---------------+      +-----------+
 *  10.1.0.11       10.1.0.1    192.0.2.2  192.0.2.1   198.51.100.1  198.51.100.2   10.2.0.1       10.2.0.12
 *  fd00:1::11     fd00:1::1 2001:db8:1::2 ...:1::1     ...:2::1  2001:db8:2::2    fd00:2::1      fd00:2::12
 * </pre>
 *
 * Configuration and logs stay in target/lab/CLASS. Everything else goes at the end, whatever happened.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class TwoSiteLab {
    protected static final int PORT = 1640;

    protected Path folder;
    protected TwoSites sites;
    protected Office tokyo;
    protected Office birlinghoven;

    /** Programs the class calls beside {@code ip}, as {@link LabMachine#require} wants them. */
    String[] programs() {
        return new String[] {"ping/iputils-ping"};
    }

    @BeforeAll
    final void build() throws Exception {
        LabMachine.require(programs());
        folder = Path.of("target/lab", getClass().getSimpleName()).toAbsolutePath();
        Product.deleteTree(folder);
        Files.createDirectories(folder);
        Certificates.copyTo(folder);
        sites = TwoSites.create("cv" + ProcessHandle.current().pid());
        Runtime.getRuntime().addShutdownHook(new Thread(this::removeQuietly));
        tokyo = new Office(sites.tokyo(), folder);
        birlinghoven = new Office(sites.birlinghoven(), folder);
        prepare();
    }

    /** What the class does before its first test: by default both daemons run, IPv4 outside. */
    void prepare() throws Exception {
        configureBoth();
        startBoth();
    }

    /** IPv4 outside, each knows where the other is. */
    protected final void configureBoth() throws IOException {
        tokyo.configure(birlinghoven, "0.0.0.0:1640", "198.51.100.2:1640");
        birlinghoven.configure(tokyo, "0.0.0.0:1640", "192.0.2.2:1640");
    }

    /** Writes the peer's forward-secrecy, which no configuration has at first, into both. */
    protected final void withMode(String mode) throws IOException {
        withModes(mode, mode);
    }

    protected final void withModes(String tokyos, String birlinghovens) throws IOException {
        tokyo.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"" + tokyos + "\"\n");
        birlinghoven.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"" + birlinghovens + "\"\n");
    }

    /** Starts what does not run. */
    protected final void startBoth() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            if (!office.daemon().running()) {
                office.daemon().start();
            }
        }
        tokyo.daemon().awaitReady();
        birlinghoven.daemon().awaitReady();
    }

    /**
     * Waits until both gateways have keys again after one started anew: what the other sends before it is told goes under those that
     * were forgotten.
     */
    protected final void awaitReached() throws Exception {
        awaitReached(tokyo, birlinghoven);
    }

    protected static void awaitReached(Office from, Office to) throws Exception {
        Await.until(
                from.name() + " reaches " + to.name(),
                Duration.ofSeconds(30),
                () -> from.ping(to, 1, "-W", "1").received() == 1);
    }

    /** A number worth knowing that no test may depend on: it stands in the test's output. */
    protected static void report(String format, Object... values) {
        System.out.println("lab: " + String.format(Locale.ROOT, format, values));
    }

    /** Every ping was answered, or what ping said. */
    protected static void assertAllAnswered(Pings pings) {
        assertTrue(pings.sent() > 0 && pings.received() == pings.sent(), pings.said());
    }

    /** No frame bears an address of a LAN in its outer header. */
    protected static void assertNoClearFrames(List<byte[]> frames) throws IOException {
        InetAddress lans4 = InetAddress.getByName("10.0.0.0");
        InetAddress lans6 = InetAddress.getByName("fd00::");
        assertEquals(List.of(), hex(frames, lans4, 8));
        assertEquals(List.of(), hex(frames, lans6, 16));
    }

    private static List<String> hex(List<byte[]> frames, InetAddress network, int bits) {
        return frames.stream()
                .filter(frame -> Frames.touches(frame, network, bits))
                .map(HexFormat.of()::formatHex)
                .toList();
    }

    /**
     * Nothing is counted twice or not at all: what one gateway sent since its start, the other delivered or dropped for a
     * reason. Holds where nobody else sends on the WAN and no daemon was restarted alone. A control message that was dropped
     * was not counted among the packets sent.
     */
    protected final void assertConserved() throws Exception {
        assertConserved(tokyo, birlinghoven);
        assertConserved(birlinghoven, tokyo);
    }

    private static void assertConserved(Office from, Office to) throws Exception {
        long sent = from.status().sentPackets();
        Await.until(
                "%s counts the %d packets of %s".formatted(to.name(), sent, from.name()), Duration.ofSeconds(5), () -> {
                    Status status = to.status();
                    long more = status.receivedPackets()
                            + status.inboundDrops()
                            - from.status().sentPackets();
                    return more >= 0 && more <= controlDropped(from, to);
                });
    }

    /** Neither gateway dropped a packet, for whatever reason. */
    protected final void assertNothingDropped() throws IOException {
        assertNothingDropped(tokyo, birlinghoven);
        assertNothingDropped(birlinghoven, tokyo);
    }

    private static void assertNothingDropped(Office by, Office from) throws IOException {
        Status dropped = withoutMessages(by.status(), 0, from, by);
        assertEquals(0, dropped.allDrops(), by.name() + ": " + dropped.drops());
    }

    /**
     * What was counted, but for the other gateway's messages that were not taken: they are said again. Some find their ring full. While two
     * start, some may be under keys that the other has no more, for up to 16 s: of strangers, so many as exceed what is expected to be dropped,
     * and no more than were sent and not taken.
     */
    protected static Status withoutMessages(Status counted, long expectedDrops, Office from, Office to)
            throws IOException {
        long full = counted.dropped("control_full");
        Status packets = counted.without("control_full", full);
        long notTaken = Math.max(0, controlDropped(from, to) - full);
        long strange = Math.clamp(
                packets.inboundDrops() - expectedDrops, 0, Math.min(notTaken, packets.dropped("unknown_spi")));
        return packets.without("unknown_spi", strange);
    }

    /** At most: messages of one gateway to the other that were not taken. */
    private static long controlDropped(Office from, Office to) throws IOException {
        long received = to.peerStatus()
                .path("way")
                .path("control_received")
                .path("messages")
                .asLong(); // before more are sent
        return from.peerStatus()
                        .path("way")
                        .path("control_sent")
                        .path("messages")
                        .asLong()
                - received;
    }

    @AfterAll
    final void remove() throws IOException {
        if (sites != null) {
            sites.close();
        }
    }

    private void removeQuietly() {
        try {
            remove();
        } catch (IOException e) {
            System.err.println("the lab was not removed: " + e.getMessage());
        }
    }
}
