package org.culvert.tun;

import static org.culvert.tun.NetlinkMessage.ATTRIBUTE_VALUE;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.culvert.tun.memory.OffHeap;
import org.jspecify.annotations.Nullable;

/** {@code struct rtmsg} and its attributes (linux/rtnetlink.h): a {@link Route} to and from bytes. Stateless. */
final class RouteMessage {
    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;

    // struct rtmsg
    static final int FAMILY = 0;
    static final int DESTINATION_LENGTH = 1;
    static final int TABLE = 4;
    static final int PROTOCOL = 5;
    static final int SCOPE = 6;
    static final int TYPE = 7;
    static final int BYTES = 12;

    static final int RT_TABLE_MAIN = 254;
    static final int RT_SCOPE_UNIVERSE = 0;
    static final int RT_SCOPE_LINK = 253;
    static final int RT_SCOPE_NOWHERE = 255;
    static final int RTN_UNICAST = 1;
    static final int RTN_LOCAL = 2;
    static final int RTN_UNREACHABLE = 7;

    static final int RTA_DST = 1;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_PRIORITY = 6;
    static final int RTA_PREFSRC = 7;
    static final int RTA_METRICS = 8;
    static final int RTA_MULTIPATH = 9;
    static final int RTA_TABLE = 15;
    static final int RTA_VIA = 18;
    static final int RTAX_MTU = 2;

    // struct rtnexthop, repeated in RTA_MULTIPATH
    static final int NEXTHOP_INTERFACE = 4;
    static final int NEXTHOP_BYTES = 8;
    // struct rtvia: a gateway of the other family
    static final int VIA_ADDRESS = 2;

    /** IP6_RT_PRIO_USER: what IPv6 takes for 0. Written out, so that a deletion finds the one it means. */
    private static final long IPV6_DEFAULT_METRIC = 1024;

    private RouteMessage() {}

