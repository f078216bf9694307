package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What we ask, byte by byte: the same as {@code ip} of iproute2 6.1 sends, seen with strace, but for the order of
 * attributes. What we read: recorded from Linux 6.18. Little endian machines.
 */
final class NetlinkMessageTest {
    private static final int SEQUENCE = 0x1a2b3c4d;

    private final Region memory = new Region(1024);
    private final NetlinkMessage message = new NetlinkMessage(memory.address(), 512);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void asksForAnIpv4Route() {
        Route route = route("10.2.0.0", 16, Route.Kind.UNICAST, 7, "10.1.0.1", null, 37, 1404);
        RouteMessage.put(message, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL, route);
        assertWritten("""
                48000000 1800 0506 4d3c2b1a 00000000
                02 10 00 00 fe 94 fd 01 00000000
                0800 0100 0a020000
                0800 0400 07000000
                0800 0700 0a010001
                0800 0600 25000000
                0c00 0800 0800 0200 7c050000
                """);
    }

    @Test
    void asksForAnIpv6RouteToReplaceAnother() {
        Route route = route("2001:db8:2::", 48, Route.Kind.UNICAST, 7, "2001:db8:1::5", "fe80::9", 0, 1384);
        RouteMessage.put(message, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_REPLACE, route);
        assertWritten("""
                74000000 1800 0505 4d3c2b1a 00000000
                0a 30 00 00 fe 94 00 01 00000000
                1400 0100 20010db8000200000000000000000000
                0800 0400 07000000
                1400 0500 fe800000000000000000000000000009
                1400 0700 20010db8000100000000000000000005
                0800 0600 00040000
                0c00 0800 0800 0200 68050000
                """);
    }

    @Test
    void asksForAGuardToBeDeleted() {
        Route route = route("10.2.0.0", 16, Route.Kind.UNREACHABLE, 0, null, null, 0xffff_ffffL, 0);
        RouteMessage.putDelete(message, route);
        assertWritten("""
                2c000000 1900 0500 4d3c2b1a 00000000
                02 10 00 00 fe 94 ff 07 00000000
                0800 0100 0a020000
                0800 0600 ffffffff
                """);
    }

    @Test
    void asksForTheDefaultRouteWithoutADestination() {
        Route route = route("0.0.0.0", 0, Route.Kind.UNICAST, 7, null, null, 0, 0);
        RouteMessage.put(message, 0, route);
        assertWritten("24000000 1800 0500 4d3c2b1a 00000000 02 00 00 00 fe 94 fd 01 00000000 0800 0400 07000000");
    }

    @Test
    void asksWhichRouteAPacketTakes() {
        RouteMessage.putQuestion(message, address("fe80::7%3"));
        assertWritten("""
                38000000 1a00 0500 4d3c2b1a 00000000
                0a 80 00 00 00 00 00 00 00000000
                1400 0100 fe800000000000000000000000000007
                0800 0400 03000000
                """);
        RouteMessage.putQuestion(message, address("192.0.2.7"));
        assertWritten("24000000 1a00 0500 4d3c2b1a 00000000 02 20 00 00 00 00 00 00 00000000 0800 0100 c0000207");
    }

    @Test
    void asksForChangesOfALink() {
        String header = " 1000 0500 4d3c2b1a 00000000 00 00 0000 07000000 ";
        LinkMessage.putUp(message, 7);
        assertWritten("20000000" + header + "01000000 01000000");
        LinkMessage.putMtu(message, 7, 1393);
        assertWritten("28000000" + header + "00000000 00000000 0800 0400 71050000");
        LinkMessage.putAddressGenerationNone(message, 7);
        assertWritten("30000000" + header + "00000000 00000000 1000 1a00 0c00 0a00 0500 0800 01 000000");
        LinkMessage.putDelete(message, 7);
        assertWritten("20000000 1100 0500 4d3c2b1a 00000000 00 00 0000 07000000 00000000 00000000");
    }

    @Test
    void makesNoRouteOfAKindItDoesNotKnow() {
        for (Route.Kind kind : new Route.Kind[] {Route.Kind.LOCAL, Route.Kind.OTHER}) {
            Route route = route("10.2.0.0", 16, kind, 7, null, null, 0, 0);
            assertThrows(IllegalArgumentException.class, () -> RouteMessage.put(message, 0, route));
            assertThrows(IllegalArgumentException.class, () -> RouteMessage.putDelete(message, route));
        }
    }

