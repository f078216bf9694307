package org.culvert.tun;

import static org.culvert.tun.MessageHeader.*;

import org.culvert.tun.memory.OffHeap;

/** The {@code struct msghdr} of the sending thread, written afresh for each sendmsg. Lives in borrowed memory. */
final class OutgoingMessage {
    private final long message;
    private final boolean ipv6;
    private int trafficClass;

    /** Lays itself out in {@link MessageHeader#OWN_BYTES} zeroed bytes. */
    OutgoingMessage(long memory, boolean ipv6) {
        this.message = memory;
        this.ipv6 = ipv6;
        OffHeap.putNativeI64(message + NAME, message + OWN_NAME);
        OffHeap.putNativeI64(message + IOVECS, message + OWN_IOVEC);
        OffHeap.putNativeI64(message + IOVEC_COUNT, 1);
        OffHeap.putNativeI64(message + CONTROL, message + OWN_CONTROL);
    }

    long address() {
        return message;
    }

    /** Of the next messages. */
    void trafficClass(int bits) {
        trafficClass = bits;
    }

    /** Arguments as for {@link UdpLink#send}. */
    void prepare(Endpoint to, long payload, int bytes, int segmentBytes) {
        OffHeap.putNativeI64(message + OWN_IOVEC + IOVEC_BASE, payload);
        OffHeap.putNativeI64(message + OWN_IOVEC + IOVEC_LENGTH, bytes);
        long name = message + OWN_NAME;
        int nameBytes = ipv6 ? SocketAddress.putIpv6(name, to) : SocketAddress.putIpv4(name, to);
        OffHeap.putNativeI32(message + NAME_BYTES, nameBytes);
        int control = 0;
        if ((to.localHigh() | to.localLow()) != 0) {
            control = ipv6 ? putSource6(to) : putSource(to);
        }
        if (segmentBytes < bytes) {
            control = putSegment(control, segmentBytes);
        }
        if (trafficClass != 0) {
            control = putTrafficClass(control, to.ipv4());
        }
        OffHeap.putNativeI64(message + CONTROL_BYTES, control);
    }

    /** The interface stays 0: another would override the routing table, and the way back may be another one. */
    private int putSource(Endpoint to) {
        long data = putHeader(0, IPPROTO_IP, IP_PKTINFO, PKTINFO_BYTES);
        OffHeap.putNativeI32(data + PKTINFO_INTERFACE, 0);
        OffHeap.putI32(data + PKTINFO_SOURCE, (int) to.localLow());
        OffHeap.putNativeI32(data + PKTINFO_SOURCE + 4, 0);
        return space(PKTINFO_BYTES);
    }

    /**
     * Takes v4-mapped addresses too: a dual-stack socket sends IPv4 with an IPv6 PKTINFO. A link-local address means
     * nothing without its interface; with any other the endpoint has none.
     */
    private int putSource6(Endpoint to) {
        long data = putHeader(0, IPPROTO_IPV6, IPV6_PKTINFO, PKTINFO6_BYTES);
        OffHeap.putI64(data + PKTINFO6_ADDRESS, to.localHigh());
        OffHeap.putI64(data + PKTINFO6_ADDRESS + 8, to.localLow());
        OffHeap.putNativeI32(data + PKTINFO6_INTERFACE, to.localInterface());
        return space(PKTINFO6_BYTES);
    }

    private int putSegment(int offset, int segmentBytes) {
        long data = putHeader(offset, SOL_UDP, UDP_SEGMENT, Short.BYTES);
        OffHeap.putNativeU16(data, segmentBytes);
        return offset + space(Short.BYTES);
    }

    /** To an IPv4 address a dual-stack socket, too, wants the IPv4 form. */
    private int putTrafficClass(int offset, boolean ipv4) {
        long data = ipv4
                ? putHeader(offset, IPPROTO_IP, IP_TOS, Integer.BYTES)
                : putHeader(offset, IPPROTO_IPV6, IPV6_TCLASS, Integer.BYTES);
        OffHeap.putNativeI32(data, trafficClass);
        OffHeap.putNativeI32(data + Integer.BYTES, 0);
        return offset + space(Integer.BYTES);
    }

    private long putHeader(int offset, int level, int type, int dataBytes) {
        long header = message + OWN_CONTROL + offset;
        OffHeap.putNativeI64(header + CMSG_LENGTH, CMSG_DATA + dataBytes);
        OffHeap.putNativeI32(header + CMSG_LEVEL, level);
        OffHeap.putNativeI32(header + CMSG_TYPE, type);
        return header + CMSG_DATA;
    }
}
