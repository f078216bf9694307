package org.culvert.core.packet;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * A packet spelled out field by field and written by the book into a byte array, one header after the other: the slow,
 * obviously right counterpart of everything this package does in place. No default is zero or equal to its neighbour.
 */
final class TestPacket {
    static final int FIN = 0x01;
    static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int PSH = 0x08;
    static final int ACK = 0x10;
    static final int URG = 0x20;
    static final int ECE = 0x40;
    static final int CWR = 0x80;
    static final int AE = 0x100;

    static final int DF = 0x4000;
    static final int MF = 0x2000;

    int version = 4;
    byte[] source = {10, 1, 2, 3};
    byte[] destination = {10, 7, 8, 9};
    int trafficClass = 0x28;
    int flowLabel = 0x5a3c1;
    int hopLimit = 61;
    int id = 0x3a7c;
    int fragment = DF;
    byte[] ipv4Options = {};
    /** IPv6 extension headers in order: type, then content (a multiple of eight, less two). */
    int[] extensionTypes = {};

    byte[][] extensions = {};
    int protocol = IpPacket.TCP;
    int sourcePort = 0xc123;
    int destinationPort = 443;
    int sequence = 0xfffffb17; // wraps within a few segments
    int acknowledgement = 0x12345678;
    int flags = ACK;
    int window = 0x01f5;
    int urgent;
    byte[] tcpOptions = {};
    byte[] payload = {};
    /** Whether the transport checksum is written as the sum of the pseudo-header only. */
    boolean partial;

    static TestPacket tcp4(byte... payload) {
        TestPacket packet = new TestPacket();
        packet.payload = payload;
        return packet;
    }

    static TestPacket tcp6(byte... payload) {
        return tcp4(payload).ipv6();
    }

    static TestPacket udp4(byte... payload) {
        TestPacket packet = tcp4(payload);
        packet.protocol = IpPacket.UDP;
        return packet;
    }

    static TestPacket udp6(byte... payload) {
        return udp4(payload).ipv6();
    }

    TestPacket ipv6() {
        version = 6;
        source = new byte[] {0x20, 1, 0xd, (byte) 0xb8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        destination = new byte[] {0x20, 1, 0xd, (byte) 0xb8, 0, 77, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
        return this;
    }

    TestPacket partial() {
        partial = true;
        return this;
    }

    TestPacket copy() {
        TestPacket copy = new TestPacket();
        copy.version = version;
        copy.source = source.clone();
        copy.destination = destination.clone();
        copy.trafficClass = trafficClass;
        copy.flowLabel = flowLabel;
        copy.hopLimit = hopLimit;
        copy.id = id;
        copy.fragment = fragment;
        copy.ipv4Options = ipv4Options;
        copy.extensionTypes = extensionTypes;
        copy.extensions = extensions;
        copy.protocol = protocol;
        copy.sourcePort = sourcePort;
        copy.destinationPort = destinationPort;
        copy.sequence = sequence;
        copy.acknowledgement = acknowledgement;
        copy.flags = flags;
        copy.window = window;
        copy.urgent = urgent;
        copy.tcpOptions = tcpOptions;
        copy.payload = payload;
        copy.partial = partial;
        return copy;
    }

    int transportHeaderBytes() {
        return protocol == IpPacket.TCP ? 20 + tcpOptions.length : protocol == IpPacket.UDP ? 8 : 0;
    }

    int transportStart() {
        if (version == 4) {
            return 20 + ipv4Options.length;
        }
        int start = 40;
        for (byte[] extension : extensions) {
            start += extension.length + 2;
        }
        return start;
    }

    int headerBytes() {
        return transportStart() + transportHeaderBytes();
    }

    byte[] bytes() {
        byte[] transport = transport();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(version == 4 ? ipv4Header(transport.length) : ipv6Headers(transport.length));
        out.writeBytes(transport);
        return out.toByteArray();
    }

    private byte[] ipv4Header(int transportBytes) {
        int headerBytes = 20 + ipv4Options.length;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, 4 << 4 | headerBytes / 4, 1);
        put(out, trafficClass, 1);
        put(out, headerBytes + transportBytes, 2);
        put(out, id, 2);
        put(out, fragment, 2);
        put(out, hopLimit, 1);
        put(out, protocol, 1);
        put(out, 0, 2);
        out.writeBytes(source);
        out.writeBytes(destination);
        out.writeBytes(ipv4Options);
        byte[] header = out.toByteArray();
        set16(header, 10, ~SlowChecksum.sum(header, 0, header.length, 0));
        return header;
    }

    private byte[] ipv6Headers(int transportBytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, 6 << 28 | trafficClass << 20 | flowLabel, 4);
        put(out, transportStart() - 40 + transportBytes, 2);
        put(out, nextHeader(0), 1);
        put(out, hopLimit, 1);
        out.writeBytes(source);
        out.writeBytes(destination);
        for (int i = 0; i < extensions.length; i++) {
            put(out, nextHeader(i + 1), 1);
            put(out, (extensions[i].length + 2) / 8 - 1, 1);
            out.writeBytes(extensions[i]);
        }
        return out.toByteArray();
    }

    private int nextHeader(int index) {
        return index < extensionTypes.length ? extensionTypes[index] : protocol;
    }

    private byte[] transport() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (protocol == IpPacket.TCP) {
            put(out, sourcePort, 2);
            put(out, destinationPort, 2);
            put(out, sequence, 4);
            put(out, acknowledgement, 4);
            put(out, transportHeaderBytes() / 4 << 12 | flags, 2);
            put(out, window, 2);
            put(out, 0, 2);
            put(out, urgent, 2);
            out.writeBytes(tcpOptions);
        } else if (protocol == IpPacket.UDP) {
            put(out, sourcePort, 2);
            put(out, destinationPort, 2);
            put(out, 8 + payload.length, 2);
            put(out, 0, 2);
        }
        out.writeBytes(payload);
        byte[] transport = out.toByteArray();
        if (protocol == IpPacket.TCP || protocol == IpPacket.UDP) {
            set16(transport, protocol == IpPacket.TCP ? 16 : 6, checksum(transport));
        }
        return transport;
    }

    private int checksum(byte[] transport) {
        int pseudo = SlowChecksum.pseudoHeader(source, destination, protocol, transport.length);
        if (partial) {
            return pseudo;
        }
        int sum = ~SlowChecksum.sum(transport, 0, transport.length, pseudo) & 0xffff;
        return sum == 0 ? 0xffff : sum; // for TCP too, as skb_checksum_help
    }

    private static void put(ByteArrayOutputStream out, int value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write(value >>> (8 * i));
        }
    }

    static void set16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    static int get16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    /** Bytes that differ from their neighbours and from other positions, and from those of another seed. */
    static byte[] payload(int bytes, int seed) {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = (byte) (i * 31 + (i >>> 8) * 7 + seed * 13 + 5);
        }
        return payload;
    }

    @Override
    public String toString() {
        return "IPv" + version + " protocol " + protocol + " " + Arrays.toString(source) + ":" + sourcePort + " > "
                + Arrays.toString(destination) + ":" + destinationPort + " id " + id + " sequence " + sequence
                + " flags "
                + Integer.toHexString(flags) + " payload " + payload.length + (partial ? " partial" : "");
    }
}
