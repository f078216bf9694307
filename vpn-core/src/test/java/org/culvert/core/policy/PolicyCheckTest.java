package org.culvert.core.policy;

import static org.culvert.core.policy.TestPackets.ACK;
import static org.culvert.core.policy.TestPackets.FIN_ACK;
import static org.culvert.core.policy.TestPackets.RST;
import static org.culvert.core.policy.TestPackets.SYN;
import static org.culvert.core.policy.TestPackets.SYN_ACK;
import static org.culvert.core.policy.TestPackets.extension;
import static org.culvert.core.policy.TestPackets.icmp;
import static org.culvert.core.policy.TestPackets.icmpError;
import static org.culvert.core.policy.TestPackets.ip;
import static org.culvert.core.policy.TestPackets.ipv4;
import static org.culvert.core.policy.TestPackets.ipv6;
import static org.culvert.core.policy.TestPackets.ports;
import static org.culvert.core.policy.TestPackets.tcp;
import static org.culvert.core.policy.TestPackets.udp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.culvert.core.packet.FiveTuple;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Seen from the gateway of 10.1.0.0/16; peer 0 has 10.2.0.0/16, peer 1 has 10.3.0.0/16. */
class PolicyCheckTest {
    private static final int OWN = 77;
    private static final String CLIENT = "10.1.4.5";
    private static final String SERVER = "10.2.6.7";
    private static final String CLIENT6 = "2001:db8:1::5";
    private static final String SERVER6 = "2001:db8:2::7";

    private final PolicyCheck outbound = new PolicyCheck(Direction.OUTBOUND);
    private final PolicyCheck inbound = new PolicyCheck(Direction.INBOUND);
    private final Flows flows = new Flows(0x1a2b, 0x3c4d, 64);
    private final Region memory = new Region(4096);
    private @Nullable Policy policy;
    private long nowNs = -5_000_000_000L; // the monotonic clock may begin anywhere

    @AfterEach
    void free() {
        memory.close();
    }

    @BeforeEach
    void noRule() {
        policy = null;
    }

    private static Rule rule(String name, String from, String to, List<String> protocols, PortRange... ports) {
        return new Rule(
                name,
                prefixes(from),
                prefixes(to),
                List.of(),
                List.of(),
                protocols.stream()
                        .map(each -> Protocol.ofLabel(each).orElseThrow())
                        .toList(),
                List.of(ports),
                List.of());
    }