    @Test
    void doesNotWriteBeyondItsMemory() {
        NetlinkMessage small = new NetlinkMessage(memory.address(), 40);
        small.begin(16, 0, 16);
        small.putU32(1, 5);
        assertThrows(IllegalStateException.class, () -> small.putU8(2, 6));
        assertEquals(0, OffHeap.i64(memory.address() + 40));
    }

    @Test
    void readsAnIpv4RouteOverAnIpv6Gateway() {
        assertEquals(route("10.4.0.0", 16, Route.Kind.UNICAST, 3, "10.9.0.1", "2001:db8:1::4", 12, 1300), route("""
                        02100000fe9400010000000008000f00fe000000080001000a040000080006000c0000000c000800080002001405
                        0000080007000a090001160012000a0020010db800010000000000000000000400000800040003000000
                        """));
    }

    @Test
    void readsTheFirstOfSeveralNextHops() {
        Route route = route("""
                02100000fe0300010000000008000f00fe000000080001000a0300001c0009001000000103000000080005000a0900
                020800000002000000
                """);
        assertEquals(3, route.interfaceIndex());
        assertEquals(address("10.9.0.2"), route.gateway());
        assertEquals(3, route.protocol(), "boot");
    }

    @Test
    void readsADefaultRoute() {
        Route route = route("02000000fe03fd010000000008000f00fe0000000800040003000000");
        assertEquals(address("0.0.0.0"), route.destination());
        assertEquals(0, route.prefixLength());
        assertNull(route.gateway());
    }

    /** The kernel puts lo into it; in ours an unreachable route has no interface, or reading would not equal writing. */
    @Test
    void readsAnUnreachableIpv6RouteWithoutAnInterface() {
        assertEquals(route("2001:db8:2::", 48, Route.Kind.UNREACHABLE, 0, null, null, 0xffff_ffffL, 0), route("""
                        0a300000fe9400070000000008000f00fe0000001400010020010db8000200000000000000000000
                        08000600ffffffff080004000100000024000c0000000000000000000000000000000000000000000000000000000000
                        000000000500140000000000
                        """));
    }

    @Test
    void knowsTheMainTable() {
        assertTrue(mainTable("02000000fe03fd010000000008000f00fe0000000800040003000000"));
        assertFalse(mainTable("02200000ff02fe020000000008000f00ff000000080001000a090001"), "local");
        assertFalse(mainTable("02200000fc02fe020000000008000f00e8030000080001000a090001"), "1000, 8 bits are too few");
        assertTrue(mainTable("02000000fe03fd0100000000"), "an old kernel without the attribute");
        assertFalse(mainTable("1c000000fe03fd0100000000"), "MPLS");
    }

    @Test
    void readsALink() {
        Link up = link("""
                00000100030000004310010000000000090003006c616e300000000008000d00e80300000500100006000000
                08000400780500000800320044000000
                """);
        assertEquals(new Link(3, "lan0", 1400, true, true, false, true, ""), up);
        Link lo = link("00000403010000004900010000000000070003006c6f00000800040000000100");
        assertEquals(new Link(1, "lo", 65_536, true, true, true, false, ""), lo);
        Link down = link("""
                00000100020000000010000000000000090003006661723000000000
                10001200090001007665746800000000
                """);
        assertEquals(new Link(2, "far0", 0, false, false, false, true, "veth"), down);
    }

    @Test
    void readsOurSideOfAPointToPointAddress() {
        assertEquals(
                new Address(3, address("10.9.0.1"), 31),
                addressMessage(
                        "021f800003000000080001000a090002080002000a090001090003006c616e30000000000800080080000000"));
        assertEquals(
                new Address(3, address("2001:db8:1::5"), 56),
                addressMessage("0a388200030000001400010020010db80001000000000000000000050800080082000000"));
        assertNull(addressMessage("1c388200030000000800010001020304"), "another family");
        assertNull(addressMessage("021f80000300000008000800 80000000"), "no address");
    }

