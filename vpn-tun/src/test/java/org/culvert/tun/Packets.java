package org.culvert.tun;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.culvert.tun.memory.OffHeap;

/** Bytes and small packets in native memory. */
final class Packets {
    private Packets() {}

    static void iovec(long array, int index, long address, int bytes) {
        OffHeap.putNativeI64(array + 16L * index, address);
        OffHeap.putNativeI64(array + 16L * index + 8, bytes);
    }

    /** IPv4 and UDP headers, 28 bytes, without a UDP checksum, which IPv4 allows. */
    static void udp4(long at, String from, String to, int fromPort, int toPort, int payloadBytes)
            throws UnknownHostException {
        OffHeap.putI32(at, 0x45000000 | 28 + payloadBytes);
        OffHeap.putI32(at + 4, 0x12340000);
        OffHeap.putI32(at + 8, 0x40110000);
        OffHeap.copy(InetAddress.getByName(from).getAddress(), 0, at + 12, 4);
        OffHeap.copy(InetAddress.getByName(to).getAddress(), 0, at + 16, 4);
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += OffHeap.u16(at + i);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        OffHeap.putU16(at + 10, ~(sum + (sum >>> 16)));
        OffHeap.putU16(at + 20, fromPort);
        OffHeap.putU16(at + 22, toPort);
        OffHeap.putU16(at + 24, 8 + payloadBytes);
        OffHeap.putU16(at + 26, 0);
    }

    static String hex(long at, int bytes) {
        byte[] copy = new byte[bytes];
        OffHeap.copy(at, copy, 0, bytes);
        return HexFormat.of().formatHex(copy);
    }

    /** Writes bytes given as hex digits with any white space between. @return how many */
    static int put(long at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        OffHeap.copy(bytes, 0, at, bytes.length);
        return bytes.length;
    }
}