    /** Asks for a route to be made: NLM_F_CREATE and NLM_F_EXCL or NLM_F_REPLACE. */
    static void put(NetlinkMessage message, int flags, Route route) {
        boolean direct = route.kind() == Route.Kind.UNICAST && route.gateway() == null;
        boolean ipv4 = route.destination() instanceof Inet4Address;
        put(message, RTM_NEWROUTE, flags, route, direct && ipv4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
    }

    /** Asks for a route to be deleted that has all of the given properties. */
    static void putDelete(NetlinkMessage message, Route route) {
        put(message, RTM_DELROUTE, 0, route, RT_SCOPE_NOWHERE);
    }

    private static void put(NetlinkMessage message, int type, int flags, Route route, int scope) {
        long header = begin(message, type, flags, route.destination(), route.prefixLength());
        OffHeap.putU8(header + TABLE, RT_TABLE_MAIN);
        OffHeap.putU8(header + PROTOCOL, route.protocol());
        OffHeap.putU8(header + SCOPE, scope);
        OffHeap.putU8(header + TYPE, type(route.kind()));
        if (route.interfaceIndex() != 0) {
            message.putU32(RTA_OIF, route.interfaceIndex());
        }
        InetAddress gateway = route.gateway();
        if (gateway != null) {
            message.putAddress(RTA_GATEWAY, gateway);
        }
        InetAddress source = route.preferredSource();
        if (source != null) {
            message.putAddress(RTA_PREFSRC, source);
        }
        if (metric(route) != 0) {
            message.putU32(RTA_PRIORITY, metric(route));
        }
        if (route.mtuBytes() != 0) {
            int metrics = message.beginNest(RTA_METRICS);
            message.putU32(RTAX_MTU, route.mtuBytes());
            message.endNest(metrics);
        }
    }

    /** Asks for the route a packet would take. */
    static void putQuestion(NetlinkMessage message, InetAddress destination) {
        begin(message, RTM_GETROUTE, 0, destination, destination.getAddress().length * 8);
        if (destination instanceof Inet6Address ipv6 && ipv6.getScopeId() != 0) {
            message.putU32(RTA_OIF, ipv6.getScopeId());
        }
    }

    private static long begin(NetlinkMessage message, int type, int flags, InetAddress destination, int length) {
        long header = message.begin(type, flags, BYTES);
        OffHeap.putU8(header + FAMILY, destination instanceof Inet4Address ? LibC.AF_INET : LibC.AF_INET6);
        OffHeap.putU8(header + DESTINATION_LENGTH, length);
        if (length != 0) {
            message.putAddress(RTA_DST, destination);
        }
        return header;
    }

    private static int type(Route.Kind kind) {
        return switch (kind) {
            case UNICAST -> RTN_UNICAST;
            case UNREACHABLE -> RTN_UNREACHABLE;
            case LOCAL, OTHER -> throw new IllegalArgumentException("not ours to make: a route of kind " + kind);
        };
    }

    private static long metric(Route route) {
        boolean ipv4 = route.destination() instanceof Inet4Address;
        return route.metric() == 0 && !ipv4 ? IPV6_DEFAULT_METRIC : route.metric();
    }

    /** Whether a message describes a route of the main table in a family we know. */
    static boolean mainTable(long header, long end) {
        long attributes = header + BYTES;
        int family = OffHeap.u8(header + FAMILY);
        long table = NetlinkMessage.u32(attributes, end, RTA_TABLE); // the header's has only 8 bits
        return (family == LibC.AF_INET || family == LibC.AF_INET6)
                && (table == 0 ? OffHeap.u8(header + TABLE) : table) == RT_TABLE_MAIN;
    }

    /** Reads a route. Of several next hops, the first stands for all. */
    static Route parse(long header, long end) {
        boolean ipv4 = OffHeap.u8(header + FAMILY) == LibC.AF_INET;
        long attributes = header + BYTES;
        InetAddress destination = address(attributes, end, RTA_DST, 0, ipv4);
        Route.Kind kind = kind(OffHeap.u8(header + TYPE));
        long hop = attributes;
        long hopEnd = end;
        long oif = NetlinkMessage.u32(attributes, end, RTA_OIF);
        long paths = NetlinkMessage.find(attributes, end, RTA_MULTIPATH, NEXTHOP_BYTES);
        if (paths != 0) {
            long first = paths + ATTRIBUTE_VALUE;
            oif = OffHeap.nativeI32(first + NEXTHOP_INTERFACE);
            hop = first + NEXTHOP_BYTES;
            hopEnd = Math.min(first + OffHeap.nativeU16(first), end);
        }
        // The kernel hangs unreachable IPv6 routes on lo; nothing ever leaves by it.
        int device = kind == Route.Kind.UNREACHABLE ? 0 : (int) oif;
        return new Route(
                destination == null ? AddressBytes.any(ipv4) : destination,
                OffHeap.u8(header + DESTINATION_LENGTH),
                kind,
                device,
                address(attributes, end, RTA_PREFSRC, 0, ipv4),
                gateway(hop, hopEnd, ipv4),
                NetlinkMessage.u32(attributes, end, RTA_PRIORITY),
                OffHeap.u8(header + PROTOCOL),
                mtuBytes(attributes, end));
    }

    private static @Nullable InetAddress gateway(long from, long end, boolean ipv4) {
        InetAddress gateway = address(from, end, RTA_GATEWAY, 0, ipv4);
        return gateway != null ? gateway : address(from, end, RTA_VIA, VIA_ADDRESS, false);
    }

    private static @Nullable InetAddress address(long from, long end, int type, int offset, boolean ipv4) {
        int bytes = AddressBytes.length(ipv4);
        long attribute = NetlinkMessage.find(from, end, type, offset + bytes);
        return attribute == 0 ? null : AddressBytes.read(attribute + ATTRIBUTE_VALUE + offset, bytes);
    }

    private static int mtuBytes(long from, long end) {
        long metrics = NetlinkMessage.find(from, end, RTA_METRICS, 0);
        if (metrics == 0) {
            return 0;
        }
        long inner = metrics + ATTRIBUTE_VALUE;
        return (int) NetlinkMessage.u32(inner, inner + NetlinkMessage.valueBytes(metrics), RTAX_MTU);
    }

    private static Route.Kind kind(int type) {
        return switch (type) {
            case RTN_UNICAST -> Route.Kind.UNICAST;
            case RTN_LOCAL -> Route.Kind.LOCAL;
            case RTN_UNREACHABLE -> Route.Kind.UNREACHABLE;
            default -> Route.Kind.OTHER;
        };
    }
}