    @Test
    void countsNotifications() {
        int bytes = Packets.put(
                memory.address(),
                "12000000 18000000 00000000 00000000 aabb 0000 14000000 18000000 00000000 00000000 ccddeeff");
        assertEquals(2, NetlinkWatch.count(memory.address(), memory.address() + bytes));
        assertEquals(0, NetlinkWatch.count(memory.address(), memory.address() + 15));
        OffHeap.putNativeI32(memory.address(), 3);
        assertEquals(1, NetlinkWatch.count(memory.address(), memory.address() + bytes), "no endless loop");
    }

    @Test
    void findsNoAttributeThatReachesBeyondTheEnd() {
        long from = memory.address();
        Packets.put(from, "0800 0100 0a020000 0800 0500 c0a80001");
        assertEquals(from + 8, NetlinkMessage.find(from, from + 16, 5, 4));
        assertEquals(0, NetlinkMessage.find(from, from + 15, 5, 4));
        assertEquals(0, NetlinkMessage.find(from, from + 16, 5, 5), "fewer bytes than wanted");
        assertEquals(0, NetlinkMessage.find(from, from + 16, 6, 0));
        Packets.put(from, "0300 0100");
        assertEquals(0, NetlinkMessage.find(from, from + 16, 1, 0), "shorter than its header");
        Packets.put(from, "0800 0180 0a020000");
        assertEquals(from, NetlinkMessage.find(from, from + 16, 1, 4), "NLA_F_NESTED is no part of the type");
    }

    /** Parsers end, and read nothing behind the message: what lies there differs, what they say must not. */
    @Test
    void readsDamagedMessagesWithoutLookingBehindThem() {
        SplittableRandom random = new SplittableRandom(148);
        String[] recorded = {
            "02100000fe9400010000000008000f00fe000000080001000a040000080006000c0000000c0008000800020014050000"
                    + "080007000a090001160012000a0020010db800010000000000000000000400000800040003000000",
            "02100000fe0300010000000008000f00fe000000080001000a0300001c0009001000000103000000080005000a0900020800000002000000",
        };
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = HexFormat.of().parseHex(recorded[round & 1]);
            for (int i = random.nextInt(4); i > 0; i--) {
                bytes[RouteMessage.BYTES + random.nextInt(bytes.length - RouteMessage.BYTES)] = (byte) random.nextInt();
            }
            int length = RouteMessage.BYTES + random.nextInt(bytes.length - RouteMessage.BYTES + 1);
            String first = parsed(bytes, length, 0x00);
            String second = parsed(bytes, length, 0xa7);
            assertEquals(first, second, "seed 148, round " + round);
        }
    }

    private String parsed(byte[] bytes, int length, int behind) {
        OffHeap.fill(memory.address(), memory.bytes(), behind);
        OffHeap.copy(bytes, 0, memory.address(), length);
        long end = memory.address() + length;
        return RouteMessage.mainTable(memory.address(), end) + " " + RouteMessage.parse(memory.address(), end);
    }

    private void assertWritten(String hex) {
        int bytes = message.finish(SEQUENCE);
        assertEquals(hex.replaceAll("\\s", ""), Packets.hex(memory.address(), bytes));
    }

    private Route route(String hex) {
        int bytes = Packets.put(memory.address(), hex);
        return RouteMessage.parse(memory.address(), memory.address() + bytes);
    }

    private boolean mainTable(String hex) {
        int bytes = Packets.put(memory.address(), hex);
        return RouteMessage.mainTable(memory.address(), memory.address() + bytes);
    }

    private Link link(String hex) {
        int bytes = Packets.put(memory.address(), hex);
        return LinkMessage.parse(memory.address(), memory.address() + bytes);
    }

    private @Nullable Address addressMessage(String hex) {
        int bytes = Packets.put(memory.address(), hex);
        return LinkMessage.parseAddress(memory.address(), memory.address() + bytes);
    }

    private static Route route(
            String network,
            int length,
            Route.Kind kind,
            int index,
            @Nullable String source,
            @Nullable String gateway,
            long metric,
            int mtuBytes) {
        return new Route(
                address(network),
                length,
                kind,
                index,
                source == null ? null : address(source),
                gateway == null ? null : address(gateway),
                metric,
                Netlink.PROTOCOL_CULVERT,
                mtuBytes);
    }

    private static InetAddress address(String literal) {
        return UdpLinks.address(literal, 1).getAddress();
    }
}