    private static List<Prefix> prefixes(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(" ")).map(Prefix::parse).toList();
    }

    private static PortRange port(int port) {
        return new PortRange(port, port);
    }

    private void rules(Rule... rules) {
        rules(List.of(rules), List.of("office"), false);
    }

    private void rules(List<Rule> rules, List<String> peerGroups, boolean secondPeerOpen) {
        policy = Policy.of(
                rules,
                new Site("here", List.of("here"), false),
                List.of(new Site("there", peerGroups, false), new Site("far", List.of(), secondPeerOpen)),
                flows,
                policy);
    }

    private boolean out(byte[] packet) {
        return permits(outbound, packet, OWN, 0);
    }

    private boolean in(byte[] packet) {
        return permits(inbound, packet, 0, OWN);
    }

    private boolean permits(PolicyCheck check, byte[] packet, int from, int to) {
        check.begin(policy, nowNs);
        long at = memory.address() + 4096 - packet.length; // nothing of ours behind it
        OffHeap.copy(packet, 0, at, packet.length);
        return check.permits(at, packet.length, (packet[0] & 0xff) >>> 4, from, to);
    }

    private void seconds(long seconds) {
        nowNs += seconds * 1_000_000_000L;
    }

    private PolicyCounts.OfRule count(int rule) {
        return assertNotNullPolicy().counts(nowNs).rules().get(rule);
    }

    private Policy assertNotNullPolicy() {
        assertNotNull(policy);
        return policy;
    }

    private void telnet() {
        rules(rule("telnet", "10.1.0.0/16", "10.2.0.0/16", List.of("tcp"), port(23)));
    }

    @Test
    void withoutRulesThereIsNoPolicy() {
        Site open = new Site("there", List.of(), true);
        Site own = new Site("here", List.of(), false);
        assertNull(Policy.of(List.of(), own, List.of(open), flows, null));
        assertTrue(in(tcp(SERVER, 40_001, CLIENT, 22, SYN)));
    }

    @Test
    void peerThatIsNotOpenNeedsARuleEvenWhenThereIsNone() {
        rules();
        assertFalse(in(tcp(SERVER, 40_001, CLIENT, 22, SYN)));
        assertFalse(out(tcp(CLIENT, 40_001, SERVER, 22, SYN)));
    }

    @Test
    void connectionIsAllowedOneWayAndItsAnswersPass() {
        telnet();
        assertFalse(in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK)), "an answer to nothing");
        assertTrue(out(tcp(CLIENT, 40_001, SERVER, 23, SYN)));
        assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK)));
        assertTrue(out(tcp(CLIENT, 40_001, SERVER, 23, ACK)));
        assertFalse(in(tcp(SERVER, 23, CLIENT, 40_002, ACK)), "another port");
        assertFalse(in(tcp("10.2.6.8", 23, CLIENT, 40_001, ACK)), "another server");
        assertFalse(in(tcp(SERVER, 40_001, CLIENT, 23, SYN)), "the reverse connection");
        assertFalse(out(tcp(CLIENT, 40_001, SERVER, 24, SYN)), "another service");
        assertEquals(new PolicyCounts.OfRule("telnet", 2, 1, 1), count(0));
    }

    @Test
    void answerNeverOpensAConnection() {
        telnet();
        assertTrue(out(tcp(CLIENT, 40_001, SERVER, 23, SYN)));
        assertFalse(in(tcp(SERVER, 23, CLIENT, 40_001, SYN)), "from the same ports, but a connection of its own");
    }

    @Test
    void idleConnectionIsKnownForTwoHours() {
        telnet();
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK));
        out(tcp(CLIENT, 40_001, SERVER, 23, ACK));
        seconds(7_439);
        assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, ACK)));
        seconds(7_440);
        assertFalse(in(tcp(SERVER, 23, CLIENT, 40_001, ACK)));
        assertTrue(out(tcp(CLIENT, 40_001, SERVER, 23, ACK)), "the asking side takes it up again");
        assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, ACK)));
    }

    @Test
    void halfOpenAndEndedConnectionsAreForgottenAfterFourMinutes() {
        telnet();
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        seconds(240);
        assertFalse(in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK)));
        for (int flags : new int[] {RST, FIN_ACK}) {
            out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
            in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK));
            assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, flags)));
            assertTrue(out(tcp(CLIENT, 40_001, SERVER, 23, ACK)), "the last ACK does not make it young again");
            seconds(239);
            assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, ACK)));
            seconds(240);
            assertFalse(in(tcp(SERVER, 23, CLIENT, 40_001, ACK)));
        }
    }

    @Test
    void datagramIsAnsweredForFiveMinutes() {
        rules(rule("dns", "", "10.2.0.0/16", List.of("udp"), port(53)));
        out(udp(CLIENT, 40_001, SERVER, 53));
        seconds(299);
        assertTrue(in(udp(SERVER, 53, CLIENT, 40_001)));
        assertFalse(in(udp(SERVER, 53, CLIENT, 40_002)));
        assertFalse(in(tcp(SERVER, 53, CLIENT, 40_001, ACK)), "another protocol");
        seconds(300);
        assertFalse(in(udp(SERVER, 53, CLIENT, 40_001)));
    }

    @Test
    void pingIsAnsweredButNotAskedBack() {
        for (String[] ends : new String[][] {{CLIENT, SERVER, "8", "0"}, {CLIENT6, SERVER6, "128", "129"}}) {
            int question = Integer.parseInt(ends[2]);
            int answer = Integer.parseInt(ends[3]);
            rules(rule("ping", "10.1.0.0/16 2001:db8:1::/48", "", List.of("ping")));
            assertFalse(in(icmp(ends[1], ends[0], answer, 0x1234)));
            assertTrue(out(icmp(ends[0], ends[1], question, 0x1234)));
            assertTrue(in(icmp(ends[1], ends[0], answer, 0x1234)));
            assertFalse(in(icmp(ends[1], ends[0], answer, 0x1235)), "another program's");
            assertFalse(in(icmp(ends[1], ends[0], question, 0x1234)), "a question of its own");
            assertFalse(out(icmp(ends[0], ends[1], 13, 0x1234)), "ICMP, but no ping");
        }
    }

    /** Together with a protocol that has more kinds of packets, "ping" must not let through all of ICMP. */
    @Test
    void pingBesideAnotherProtocolIsStillPingOnly() {
        rules(rule("some", "", "", List.of("ping", "udp")));
        assertTrue(out(icmp(CLIENT, SERVER, 8, 1)));
        assertFalse(out(icmp(CLIENT, SERVER, 5, 1)), "a redirect");
    }

    @Test
    void icmpRuleLetsAllOfItPassButRemembersPingsOnly() {
        rules(rule("icmp", "10.1.0.0/16", "", List.of("icmp")));
        assertTrue(out(icmp(CLIENT, SERVER, 13, 0x1234)));
        assertFalse(in(icmp(SERVER, CLIENT, 14, 0x1234)));
        assertTrue(out(icmp(CLIENT, SERVER, 0, 0x1234)), "an answer to a ping from there");
        assertFalse(in(icmp(SERVER, CLIENT, 8, 0x1234)), "is no question");
        assertEquals(0, count(0).flows());
    }

    @Test
    void protocolWithoutPortsIsAnsweredByItsAddresses() {
        rules(rule("gre", CLIENT + "/32", "", List.of("gre")));
        assertTrue(out(ip(CLIENT, SERVER, 47, new byte[4])));
        assertTrue(in(ip(SERVER, CLIENT, 47, new byte[4])));
        assertFalse(in(ip(SERVER, "10.1.4.6", 47, new byte[4])));
    }

    // Errors about a flow

    @Test
    void errorAboutAFlowPasses() {
        telnet();
        byte[] syn = tcp(CLIENT, 40_001, SERVER, 23, SYN);
        byte[] other = tcp(CLIENT, 40_002, SERVER, 23, SYN);
        out(syn);
        String router = "10.2.0.1";
        assertTrue(in(icmpError(router, CLIENT, 3, syn, 28)), "unreachable, with 8 bytes of TCP as RFC 792 has it");
        assertTrue(in(icmpError(router, CLIENT, 11, syn, 40)));
        assertFalse(in(icmpError(router, CLIENT, 3, other, 28)), "of no flow");
        assertFalse(in(icmpError(router, "10.1.4.6", 3, syn, 28)), "not to whom sent it");
        assertFalse(in(icmpError(router, CLIENT, 5, syn, 28)), "a redirect");
        assertFalse(in(icmpError(router, CLIENT, 3, syn, 27)), "too little of it");
        assertFalse(in(icmpError(router, CLIENT, 3, syn, 0)), "nothing of it");
        assertEquals(2, count(0).answers());
    }

    /** "Fragmentation needed" about what the server sends: without it a transfer would hang. */
    @Test
    void errorAboutAnAnswerPasses() {
        telnet();
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        byte[] answer = tcp(SERVER, 23, CLIENT, 40_001, ACK);
        in(answer);
        assertTrue(out(icmpError("10.1.0.1", SERVER, 3, answer, 28)));
        assertFalse(out(icmpError("10.1.0.1", "10.2.6.8", 3, answer, 28)));
    }

    @Test
    void errorInIpv6Passes() {
        rules(rule("dns", "", "2001:db8:2::/48", List.of("udp"), port(53)));
        byte[] question = udp(CLIENT6, 40_001, SERVER6, 53);
        out(question);
        assertTrue(in(icmpError("2001:db8:2::1", CLIENT6, 2, question, 60)));
        assertFalse(in(icmpError("2001:db8:2::1", CLIENT6, 133, question, 60)));
        assertFalse(in(icmpError("2001:db8:2::1", CLIENT6, 2, udp(CLIENT6, 40_002, SERVER6, 53), 60)));
    }

    // Fragments

    private static byte[] fragment(String from, String to, int protocol, int offset, boolean more, byte[] payload) {
        return ipv4(from, to, protocol, (more ? 0x2000 : 0) | offset / 8, 0x7071, new byte[0], payload);
    }

    @Test
    void laterFragmentFollowsItsFirst() {
        rules(rule("nfs", "", "10.2.0.0/16", List.of("udp"), port(2049)));
        byte[] later = fragment(CLIENT, SERVER, 17, 16, false, new byte[40]);
        assertFalse(out(later), "before its first");
        assertFalse(out(fragment(CLIENT, SERVER, 17, 0, true, ports(800, 2050, 16))));
        assertFalse(out(later), "after a first that was refused");
        assertTrue(out(fragment(CLIENT, SERVER, 17, 0, true, ports(800, 2049, 16))));
        assertTrue(out(later));
        assertFalse(in(fragment(SERVER, CLIENT, 17, 16, false, new byte[40])), "of an answer that was not there");
        assertTrue(in(fragment(SERVER, CLIENT, 17, 0, true, ports(2049, 800, 16))));
        assertTrue(in(fragment(SERVER, CLIENT, 17, 16, false, new byte[40])));
        seconds(30);
        assertFalse(out(later));
    }

    @Test
    void fragmentOfIpv6FollowsItsFirst() {
        rules(rule("nfs", "", "2001:db8:2::/48", List.of("udp"), port(2049)));
        byte[] later = ipv6(CLIENT6, SERVER6, 44, extension(17, 0, new byte[] {0, 16, 1, 2, 3, 4}, new byte[24]));
        assertFalse(out(later));
        byte[] first =
                ipv6(CLIENT6, SERVER6, 44, extension(17, 0, new byte[] {0, 1, 1, 2, 3, 4}, ports(800, 2049, 16)));
        assertTrue(out(first));
        assertTrue(out(later));
        byte[] another = ipv6(CLIENT6, SERVER6, 44, extension(17, 0, new byte[] {0, 16, 1, 2, 3, 5}, new byte[24]));
        assertFalse(out(another));
    }

    @Test
    void ruleWithoutPortsTakesFragmentsInAnyOrder() {
        rules(rule("all", CLIENT + "/32", "", List.of("udp")));
        assertTrue(out(fragment(CLIENT, SERVER, 17, 16, false, new byte[40])));
        assertFalse(out(fragment("10.1.4.6", SERVER, 17, 16, false, new byte[40])));
    }

    /** RFC 1858 and 3128: what was looked at in the first fragment must be what the receiver reassembles. */
    @Test
    void fragmentsThatHideTheTcpHeaderAreRefused() {
        rules(rule("all", "", "", List.of()));
        assertFalse(out(fragment(CLIENT, SERVER, 6, 8, false, new byte[40])));
        assertFalse(out(fragment(CLIENT, SERVER, 6, 16, false, new byte[40])));
        assertTrue(out(fragment(CLIENT, SERVER, 6, 24, false, new byte[40])));
        assertFalse(out(fragment(CLIENT, SERVER, 6, 0, true, ports(40_001, 23, 16))), "a header cut in two");
    }

    // What is between the addresses and the ports

    @Test
    void walksExtensionHeaders() {
        rules(rule("dns", "", "", List.of("udp"), port(53)));
        byte[] udp = ports(40_001, 53, 8);
        byte[] options = new byte[6];
        assertTrue(out(ipv6(CLIENT6, SERVER6, 0, extension(60, 0, options, extension(17, 0, options, udp)))));
        assertTrue(out(ipv6(CLIENT6, SERVER6, 60, extension(17, 1, new byte[14], udp))));
        assertTrue(out(ipv6(CLIENT6, SERVER6, 51, extension(17, 2, new byte[14], udp))), "AH counts in words of 4");
        assertTrue(out(ipv6(CLIENT6, SERVER6, 44, extension(17, 0, options, udp))), "an atomic fragment");
        assertFalse(out(ipv6(CLIENT6, SERVER6, 60, extension(17, 1, new byte[6], udp))), "it is another 8 bytes long");
        assertFalse(out(ipv6(CLIENT6, SERVER6, 50, extension(17, 0, options, udp))), "what ESP holds nobody sees");
        byte[] chain = udp;
        for (int i = 0; i < 9; i++) {
            chain = extension(i == 0 ? 17 : 60, 0, options, chain);
        }
        assertFalse(out(ipv6(CLIENT6, SERVER6, 60, chain)), "nine headers");
    }

    @Test
    void packetWithARouteOfItsOwnIsRefused() {
        rules(rule("all", "", "", List.of()));
        byte[] udp = ports(40_001, 53, 8);
        assertTrue(out(ipv6(CLIENT6, SERVER6, 43, extension(17, 0, new byte[] {0, 0, 0, 0, 0, 0}, udp))));
        assertFalse(out(ipv6(CLIENT6, SERVER6, 43, extension(17, 0, new byte[] {0, 1, 0, 0, 0, 0}, udp))));
        for (int option : new int[] {131, 137}) {
            byte[] options = {1, (byte) option, 7, 4, 10, 9, 9, 9};
            assertFalse(out(ipv4(CLIENT, SERVER, 17, 0, 1, options, udp)));
        }
        assertTrue(out(ipv4(CLIENT, SERVER, 17, 0, 1, new byte[] {1, 7, 3, 4}, udp)), "record route only looks");
        assertFalse(out(ipv4(CLIENT, SERVER, 17, 0, 1, new byte[] {7, 0, 0, 0}, udp)), "an option without end");
    }

    @Test
    void packetTooShortForItsHeadersIsRefused() {
        rules(rule("all", "", "", List.of()));
        assertFalse(out(ip(CLIENT, SERVER, 6, ports(1, 23, 19))));
        assertFalse(out(ip(CLIENT, SERVER, 17, ports(1, 53, 7))));
        assertFalse(out(ip(CLIENT, SERVER, 1, new byte[7])));
        assertFalse(out(ip(CLIENT6, SERVER6, 0, new byte[7])));
        byte[] lie = ip(CLIENT, SERVER, 17, ports(1, 53, 8));
        lie[0] = 0x4f;
        assertFalse(out(lie), "a header longer than the packet");
        lie[0] = 0x44;
        assertFalse(out(lie), "a header shorter than the least");
    }

    // Who and what the rules are

    @Test
    void groupsAreThoseOfTheGatewayThatSpeaksForAnAddress() {
        Rule fromOffice = new Rule(
                "office", List.of(), List.of(), List.of("office"), List.of("here"), List.of(), List.of(), List.of());
        rules(List.of(fromOffice), List.of("office"), false);
        assertTrue(in(udp(SERVER, 5, CLIENT, 6)));
        assertFalse(out(udp(CLIENT, 5, SERVER, 7)), "this gateway is not of that group");
        assertFalse(permits(inbound, udp("10.3.0.1", 5, CLIENT, 6), 1, OWN), "nor is that peer");
        assertFalse(permits(inbound, udp(SERVER, 5, "10.3.0.1", 6), 0, 1), "transit to a gateway that is not \"here\"");
    }

    @Test
    void openPeerIsNotAsked() {
        rules(List.of(rule("none", "10.9.0.0/16", "", List.of())), List.of(), true);
        assertTrue(permits(inbound, udp("10.3.0.1", 5, CLIENT, 6), 1, OWN));
        assertTrue(permits(outbound, udp(CLIENT, 5, "10.3.0.1", 6), OWN, 1));
        assertFalse(permits(inbound, udp("10.2.0.1", 5, CLIENT, 6), 0, OWN));
        assertEquals(List.of("far"), assertNotNullPolicy().counts(nowNs).open());
    }

    /** From one peer to another through this gateway: both ways each packet is looked at twice. */
    @Test
    void transitIsAnsweredToo() {
        rules(rule("telnet", "10.2.0.0/16", "10.3.0.0/16", List.of("tcp"), port(23)));
        byte[] syn = tcp("10.2.6.7", 40_001, "10.3.8.9", 23, SYN);
        byte[] answer = tcp("10.3.8.9", 23, "10.2.6.7", 40_001, SYN_ACK);
        assertFalse(permits(inbound, answer, 1, 0));
        assertTrue(permits(inbound, syn, 0, 1));
        assertTrue(permits(outbound, syn, 0, 1));
        assertTrue(permits(inbound, answer, 1, 0));
        assertTrue(permits(outbound, answer, 1, 0));
    }

    @Test
    void firstRuleCounts() {
        rules(
                rule("telnet", "", "", List.of("tcp"), port(23)),
                rule("tcp", "", "", List.of("tcp")),
                rule("never", "", "", List.of("tcp"), port(23)));
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        out(tcp(CLIENT, 40_001, SERVER, 24, SYN));
        out(tcp(CLIENT, 40_001, SERVER, 24, ACK));
        assertEquals(
                List.of(
                        new PolicyCounts.OfRule("telnet", 1, 0, 1),
                        new PolicyCounts.OfRule("tcp", 2, 0, 1),
                        new PolicyCounts.OfRule("never", 0, 0, 0)),
                assertNotNullPolicy().counts(nowNs).rules());
    }

    // Reload

    @Test
    void flowsAndCountersOutliveAReload() {
        telnet();
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        rules(
                rule("dns", "", "", List.of("udp"), port(53)),
                rule("telnet", "10.1.0.0/16", "10.2.0.0/16", List.of("tcp"), port(23)));
        assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK)));
        assertEquals(new PolicyCounts.OfRule("telnet", 1, 1, 1), count(1));
    }

    @Test
    void flowsOfARuleThatWentAreRefused() {
        telnet();
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        rules(rule("telnet", "10.1.0.0/16", "10.2.0.0/24", List.of("tcp"), port(23)));
        assertFalse(in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK)), "the server is not among those any more");
    }

    @Test
    void flowsThatAGroupAllowedAreRefusedWhenGroupsChange() {
        Rule toOffice =
                new Rule("office", List.of(), List.of(), List.of(), List.of("office"), List.of(), List.of(), List.of());
        rules(List.of(toOffice), List.of("office"), false);
        assertTrue(out(udp(CLIENT, 5, SERVER, 6)));
        assertTrue(in(udp(SERVER, 6, CLIENT, 5)));
        rules(List.of(toOffice), List.of("lab"), false);
        assertFalse(in(udp(SERVER, 6, CLIENT, 5)));
        assertEquals(new PolicyCounts.OfRule("office", 1, 1, 1), count(0));
    }

    // Bounds

    /** The table is full of pings: each still leaves, the oldest are forgotten, and status can tell. */
    @Test
    void fullTableForgetsTheOldestAndCounts() {
        rules(rule("ping", "", "", List.of("ping")));
        for (int i = 0; i < 1_000; i++) {
            assertTrue(out(icmp(CLIENT, SERVER, 8, i)));
        }
        assertTrue(in(icmp(SERVER, CLIENT, 0, 999)));
        PolicyCounts counts = assertNotNullPolicy().counts(nowNs);
        assertEquals(128, counts.flowSlots());
        assertEquals(1_000, counts.flows() + counts.evicted());
        assertTrue(counts.flows() <= 64);
    }

    /** An established connection is not what a flood of pings or of SYNs throws out. */
    @Test
    void floodDoesNotThrowOutEstablishedConnections() {
        rules(rule("all", "10.1.0.0/16", "", List.of()));
        out(tcp(CLIENT, 40_001, SERVER, 23, SYN));
        in(tcp(SERVER, 23, CLIENT, 40_001, SYN_ACK));
        for (int i = 0; i < 5_000; i++) {
            out(icmp(CLIENT, SERVER, 8, i));
            out(tcp(CLIENT, 1_024 + i, SERVER, 25, SYN));
        }
        assertTrue(in(tcp(SERVER, 23, CLIENT, 40_001, ACK)));
    }

    @Test
    void asksWithoutAllocating() {
        rules(rule("telnet", "10.1.0.0/16", "", List.of("tcp"), port(23)), rule("ping", "", "", List.of("ping")));
        byte[] question = tcp(CLIENT, 40_001, SERVER, 23, ACK);
        byte[] answer = tcp(SERVER, 23, CLIENT, 40_001, ACK);
        byte[] refused = udp(SERVER, 23, CLIENT, 40_001);
        byte[] error = icmpError(SERVER, CLIENT, 3, question, 40);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 300; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            assertTrue(out(question));
            assertTrue(in(answer));
            assertFalse(in(refused));
            assertTrue(in(error));
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    // For `why`

    @Test
    void verdictNamesTheRuleAndCountsNothing() {
        telnet();
        Policy asked = assertNotNullPolicy();
        FiveTuple allowed = FiveTuple.question(0, 0xffff_0a01_0405L, 0, 0xffff_0a02_0607L, FiveTuple.TCP, 23);
        FiveTuple refused = FiveTuple.question(0, 0xffff_0a02_0607L, 0, 0xffff_0a01_0405L, FiveTuple.TCP, 23);
        assertEquals(new Verdict(true, Optional.of("telnet")), asked.verdict(allowed, OWN, 0, 0));
        assertEquals(new Verdict(false, Optional.empty()), asked.verdict(refused, 0, OWN, 0));
        assertEquals(new PolicyCounts.OfRule("telnet", 0, 0, 0), count(0));
    }
}
