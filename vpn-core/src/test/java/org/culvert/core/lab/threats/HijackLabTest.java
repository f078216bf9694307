package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.lab.Conversation;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.culvert.core.lab.TcpFrame;
import org.culvert.core.lab.ThreatReport;
import org.junit.jupiter.api.Test;

/**
 * Connection hijacking and false authentication: somebody on the WAN puts a command into a telnet session, ends it, or takes
 * a trusted address. The gateways filter by reverse path, as doc/threats.md says they must: else a packet in clear that
 * claims to come from the other site would be routed like any other.
 */
class HijackLabTest extends CrossingLab {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Predicate<TcpFrame> TO_TELNET = segment -> segment.destinationPort() == 23;

    private Furnished near;
    private Furnished far;
    private Furnished wan;

    @Override
    protected List<String> needs() {
        return List.of(
                "inetd/openbsd-inetd",
                "telnetd/inetutils-telnetd",
                "telnet/inetutils-telnet",
                "in.rshd/rsh-redone-server",
                "rsh/rsh-redone-client",
                "ping/iputils-ping",
                "script/bsdutils",
                "openssl");
    }

    @Override
    protected void serve() throws Exception {
        near = Furnished.create(tokyo.host(), folder.resolve("near"));
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        wan = Furnished.create(sites.wan(), folder.resolve("attacker"));
        far.give(".rhosts", "10.1.0.11 alice\n".getBytes(StandardCharsets.US_ASCII));
        far.serve(23, "inetd", "-i", far.write("inetd.conf", """
                        telnet stream tcp nowait root /usr/sbin/telnetd telnetd
                        shell stream tcp nowait root /usr/sbin/in.rshd in.rshd
                        """));
        tokyo.gateway().sysctl("net/ipv4/conf/wan0/rp_filter", 1);
        birlinghoven.gateway().sysctl("net/ipv4/conf/wan0/rp_filter", 1);
    }

    @Test
    void commandPutIntoATelnetSessionRunsWithoutCulvert() throws Exception {
        stopBoth();
        try (Conversation telnet = logIn();
                Attacker attacker = Attacker.at(sites.wan(), "birlinghoven")) {
            telnet.say("echo here").hear("here").hear("$ ");
            attacker.send(commandFor(attacker.await(TO_TELNET), "touch hijacked"));
            Await.until(
                    "the attacker's command ran",
                    SOON,
                    () -> Files.exists(far.home().resolve("hijacked")));
        } finally {
            Files.deleteIfExists(far.home().resolve("hijacked"));
        }
    }

    @Test
    void forgedResetEndsATelnetSessionWithoutCulvert() throws Exception {
        stopBoth();
        try (Conversation telnet = logIn();
                Attacker attacker = Attacker.at(sites.wan(), "birlinghoven")) {
            telnet.say("echo here").hear("here").hear("$ ");
            TcpFrame last = attacker.await(TO_TELNET);
            attacker.send(last.forged(next(last), 0, TcpFrame.RST, new byte[0]));
            telnet.say("echo still-there");
            telnet.awaitEnd();
        }
    }

    /**
     * The attacker sees no segment. Told by a traitor on the LAN which sequence numbers are next, he forges the very frames
     * that worked without Culvert; the gateway drops both, and the session goes on.
     */
    @Test
    void neitherCommandNorResetGetsIntoASessionThroughCulvert() throws Exception {
        startBoth();
        try (Conversation telnet = logIn();
                Attacker attacker = Attacker.at(sites.wan(), "birlinghoven");
                Attacker traitor = Attacker.at(birlinghoven.gateway(), "lan0");
                Bystanders others = Bystanders.of(tokyo, birlinghoven)) {
            telnet.say("echo here").hear("here").hear("$ ");
            TcpFrame known = traitor.await(TO_TELNET);
            assertTrue(attacker.last(segment -> true).isEmpty(), "TCP in clear on the WAN");
            long filteredBefore = reversePathDrops();

            attacker.send(towardsGateway(commandFor(known, "touch hijacked")));
            attacker.send(towardsGateway(known.forged(next(known), 0, TcpFrame.RST, new byte[0])));

            Await.until("both dropped by the gateway", SOON, () -> reversePathDrops() == filteredBefore + 2);
            telnet.say("echo still-there-$((40+2))")
                    .hear("still-there-42")
                    .hear("$ ")
                    .say("exit");
            telnet.awaitEnd();
            assertFalse(Files.exists(far.home().resolve("hijacked")));
            ThreatReport.unharmed("forged command and reset: 2 counted IPReversePathFilter", others.end());
        }
    }

    /** rsh believes an address. Whoever has it on the way is alice, without a password. */
    @Test
    void takenAddressIsBelievedOnlyWithoutCulvert() throws Exception {
        sites.wan().ip("""
                address add 10.1.0.11/32 dev lo
                route replace 10.2.0.0/24 via 198.51.100.2 src 10.1.0.11
                """);
        try {
            stopBoth();
            Finished clear = rshFromTheWan();
            assertTrue(clear.out().contains("uid=2001(alice)"), clear.out() + clear.err());

            startBoth();
            awaitReached();
            long filteredBefore = reversePathDrops();
            try (Bystanders others = Bystanders.of(tokyo, birlinghoven)) {
                Finished sealed = rshFromTheWan();
                assertNotEquals(0, sealed.code());
                assertFalse(sealed.out().contains("alice"), sealed.out());
                assertTrue(reversePathDrops() > filteredBefore, "not refused by the gateway");
                Finished rightful = near.callAsUser("rsh", birlinghoven.site().host4(), "id");
                assertTrue(rightful.out().contains("uid=2001(alice)"), rightful.out() + rightful.err());
                ThreatReport.unharmed(
                        "taken address: %d counted IPReversePathFilter".formatted(reversePathDrops() - filteredBefore),
                        others.end());
            }
        } finally {
            sites.wan().ip("""
                    address delete 10.1.0.11/32 dev lo
                    route replace 10.2.0.0/24 via 198.51.100.2
                    """);
        }
    }

    private Finished rshFromTheWan() throws Exception {
        return wan.callAsUser("timeout", "3", "rsh", birlinghoven.site().host4(), "id");
    }

    private Conversation logIn() throws Exception {
        Conversation telnet = near.talk("telnet", birlinghoven.site().host4());
        telnet.hear("login: ").say(Furnished.USER);
        telnet.hear("Password: ").say(Furnished.PASSWORD);
        telnet.hear("$ ");
        return telnet;
    }

    private static int next(TcpFrame segment) {
        return segment.sequence() + segment.payloadBytes();
    }

    private static byte[] commandFor(TcpFrame last, String command) {
        byte[] line = (command + "\r\n").getBytes(StandardCharsets.US_ASCII);
        return last.forged(next(last), last.acknowledged(), TcpFrame.PSH_ACK, line);
    }

    /** Seen on the LAN, sent on the WAN: to the gateway's other address there. */
    private byte[] towardsGateway(byte[] frame) throws Exception {
        System.arraycopy(Attacker.address(birlinghoven.gateway(), "wan0"), 0, frame, 0, 6);
        System.arraycopy(Attacker.address(sites.wan(), "birlinghoven"), 0, frame, 6, 6);
        return frame;
    }

    /** Packets the kernel of birlinghoven's gateway dropped because their source does not live where they came from. */
    private long reversePathDrops() throws Exception {
        return KernelCounters.of(birlinghoven.gateway()).count("TcpExtIPReversePathFilter");
    }
}
