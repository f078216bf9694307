package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;

/**
 * Two sites whose traffic crosses the WAN with Culvert and, for comparison, without: somebody there listens both times. The
 * routers of the WAN know the way to both LANs, so that nothing but Culvert keeps what leaks from arriving.
 */
public abstract class CrossingLab extends TwoSiteLab {
    /** What ping sends behind its header. */
    protected static final int PING_BYTES = 56;

    private static final int IP_AND_ICMP_OR_UDP_BYTES = 28;
    private static final int ADDED_BYTES = 52;

    /** Something that programs on the hosts do, and whether it worked. */
    @FunctionalInterface
    public interface Scenario {
        void run() throws Exception;
    }

    /** Programs the class calls, each {@code PROGRAM} or {@code PROGRAM/DEBIAN-PACKAGE}. */
    protected abstract List<String> needs();

    /** What runs on the hosts for all tests of the class. */
    protected void serve() throws Exception {}

    @Override
    final String[] programs() {
        return needs().toArray(String[]::new);
    }

    @Override
    final void prepare() throws Exception {
        configureBoth();
        sites.wan().ip("""
                route add 10.1.0.0/24 via 192.0.2.2
                route add 10.2.0.0/24 via 198.51.100.2
                """);
        serve();
    }

    /** From now on the LANs' packets cross the WAN as they are, as before Culvert was there. */
    protected final void stopBoth() throws Exception {
        tokyo.daemon().close();
        birlinghoven.daemon().close();
    }

    /**
     * Runs it with Culvert: it works, and whoever listens on the WAN finds none of these texts. Runs it again without: it
     * works, and every one of them is there, which shows that the listener hears.
     *
     * @return what was heard without
     */
    protected final Overheard heardOnlyWithoutCulvert(List<String> secrets, Scenario scenario) throws Exception {
        startBoth();
        awaitReached(); // what is said to a group waits for no keys
        assertSealed(secrets, scenario);
        stopBoth();
        return heardInClear(secrets, scenario);
    }

    private void assertSealed(List<String> secrets, Scenario scenario) throws Exception {
        Overheard sealed = overhear(scenario);
        assertTrue(sealed.frames().stream().anyMatch(frame -> Frames.isUdp(frame, PORT)), "a blind capture");
        assertNoClearFrames(sealed.frames());
        for (String secret : secrets) {
            assertFalse(sealed.holds(secret), () -> secret + " was heard on the WAN");
        }
    }

    private Overheard heardInClear(List<String> secrets, Scenario scenario) throws Exception {
        Overheard clear = overhear(scenario);
        for (String secret : secrets) {
            assertTrue(clear.holds(secret), () -> secret + " was not heard without Culvert either: a deaf listener");
        }
        return clear;
    }

    /** Whether a gateway's datagram has the length of an IPv4 ping or UDP datagram with so much payload, and is not what gateways say for themselves. */
    protected static boolean isSealed(byte[] frame, int payloadBytes) {
        return Frames.isUdp(frame, PORT)
                && Frames.udpPayload(frame).length == IP_AND_ICMP_OR_UDP_BYTES + payloadBytes + ADDED_BYTES;
    }

    /** What somebody between the gateways hears meanwhile. */
    protected final Overheard overhear(Scenario scenario) throws Exception {
        try (Capture capture = Capture.start(sites.wan(), "birlinghoven")) {
            scenario.run();
            return new Overheard(capture.stop());
        }
    }
}
