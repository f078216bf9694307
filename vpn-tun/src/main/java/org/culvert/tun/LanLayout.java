package org.culvert.tun;

/** Numbers and structs of the kernel that only {@link LinuxLanLink} needs: packet(7), ip(7), epoll(7). */
final class LanLayout {
    // linux/if_packet.h
    static final int PACKET_VNET_HDR = 15;
    /** Of a frame whose destination is a group's Ethernet address. */
    static final int PACKET_MULTICAST = 2;

    // linux/if_ether.h
    static final int ETH_P_IP = 0x0800;
    static final int ETH_P_IPV6 = 0x86dd;

    // struct sockaddr_ll, behind what PacketCapture uses
    static final int LL_ADDRESS_BYTES = 11;
    static final int LL_ADDRESS = 12;

    // linux/in.h: struct group_req, the same for both families
    static final int MCAST_JOIN_GROUP = 42;
    static final int REQUEST_INTERFACE = 0;
    static final int REQUEST_GROUP = 8;
    static final int REQUEST_BYTES = 136;

    static final int SO_ATTACH_FILTER = 26; // asm-generic/socket.h

    // sys/epoll.h. The struct has 12 bytes on x86-64 and 16 elsewhere; what follows the events is ours, and zero.
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLLIN = 1;
    static final int EVENTS = 0;
    static final int EVENT_ROOM = 16;

    private LanLayout() {}
}
