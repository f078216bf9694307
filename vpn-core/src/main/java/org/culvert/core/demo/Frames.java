package org.culvert.core.demo;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** What a captured Ethernet frame holds. Static; frames shorter than what is asked for answer no or nothing. */
public final class Frames {
    private static final int ETHERNET_BYTES = 14;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int IPV6_BYTES = 40;
    private static final int UDP = 17;
    private static final int UDP_BYTES = 8;

    private Frames() {}

    /** True when these bytes stand somewhere in the frame. */
    public static boolean holds(byte[] frame, byte[] bytes) {
        for (int start = 0; start + bytes.length <= frame.length; start++) {
            if (frame[start] == bytes[0] && Arrays.equals(frame, start, start + bytes.length, bytes, 0, bytes.length)) {
                return true;
            }
        }
        return false;
    }

    /** True when an IP packet comes from or goes to this network; {@code bits} a multiple of 8. */
    public static boolean touches(byte[] frame, InetAddress network, int bits) {
        byte[] prefix = Arrays.copyOf(network.getAddress(), bits / 8);
        int addressBytes = network.getAddress().length;
        int source = ETHERNET_BYTES + (addressBytes == 4 ? 12 : 8);
        return etherType(frame) == (addressBytes == 4 ? IPV4 : IPV6)
                && (startsAt(frame, source, prefix) || startsAt(frame, source + addressBytes, prefix));
    }

    private static boolean startsAt(byte[] frame, int start, byte[] bytes) {
        return start + bytes.length <= frame.length
                && Arrays.equals(frame, start, start + bytes.length, bytes, 0, bytes.length);
    }

    /** True for an unfragmented UDP datagram to or from this port. */
    public static boolean isUdp(byte[] frame, int port) {
        int udp = udpStart(frame);
        return udp > 0 && (u16(frame, udp) == port || u16(frame, udp + 2) == port);
    }

    /** The payload of a UDP datagram; empty for anything else. */
    public static byte[] udpPayload(byte[] frame) {
        int udp = udpStart(frame);
        if (udp < 0) {
            return new byte[0];
        }
        int end = Math.min(frame.length, udp + u16(frame, udp + 4));
        return Arrays.copyOfRange(frame, Math.min(end, udp + UDP_BYTES), end);
    }

    /** Sender's address of an IP packet. */
    public static InetAddress source(byte[] frame) throws UnknownHostException {
        boolean ipv4 = etherType(frame) == IPV4;
        int start = ETHERNET_BYTES + (ipv4 ? 12 : 8);
        return InetAddress.getByAddress(Arrays.copyOfRange(frame, start, start + (ipv4 ? 4 : 16)));
    }

    private static int udpStart(byte[] frame) {
        int type = etherType(frame);
        int start = -1;
        if (type == IPV4 && u8(frame, ETHERNET_BYTES + 9) == UDP) {
            start = ETHERNET_BYTES + 4 * (u8(frame, ETHERNET_BYTES) & 0xf);
        } else if (type == IPV6 && u8(frame, ETHERNET_BYTES + 6) == UDP) {
            start = ETHERNET_BYTES + IPV6_BYTES;
        }
        return start + UDP_BYTES <= frame.length ? start : -1;
    }

    private static int etherType(byte[] frame) {
        return frame.length < ETHERNET_BYTES ? 0 : u16(frame, 12);
    }

    private static int u8(byte[] frame, int index) {
        return index < frame.length ? frame[index] & 0xff : 0;
    }

    private static int u16(byte[] frame, int index) {
        return u8(frame, index) << 8 | u8(frame, index + 1);
    }
}
