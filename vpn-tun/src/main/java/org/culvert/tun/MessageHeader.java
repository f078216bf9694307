package org.culvert.tun;

/**
 * {@code struct msghdr}, {@code iovec} (bits/socket.h, bits/types/struct_iovec.h) and the control messages that travel
 * with them, as 64-bit Linux lays them out, and where {@link OutgoingMessage} and {@link IncomingMessage} keep theirs
 * in one block of memory.
 */
final class MessageHeader {
    static final int NAME = 0;
    static final int NAME_BYTES = 8;
    static final int IOVECS = 16;
    static final int IOVEC_COUNT = 24;
    static final int CONTROL = 32;
    static final int CONTROL_BYTES = 40;
    static final int FLAGS = 48;
    static final int BYTES = 56;

    static final int IOVEC_BASE = 0;
    static final int IOVEC_LENGTH = 8;
    static final int IOVEC_BYTES = 16;

    // struct cmsghdr: its length counts the header; the next one starts at the next multiple of 8.
    static final int CMSG_LENGTH = 0;
    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int CMSG_DATA = 16;

    // linux/in.h, linux/in6.h, linux/udp.h: levels, and types that are also the options that switch them on.
    static final int IPPROTO_IP = 0;
    static final int IP_TOS = 1;
    static final int IP_PKTINFO = 8;
    static final int IP_RECVTOS = 13;
    static final int IPPROTO_IPV6 = 41;
    static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    static final int IPV6_RECVTCLASS = 66;
    static final int IPV6_TCLASS = 67;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    // struct in_pktinfo, linux/in.h
    static final int PKTINFO_INTERFACE = 0;
    /** ipi_spec_dst, our own address. Not ipi_addr, which is the datagram's destination and may be a broadcast. */
    static final int PKTINFO_SOURCE = 4;

    static final int PKTINFO_BYTES = 12;

    // struct in6_pktinfo, linux/ipv6.h
    static final int PKTINFO6_ADDRESS = 0;
    static final int PKTINFO6_INTERFACE = 16;
    static final int PKTINFO6_BYTES = 20;

    // Our block: msghdr, one iovec, a sockaddr of up to 28 bytes, control messages.
    static final int OWN_IOVEC = 56;
    static final int OWN_NAME = 72;
    static final int OWN_CONTROL = 104;
    /** Room for a PKTINFO and a traffic class of either family, both at once on a dual-stack socket, and a segment size. */
    static final int OWN_CONTROL_BYTES = 32 + 40 + 24 + 24 + 24;

    static final int OWN_BYTES = OWN_CONTROL + OWN_CONTROL_BYTES;

    private MessageHeader() {}

    /** CMSG_SPACE: what a control message with so much data takes, padding included. */
    static int space(int dataBytes) {
        return CMSG_DATA + (dataBytes + 7 & ~7);
    }
}
