package org.culvert.core.lab;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * An Ethernet frame with an unfragmented IPv4 TCP segment. Immutable as far as nobody writes to the frame.
 *
 * @param tcpStart where the TCP header begins
 * @param end behind the payload; a short frame is padded
 */
public record TcpFrame(byte[] frame, int tcpStart, int end) {
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH_ACK = 0x18;

    private static final int ACK = 0x10;
    private static final int IP_START = 14;
    private static final int IPV4_BYTES = 20;
    private static final int TCP_BYTES = 20;
    private static final int PROTOCOL_TCP = 6;

    public static Optional<TcpFrame> parse(byte[] frame) {
        ByteBuffer packet = ByteBuffer.wrap(frame);
        if (frame.length < IP_START + IPV4_BYTES + TCP_BYTES
                || packet.getShort(12) != 0x0800
                || frame[IP_START + 9] != PROTOCOL_TCP) {
            return Optional.empty();
        }
        int tcpStart = IP_START + 4 * (frame[IP_START] & 0xf);
        int end = Math.min(frame.length, IP_START + (packet.getShort(IP_START + 2) & 0xffff));
        return Optional.of(new TcpFrame(frame, tcpStart, end));
    }

    /** Addresses and ports of one direction of a connection. */
    public ByteBuffer flow() {
        return ByteBuffer.allocate(12)
                .put(frame, IP_START + 12, 8)
                .put(frame, tcpStart, 4)
                .flip();
    }

    public int sourcePort() {
        return ByteBuffer.wrap(frame).getShort(tcpStart) & 0xffff;
    }

    public int destinationPort() {
        return ByteBuffer.wrap(frame).getShort(tcpStart + 2) & 0xffff;
    }

    public int sequence() {
        return ByteBuffer.wrap(frame).getInt(tcpStart + 4);
    }

    public int acknowledged() {
        return ByteBuffer.wrap(frame).getInt(tcpStart + 8);
    }

    /** The first segment of a connection, from who opens it. */
    public boolean opens() {
        return (frame[tcpStart + 13] & (SYN | ACK)) == SYN;
    }

    public int payloadStart() {
        return tcpStart + 4 * (frame[tcpStart + 12] >> 4 & 0xf);
    }

    public int payloadBytes() {
        return Math.max(0, end - payloadStart());
    }

    /**
     * A frame like this one with another segment: the same addresses, ports and link, no options, right checksums.
     *
     * @param flags of the TCP header
     */
    public byte[] forged(int sequence, int acknowledged, int flags, byte[] payload) {
        byte[] forged = new byte[IP_START + IPV4_BYTES + TCP_BYTES + payload.length];
        System.arraycopy(frame, 0, forged, 0, IP_START + IPV4_BYTES);
        int tcp = IP_START + IPV4_BYTES;
        ByteBuffer packet = ByteBuffer.wrap(forged);
        forged[IP_START] = 0x45;
        packet.putShort(IP_START + 2, (short) (forged.length - IP_START));
        packet.putShort(IP_START + 6, (short) 0); // no fragment
        forged[IP_START + 8] = 64;
        packet.putShort(IP_START + 10, (short) 0);
        packet.putShort(IP_START + 10, (short) ~sum(0, forged, IP_START, IPV4_BYTES));
        System.arraycopy(frame, tcpStart, forged, tcp, 4);
        packet.putInt(tcp + 4, sequence);
        packet.putInt(tcp + 8, acknowledged);
        packet.putShort(tcp + 12, (short) (0x5000 | flags));
        packet.putShort(tcp + 14, (short) 0x7fff);
        System.arraycopy(payload, 0, forged, tcp + TCP_BYTES, payload.length);
        int tcpBytes = TCP_BYTES + payload.length;
        int pseudo = sum(PROTOCOL_TCP + tcpBytes, forged, IP_START + 12, 8);
        packet.putShort(tcp + 16, (short) ~sum(pseudo, forged, tcp, tcpBytes));
        return forged;
    }

    /** Ones' complement sum (RFC 1071). */
    private static int sum(int begin, byte[] bytes, int start, int length) {
        byte[] even = Arrays.copyOfRange(bytes, start, start + length + (length & 1));
        if ((length & 1) != 0) {
            even[length] = 0;
        }
        int sum = begin;
        for (int i = 0; i < even.length; i += 2) {
            sum += (even[i] & 0xff) << 8 | even[i + 1] & 0xff;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return sum;
    }
}
