package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * {@code struct virtio_net_hdr} (linux/virtio_net.h), which a TUN device with IFF_VNET_HDR puts in front of every packet,
 * both ways. In the machine's byte order.
 *
 * <pre>
 *   +---------------+---------------+-------------------------------+
 *  0|     flags     |   gso_type    |            hdr_len            |
 *   +---------------+---------------+-------------------------------+
 *  4|           gso_size            |          csum_start           |
 *   +-------------------------------+-------------------------------+
 *  8|          csum_offset          |
 *   +-------------------------------+
 * </pre>
 *
 * On reading it is not to be trusted: a virtual machine on the LAN chooses most of it, and on the forwarding path the
 * kernel sets hdr_len to what it likes. Hence there is no accessor for hdr_len.
 */
public final class VnetHeader {
    public static final int BYTES = 10;

    /** The transport checksum is partial; csum_start and csum_offset say where it is to be finished. */
    static final int NEEDS_CSUM = 1;

    static final int GSO_NONE = 0;
    static final int GSO_TCPV4 = 1;
    static final int GSO_TCPV6 = 4;
    static final int GSO_UDP_L4 = 5;
    /** Added to the TCP types when the super-packet has CWR set. */
    static final int GSO_ECN = 0x80;

    private static final int GSO_TYPE_OFFSET = 1;
    private static final int HDR_LEN_OFFSET = 2;
    private static final int GSO_SIZE_OFFSET = 4;
    private static final int CSUM_START_OFFSET = 6;
    private static final int CSUM_OFFSET_OFFSET = 8;

    private VnetHeader() {}

    static boolean needsChecksum(long header) {
        return (OffHeap.u8(header) & NEEDS_CSUM) != 0;
    }

    static int gsoType(long header) {
        return OffHeap.u8(header + GSO_TYPE_OFFSET);
    }

    static int gsoSize(long header) {
        return OffHeap.nativeU16(header + GSO_SIZE_OFFSET);
    }

    static int checksumStart(long header) {
        return OffHeap.nativeU16(header + CSUM_START_OFFSET);
    }

    /** Where the checksum stands, from the packet's start: csum_start + csum_offset, up to 131,070. */
    static int checksumField(long header) {
        return checksumStart(header) + OffHeap.nativeU16(header + CSUM_OFFSET_OFFSET);
    }

    /** For a packet that is complete as it is. */
    static void writePlain(long header) {
        OffHeap.putNativeI64(header, 0);
        OffHeap.putNativeU16(header + CSUM_OFFSET_OFFSET, 0);
    }

    /** For one packet whose transport checksum the kernel is to finish or to take for good. */
    static void writePartial(long header, long transport) {
        writeSuper(header, GSO_NONE, 0, 0, transport);
    }

    /** For a super-packet; {@code headerBytes} are IP and transport header together. */
    static void writeSuper(long header, int gsoType, int headerBytes, int gsoSize, long transport) {
        int start = IpPacket.start(transport);
        OffHeap.putU8(header, NEEDS_CSUM);
        OffHeap.putU8(header + GSO_TYPE_OFFSET, gsoType);
        OffHeap.putNativeU16(header + HDR_LEN_OFFSET, headerBytes);
        OffHeap.putNativeU16(header + GSO_SIZE_OFFSET, gsoSize);
        OffHeap.putNativeU16(header + CSUM_START_OFFSET, start);
        OffHeap.putNativeU16(header + CSUM_OFFSET_OFFSET, IpPacket.checksumField(transport) - start);
    }
}
