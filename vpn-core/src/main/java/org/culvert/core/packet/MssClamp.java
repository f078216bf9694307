package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * Lowers the maximum segment size in a TCP SYN or SYN-ACK to what the path carries, so that connections work across a path that is
 * narrower than both LANs also where ICMP is filtered. Never raises it, and adds none where there is none. The checksum follows by
 * RFC 1624. Stateless.
 */
public final class MssClamp {
    private static final int TCP_SYN = 0x02;
    private static final int TCP_FLAGS = 13;
    private static final int OPTION_END = 0;
    private static final int OPTION_NOTHING = 1;
    private static final int OPTION_MSS = 2;
    private static final int OPTION_MSS_BYTES = 4;

    /** Below this a connection makes no progress worth the name (RFC 9293 section 3.7.1: 536 is the default). */
    private static final int LEAST_MSS = 256;

    private MssClamp() {}

    /**
     * Changes the packet if it is a SYN that asks for more than the path carries.
     *
     * @param transport of {@link IpPacket#transport}, 0 for none
     * @param partial the checksum is that of the pseudo-header only, and stays what it is
     * @param mtuBytes largest IP packet on the path; 0: not known, nothing is changed
     */
    public static void apply(long packet, int bytes, long transport, int version, boolean partial, int mtuBytes) {
        if (transport == 0 || IpPacket.protocol(transport) != IpPacket.TCP) {
            return;
        }
        long tcp = packet + IpPacket.start(transport);
        if ((OffHeap.u8(tcp + TCP_FLAGS) & TCP_SYN) != 0 && mtuBytes != 0) {
            int headers = (version == 4 ? IpPacket.IPV4_HEADER_BYTES : IpPacket.IPV6_HEADER_BYTES)
                    + IpPacket.TCP_HEADER_BYTES;
            int end = IpPacket.headerBytes(packet, bytes, transport) - IpPacket.start(transport);
            lower(tcp, end, partial, Math.max(mtuBytes - headers, LEAST_MSS));
        }
    }

    /** @param end of the TCP header; not positive when it lies about its length */
    private static void lower(long tcp, int end, boolean partial, int most) {
        int at = IpPacket.TCP_HEADER_BYTES;
        while (at < end) {
            int kind = OffHeap.u8(tcp + at);
            if (kind == OPTION_END) {
                return;
            }
            if (kind == OPTION_NOTHING) {
                at++;
                continue;
            }
            int length = at + 1 < end ? OffHeap.u8(tcp + at + 1) : 0;
            if (length < 2 || at + length > end) {
                return; // not as RFC 9293 has it: the host at the end may judge
            }
            if (kind == OPTION_MSS && length == OPTION_MSS_BYTES) {
                replace(tcp, at + 2, partial, most);
                return;
            }
            at += length;
        }
    }

    private static void replace(long tcp, int offset, boolean partial, int most) {
        int old = OffHeap.u16(tcp + offset);
        if (old <= most) {
            return;
        }
        OffHeap.putU16(tcp + offset, most);
        if (!partial) {
            long field = tcp + IpPacket.TCP_CHECKSUM_OFFSET;
            boolean odd = (offset & 1) != 0; // the two bytes then belong to two words of the sum
            int sum = (~OffHeap.u16(field) & 0xffff) + (~(odd ? swap(old) : old) & 0xffff) + (odd ? swap(most) : most);
            OffHeap.putU16(field, ~Checksum.fold(sum) & 0xffff);
        }
    }

    private static int swap(int word) {
        return (word & 0xff) << 8 | word >>> 8;
    }
}
