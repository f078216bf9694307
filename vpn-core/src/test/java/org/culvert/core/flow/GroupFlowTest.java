package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.group.Group;
import org.culvert.core.group.GroupCounters;
import org.culvert.core.group.GroupDrop;
import org.culvert.core.group.GroupTable;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Fragmentation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three gateways in memory with a multicast group: tokyo and osaka share it, kyoto does not. */
class GroupFlowTest {
    private static final String GROUP = "239.1.2.3";
    private static final String GROUP6 = "ff15::1:3";
    private static final String MDNS = "224.0.0.251";
    private static final String HOST = "10.1.0.5";
    private static final long STATION = 0x0246_8ace_1357L;
    private static final long OTHER_STATION = 0x0246_8ace_9bdfL;
    private static final int RATE = 100;
    private static final int TTL_AT = 8;

    private final TestClock clock = new TestClock(275_999L * SkipTime.TICKS_PER_HOUR + 7_777);
    private final FakeLan tokyoLan = new FakeLan();
    private final FakeLan osakaLan = new FakeLan();
    private final GroupCounters tokyoCounts = new GroupCounters();
    private final GroupCounters osakaCounts = new GroupCounters();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private int outboundWoken;
    private TestGateway tokyo;
    private TestGateway osaka;
    private TestGateway kyoto;
    private LanFlow tokyoFlow;
    private LanFlow osakaFlow;

    @BeforeEach
    void link() throws Exception {
        tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24", "fd00:1::/64");
        osaka = new TestGateway("osaka", "198.51.100.2", clock, true, "10.2.0.0/24", "fd00:2::/64");
        kyoto = new TestGateway("kyoto", "203.0.113.2", clock, true, "10.3.0.0/24");
        tokyo.knows(osaka);
        tokyo.knows(kyoto);
        osaka.knows(tokyo);
        osaka.knows(kyoto);
        kyoto.knows(tokyo);
        kyoto.knows(osaka);
        Stream.of(tokyo, osaka, kyoto).forEach(TestGateway::publish);
        tokyoFlow = share(tokyo, tokyoLan, tokyoCounts, tokyo.peer(osaka));
        osakaFlow = share(osaka, osakaLan, osakaCounts, osaka.peer(tokyo));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        tokyo.close();
        osaka.close();
        kyoto.close();
    }

    private LanFlow share(TestGateway gateway, FakeLan lan, GroupCounters counts, Peer... members) throws Exception {
        GroupExchange exchange = new GroupExchange(lan, () -> outboundWoken++);
        List<Peer> all = List.of(members);
        exchange.follow(new GroupTable(List.of(
                new Group(name(GROUP), false, all, RATE, counts),
                new Group(name(GROUP6), false, all, RATE, counts),
                new Group(name(MDNS), true, all, RATE, counts))));
        gateway.published.groups(exchange);
        LanFlow flow = new LanFlow(exchange, gateway.published, clock);
        opened.add(flow);
        opened.add(exchange);
        return flow;
    }

