package org.culvert.core.flow;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Inner packets for tests, with right lengths and IPv4 header sums. */
final class Packets {
    private Packets() {}

    /** A UDP packet of either family with `payloadBytes` of recognisable payload and a right UDP checksum. */
    static byte[] udp(String from, String to, int payloadBytes, int seed) {
        byte[] source = address(from);
        byte[] destination = address(to);
        int transport = 8 + payloadBytes;
        ByteBuffer packet;
        if (source.length == 4) {
            packet = ByteBuffer.allocate(20 + transport);
            packet.put((byte) 0x45).put((byte) 0).putShort((short) (20 + transport));
            packet.putShort((short) (0x1200 + seed))
                    .putShort((short) 0x4000)
                    .put((byte) 63)
                    .put((byte) 17);
            packet.putShort((short) 0).put(source).put(destination);
            packet.putShort(10, (short) ~sum(packet.array(), 0, 20, 0));
        } else {
            packet = ByteBuffer.allocate(40 + transport);
            packet.putInt(0x6000_0000)
                    .putShort((short) transport)
                    .put((byte) 17)
                    .put((byte) 61);
            packet.put(source).put(destination);
        }
        int start = packet.position();
        packet.putShort((short) 40_123)
                .putShort((short) 53)
                .putShort((short) transport)
                .putShort((short) 0);
        for (int i = 0; i < payloadBytes; i++) {
            packet.put((byte) (i * 7 + seed));
        }
        int pseudo = sum(source, 0, source.length, 0) + sum(destination, 0, destination.length, 0) + 17 + transport;
        int checksum = ~sum(packet.array(), start, transport, pseudo) & 0xffff;
        packet.putShort(start + 6, (short) (checksum == 0 ? 0xffff : checksum));
        return packet.array();
    }

    static byte[] withVnetHeader(byte[] packet) {
        byte[] with = new byte[packet.length + 10];
        System.arraycopy(packet, 0, with, 10, packet.length);
        return with;
    }

    /** A TCP super-packet as the kernel's TSO gives it: virtio header (native order: little endian), partial checksum. */
    static byte[] tcpSuper(String from, String to, int segmentBytes, int payloadBytes) {
        byte[] source = address(from);
        byte[] destination = address(to);
        ByteBuffer packet = ByteBuffer.allocate(10 + 40 + payloadBytes);
        packet.put((byte) 1).put((byte) 1);
        putLittle(packet, 40);
        putLittle(packet, segmentBytes);
        putLittle(packet, 20);
        putLittle(packet, 16);
        int total = 40 + payloadBytes;
        packet.put((byte) 0x45).put((byte) 0).putShort((short) total);
        packet.putShort((short) 0x7001)
                .putShort((short) 0x4000)
                .put((byte) 64)
                .put((byte) 6)
                .putShort((short) 0);
        packet.put(source).put(destination);
        byte[] all = packet.array();
        packet.putShort(20, (short) ~sum(all, 10, 20, 0));
        packet.putShort((short) 51_234)
                .putShort((short) 8080)
                .putInt(0x1234_5678)
                .putInt(0x0a0b_0c0d);
        packet.put((byte) 0x50).put((byte) 0x18).putShort((short) 501);
        int pseudo = sum(source, 0, 4, 0) + sum(destination, 0, 4, 0) + 6 + 20 + payloadBytes;
        packet.putShort((short) fold(pseudo)).putShort((short) 0);
        for (int i = 0; i < payloadBytes; i++) {
            packet.put((byte) (i * 11 + (i >> 8)));
        }
        return all;
    }

    private static void putLittle(ByteBuffer packet, int value) {
        packet.put((byte) value).put((byte) (value >> 8));
    }

    private static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static int sum(byte[] bytes, int from, int length, int initial) {
        int sum = initial;
        for (int i = 0; i < length; i++) {
            sum += (bytes[from + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return fold(sum);
    }

    static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }
}
