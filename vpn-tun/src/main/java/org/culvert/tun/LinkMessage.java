package org.culvert.tun;

import static org.culvert.tun.NetlinkMessage.ATTRIBUTE_VALUE;

import java.net.InetAddress;
import org.culvert.tun.memory.OffHeap;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct ifinfomsg} and {@code struct ifaddrmsg} with their attributes (linux/rtnetlink.h, if_link.h,
 * if_addr.h): a {@link Link} and its {@link Address}es. Stateless.
 */
final class LinkMessage {
    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;
    static final int RTM_NEWADDR = 20;
    static final int RTM_GETADDR = 22;

    // struct ifinfomsg
    static final int TYPE = 2;
    static final int INDEX = 4;
    static final int FLAGS = 8;
    static final int CHANGE = 12;
    static final int BYTES = 16;

    static final int IFF_UP = 0x1;
    static final int IFF_LOOPBACK = 0x8;
    static final int IFF_LOWER_UP = 0x10000;

    static final int ARPHRD_ETHER = 1; // linux/if_arp.h

    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_AF_SPEC = 26;
    static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    static final int IN6_ADDR_GEN_MODE_NONE = 1;

    // struct ifaddrmsg
    static final int ADDRESS_FAMILY = 0;
    static final int ADDRESS_PREFIX_LENGTH = 1;
    static final int ADDRESS_INDEX = 4;
    static final int ADDRESS_BYTES = 8;

    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;

    private LinkMessage() {}

    static void putQuestion(NetlinkMessage message, int index) {
        begin(message, RTM_GETLINK, index);
    }

    static void putUp(NetlinkMessage message, int index) {
        long header = begin(message, RTM_NEWLINK, index);
        OffHeap.putNativeI32(header + FLAGS, IFF_UP);
        OffHeap.putNativeI32(header + CHANGE, IFF_UP);
    }

    static void putMtu(NetlinkMessage message, int index, int mtuBytes) {
        begin(message, RTM_NEWLINK, index);
        message.putU32(IFLA_MTU, mtuBytes);
    }

    static void putAddressGenerationNone(NetlinkMessage message, int index) {
        begin(message, RTM_NEWLINK, index);
        int families = message.beginNest(IFLA_AF_SPEC);
        int ipv6 = message.beginNest(LibC.AF_INET6);
        message.putU8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        message.endNest(ipv6);
        message.endNest(families);
    }

    static void putDelete(NetlinkMessage message, int index) {
        begin(message, RTM_DELLINK, index);
    }

    private static long begin(NetlinkMessage message, int type, int index) {
        long header = message.begin(type, 0, BYTES);
        OffHeap.putNativeI32(header + INDEX, index);
        return header;
    }

    static Link parse(long header, long end) {
        int flags = OffHeap.nativeI32(header + FLAGS);
        long attributes = header + BYTES;
        return new Link(
                OffHeap.nativeI32(header + INDEX),
                NetlinkMessage.text(attributes, end, IFLA_IFNAME),
                (int) NetlinkMessage.u32(attributes, end, IFLA_MTU),
                (flags & IFF_UP) != 0,
                (flags & IFF_LOWER_UP) != 0,
                (flags & IFF_LOOPBACK) != 0,
                OffHeap.nativeU16(header + TYPE) == ARPHRD_ETHER,
                kind(attributes, end));
    }

    private static String kind(long attributes, long end) {
        long info = NetlinkMessage.find(attributes, end, IFLA_LINKINFO, 0);
        long nested = info + ATTRIBUTE_VALUE;
        return info == 0 ? "" : NetlinkMessage.text(nested, nested + NetlinkMessage.valueBytes(info), IFLA_INFO_KIND);
    }

    /** Reads an address; null for another family than IPv4 and IPv6. */
    static @Nullable Address parseAddress(long header, long end) {
        int family = OffHeap.u8(header + ADDRESS_FAMILY);
        if (family != LibC.AF_INET && family != LibC.AF_INET6) {
            return null;
        }
        int bytes = AddressBytes.length(family == LibC.AF_INET);
        long attributes = header + ADDRESS_BYTES;
        // On a point-to-point link IFA_ADDRESS is the other end's; IFA_LOCAL is missing where they are the same.
        long local = NetlinkMessage.find(attributes, end, IFA_LOCAL, bytes);
        long found = local != 0 ? local : NetlinkMessage.find(attributes, end, IFA_ADDRESS, bytes);
        if (found == 0) {
            return null;
        }
        InetAddress address = AddressBytes.read(found + ATTRIBUTE_VALUE, bytes);
        return new Address(
                OffHeap.nativeI32(header + ADDRESS_INDEX), address, OffHeap.u8(header + ADDRESS_PREFIX_LENGTH));
    }
}