    private static Group.Name name(String address) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(InetAddress.getByName(address).getAddress());
        return bytes.remaining() == 4
                ? new Group.Name(address, 0, 0xffff_0000_0000L | Integer.toUnsignedLong(bytes.getInt()))
                : new Group.Name(address, bytes.getLong(), bytes.getLong());
    }

    /** A host of tokyo's LAN says this. @return the datagrams that leave tokyo's gateway */
    private List<FakeLink.Sent> hear(long station, byte[]... packets) {
        for (byte[] packet : packets) {
            tokyoLan.say(station, Packets.withVnetHeader(packet));
        }
        while (tokyoFlow.runOnce()) {}
        tokyo.outbound.runOnce();
        List<FakeLink.Sent> sent = List.copyOf(tokyo.link.sent);
        tokyo.link.sent.clear();
        return sent;
    }

    /** @return what osaka's LAN hears of datagrams */
    private List<byte[]> deliver(Endpoint from, List<FakeLink.Sent> datagrams) {
        osakaLan.sent.clear();
        List<byte[]> toTun =
                osaka.open(from, datagrams.stream().map(FakeLink.Sent::bytes).toArray(byte[][]::new));
        assertEquals(List.of(), toTun, "to the TUN");
        while (osakaFlow.runOnce()) {}
        return List.copyOf(osakaLan.sent);
    }

    private static byte[] packet(String to, int seed) {
        return Packets.udp(HOST, to, 40, seed);
    }

    private static byte[] withTtl(byte[] packet, int ttl) {
        byte[] changed = packet.clone();
        changed[TTL_AT] = (byte) ttl;
        changed[10] = 0;
        changed[11] = 0;
        int sum = Packets.sum(changed, 0, 20, 0);
        ByteBuffer.wrap(changed).putShort(10, (short) ~sum);
        return changed;
    }

    @Test
    void isSealedForEachMemberAndHeardThereWithItsSource() {
        List<FakeLink.Sent> sent = hear(STATION, packet(GROUP, 1));
        assertEquals(1, sent.size());
        assertEquals(osaka.address, sent.getFirst().to());
        List<byte[]> heard = deliver(tokyo.address, sent);
        assertEquals(1, heard.size());
        assertArrayEquals(withTtl(packet(GROUP, 1), 62), heard.getFirst());
        assertEquals(1, tokyoCounts.sentPackets());
        assertEquals(68, tokyoCounts.sentBytes());
        assertEquals(1, osakaCounts.receivedPackets());
        assertTrue(outboundWoken > 0);
    }

    @Test
    void everyMemberGetsItUnderItsOwnKeys() throws Exception {
        GroupExchange exchange = tokyo.published.groups();
        exchange.follow(new GroupTable(List.of(
                new Group(name(GROUP), false, List.of(tokyo.peer(osaka), tokyo.peer(kyoto)), RATE, tokyoCounts))));
        List<FakeLink.Sent> sent = hear(STATION, packet(GROUP, 1), packet(GROUP, 2));
        assertEquals(
                List.of(osaka.address, kyoto.address, osaka.address, kyoto.address),
                sent.stream().map(FakeLink.Sent::to).toList());
        assertEquals(1, deliver(tokyo.address, List.of(sent.get(2))).size());
        assertEquals(0, deliver(tokyo.address, List.of(sent.get(1))).size(), "sealed for kyoto");
        assertEquals(1, osaka.dropped(DropReason.UNKNOWN_SPI));
        assertEquals(2, tokyo.peer(kyoto).counters().sentPackets());
    }

    @Test
    void ipv6Too() {
        byte[] packet = Packets.udp("fd00:1::5", GROUP6, 40, 3);
        List<byte[]> heard = deliver(tokyo.address, hear(STATION, packet));
        packet[7]--;
        assertArrayEquals(packet, heard.getFirst());
    }

    @Test
    void linkLocalGroupKeepsItsTtl() {
        byte[] one = withTtl(packet(MDNS, 4), 1);
        assertArrayEquals(one, deliver(tokyo.address, hear(STATION, one)).getFirst());
    }

    @Test
    void usedUpTtlGoesNoFurther() {
        assertEquals(0, hear(STATION, withTtl(packet(GROUP, 5), 1)).size());
        assertEquals(1, tokyoCounts.dropped(GroupDrop.TTL));
        byte[] packet = Packets.udp("fd00:1::5", GROUP6, 40, 3);
        packet[7] = 1;
        assertEquals(0, hear(STATION, packet).size());
        assertEquals(2, tokyoCounts.dropped(GroupDrop.TTL));
    }

    @Test
    void foreignSourceIsNotSent() {
        assertEquals(0, hear(STATION, Packets.udp("172.16.0.5", GROUP, 40, 6)).size());
        assertEquals(0, hear(STATION, Packets.udp("10.2.0.9", GROUP, 40, 6)).size());
        assertEquals(0, hear(STATION, Packets.udp("fe80::5", GROUP6, 40, 6)).size());
        assertEquals(3, tokyoCounts.dropped(GroupDrop.SOURCE));
    }

    @Test
    void groupThatIsNotConfiguredIsNotSent() {
        assertEquals(0, hear(STATION, packet("239.1.2.4", 7)).size());
    }

    @Test
    void whatIsSaidOfThisLinkStaysHere() {
        byte[] igmp = packet(MDNS, 8);
        igmp[9] = 2;
        assertEquals(0, hear(STATION, igmp).size());
        byte[] mld = Packets.udp("fd00:1::5", GROUP6, 40, 8);
        mld[6] = 0; // hop-by-hop, then ICMPv6
        mld[40] = 58;
        mld[41] = 0;
        mld[48] = (byte) 131;
        assertEquals(0, hear(STATION, mld).size());
        assertEquals(2, tokyoCounts.dropped(GroupDrop.LOCAL));
    }

    @Test
    void comesBackFromAnotherStationAndGoesNoFurther() {
        byte[] packet = packet(MDNS, 9);
        assertEquals(1, hear(STATION, packet).size());
        assertEquals(0, hear(OTHER_STATION, packet).size());
        assertEquals(1, tokyoCounts.dropped(GroupDrop.RETURNED));
        byte[] hopped = packet(GROUP, 10);
        assertEquals(1, hear(STATION, hopped).size());
        assertEquals(0, hear(OTHER_STATION, withTtl(hopped, 62)).size(), "also after a hop");
        assertEquals(2, tokyoCounts.dropped(GroupDrop.RETURNED));
    }

    @Test
    void repeatedByItsOwnHostItPasses() {
        byte[] packet = packet(GROUP, 11);
        assertEquals(1, hear(STATION, packet).size());
        assertEquals(1, hear(STATION, packet).size());
        clock.advanceSeconds(3);
        assertEquals(1, hear(OTHER_STATION, packet).size(), "the host has another card now");
    }

    @Test
    void nothingThatCameFromAPeerIsSentToOne() {
        hear(STATION, packet(GROUP, 12));
        List<FakeLink.Sent> sent = hear(STATION, packet(GROUP, 13));
        deliver(tokyo.address, sent);
        osaka.outbound.runOnce();
        assertEquals(List.of(), osaka.link.sent);
        // and if osaka's LAN gave it back, it is nobody's of osaka
        osakaLan.say(STATION, Packets.withVnetHeader(packet(GROUP, 13)));
        while (osakaFlow.runOnce()) {}
        osaka.outbound.runOnce();
        assertEquals(List.of(), osaka.link.sent);
        assertEquals(1, osakaCounts.dropped(GroupDrop.SOURCE));
    }

    @Test
    void whoIsNoMemberIsNotHeard() throws Exception {
        FakeLan lan = new FakeLan();
        LanFlow flow = share(kyoto, lan, new GroupCounters(), kyoto.peer(osaka));
        lan.say(STATION, Packets.withVnetHeader(Packets.udp("10.3.0.5", GROUP, 40, 14)));
        while (flow.runOnce()) {}
        kyoto.outbound.runOnce();
        assertEquals(1, kyoto.link.sent.size());
        assertEquals(List.of(), deliver(kyoto.address, kyoto.link.sent));
        assertEquals(1, osaka.peer(kyoto).counters().dropped(DropReason.NOT_A_MEMBER));
        Refusal.Detail noted = osaka.peer(kyoto).refused().take(Refusal.NOT_A_MEMBER);
        assertEquals(17, noted.number() >>> 16, "it is to be told");
    }

    @Test
    void memberMayNotSpeakForAnothersHosts() throws Exception {
        tokyo.narrows(osaka, "10.2.0.0/24");
        FakeLan lan = new FakeLan();
        TestGateway forger = new TestGateway("tokyo", "192.0.2.2", clock, true, tokyo.keyPair, "10.3.0.0/24");
        forger.knows(osaka);
        forger.publish();
        opened.add(forger);
        LanFlow flow = share(forger, lan, new GroupCounters(), forger.peer(osaka));
        lan.say(STATION, Packets.withVnetHeader(Packets.udp("10.3.0.5", GROUP, 40, 15)));
        while (flow.runOnce()) {}
        forger.outbound.runOnce();
        assertEquals(List.of(), deliver(tokyo.address, forger.link.sent));
        assertEquals(1, osaka.peer(tokyo).counters().dropped(DropReason.INNER_SOURCE));
    }

    @Test
    void groupOnlyTheSenderHasIsNotForUs() throws Exception {
        osaka.published.groups().follow(GroupTable.NONE);
        assertEquals(List.of(), deliver(tokyo.address, hear(STATION, packet(GROUP, 16))));
        assertEquals(1, osaka.dropped(DropReason.NOT_FOR_US));
    }

    @Test
    void rateHoldsInEachDirection() {
        byte[][] burst = new byte[RATE + 20][];
        for (int i = 0; i < burst.length; i++) {
            burst[i] = packet(GROUP, i);
        }
        List<FakeLink.Sent> sent = new ArrayList<>();
        for (byte[] packet : burst) {
            sent.addAll(hear(STATION, packet));
        }
        assertEquals(RATE, sent.size());
        assertEquals(20, tokyoCounts.dropped(GroupDrop.RATE_OUT));

        clock.advanceSeconds(1);
        for (byte[] packet : Arrays.copyOf(burst, 20)) {
            sent.addAll(hear(STATION, packet));
        }
        int heard = 0;
        for (FakeLink.Sent datagram : sent) {
            heard += deliver(tokyo.address, List.of(datagram)).size();
        }
        assertEquals(RATE, heard);
        assertEquals(20, osakaCounts.dropped(GroupDrop.RATE_IN));
        assertEquals(RATE + 20, osaka.peer(tokyo).counters().receivedPackets());
    }

    @Test
    void fullRingIsCountedAndNothingWaits() {
        for (int i = 0; i < GroupRing.SLOTS + 3; i++) {
            tokyoLan.say(STATION, Packets.withVnetHeader(packet(GROUP, i)));
        }
        while (tokyoFlow.runOnce()) {}
        assertEquals(3, tokyoCounts.dropped(GroupDrop.FULL));
        assertEquals(GroupRing.SLOTS, hear(STATION).size());

        byte[][] many = new byte[GroupRing.SLOTS + 2][];
        clock.advanceSeconds(1);
        List<FakeLink.Sent> sent = new ArrayList<>();
        for (int i = 0; i < many.length; i++) {
            sent.addAll(hear(STATION, packet(GROUP, 200 + i)));
        }
        osaka.open(tokyo.address, sent.stream().map(FakeLink.Sent::bytes).toArray(byte[][]::new));
        assertEquals(2, osaka.peer(tokyo).counters().dropped(DropReason.GROUP_FULL));
    }

    /** As a virtual machine's card sends them: joined, and with the sum of the pseudo-header only. */
    @Test
    void superPacketIsCutAndItsChecksumsFinished() {
        byte[] packet = Packets.udp(HOST, GROUP, 100, 17);
        ByteBuffer header = ByteBuffer.wrap(packet);
        int pseudo = Packets.sum(packet, 12, 8, 0) + 17 + 108;
        header.putShort(26, (short) Packets.fold(pseudo));
        byte[] read = Packets.withVnetHeader(packet);
        read[0] = 1;
        read[1] = 5; // UDP_L4
        read[2] = 28;
        read[4] = 40; // payload of each
        read[6] = 20;
        read[8] = 6;
        tokyoLan.say(STATION, read);
        List<byte[]> heard = deliver(tokyo.address, hear(STATION));
        assertEquals(
                List.of(68, 68, 48), heard.stream().map(each -> each.length).toList());
        for (byte[] each : heard) {
            int transport = each.length - 20;
            int whole = Packets.sum(each, 20, transport, Packets.sum(each, 12, 8, 0) + 17 + transport);
            assertEquals(0xffff, whole, "checksum");
            assertEquals(0xffff, Packets.sum(each, 0, 20, 0), "header checksum");
            assertEquals(62, each[TTL_AT]);
        }
    }

    @Test
    void paddingOfAShortFrameIsLeftBehind() {
        byte[] packet = Packets.udp(HOST, GROUP, 3, 18);
        byte[] padded = Arrays.copyOf(packet, 46);
        assertArrayEquals(
                withTtl(packet, 62),
                deliver(tokyo.address, hear(STATION, padded)).getFirst());
    }

    /** Nobody can tell who sends to a group that a path is narrower: outside, the datagram may be cut. */
    @Test
    void onlyGroupsMayBeFragmentedOutside() {
        tokyo.published.fragmentation(Fragmentation.NEVER);
        assertEquals(
                Fragmentation.ANYWHERE,
                hear(STATION, packet(GROUP, 19)).getFirst().fragmentation());
        tokyo.tun.toRead.add(Packets.withVnetHeader(Packets.udp(HOST, "10.2.0.9", 40, 20)));
        tokyo.outbound.runOnce();
        assertEquals(Fragmentation.NEVER, tokyo.link.sent.getFirst().fragmentation());
    }

    @Test
    void memberWithoutAnAddressIsCountedAtIt() throws Exception {
        TestGateway nara = new TestGateway("nara", "203.0.113.9", clock, true, "10.4.0.0/24");
        opened.add(nara);
        tokyo.knowsWithoutEndpoint(nara);
        tokyo.publish();
        tokyo.published
                .groups()
                .follow(new GroupTable(List.of(new Group(
                        name(GROUP), false, List.of(tokyo.peer(nara), tokyo.peer(osaka)), RATE, tokyoCounts))));
        assertEquals(1, hear(STATION, packet(GROUP, 21)).size());
        assertEquals(1, tokyo.peer(nara).counters().dropped(DropReason.TX_NO_ENDPOINT));
    }

    @Test
    void refusedByTheLanIsCounted() {
        osakaLan.sendErrno = 90;
        deliver(tokyo.address, hear(STATION, packet(GROUP, 22)));
        assertEquals(1, osakaCounts.dropped(GroupDrop.LAN));
        assertEquals(0, osakaCounts.receivedPackets());
    }

    @Test
    void anotherLinkIsTakenUpAndTheOldOneClosed() {
        FakeLan next = new FakeLan();
        GroupExchange exchange = tokyo.published.groups();
        exchange.moveTo(next);
        FakeLan after = new FakeLan();
        exchange.moveTo(after); // before the thread has looked
        while (tokyoFlow.runOnce()) {}
        tokyoFlow.runOnce();
        assertTrue(tokyoLan.closed && next.closed);
        assertFalse(after.closed);
        after.say(STATION, Packets.withVnetHeader(packet(GROUP, 23)));
        assertTrue(tokyoFlow.runOnce());
        assertEquals(1, tokyoCounts.sentPackets());
    }
}
