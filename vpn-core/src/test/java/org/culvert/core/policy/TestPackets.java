package org.culvert.core.policy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.culvert.keymgmt.Prefix;

/** Packets as bytes, right as far as a policy looks. */
final class TestPackets {
    static final int SYN = 0x02;
    static final int ACK = 0x10;
    static final int SYN_ACK = 0x12;
    static final int RST = 0x04;
    static final int FIN_ACK = 0x11;

    private TestPackets() {}

    static byte[] tcp(String from, int fromPort, String to, int toPort, int flags) {
        byte[] header = ByteBuffer.allocate(20)
                .putShort((short) fromPort)
                .putShort((short) toPort)
                .putLong(0x1122_3344_5566_7788L)
                .put((byte) 0x50)
                .put((byte) flags)
                .array();
        return ip(from, to, 6, header);
    }

    static byte[] udp(String from, int fromPort, String to, int toPort) {
        return ip(from, to, 17, ports(fromPort, toPort, 12));
    }

    static byte[] icmp(String from, String to, int type, int identifier) {
        byte[] message = new byte[16];
        message[0] = (byte) type;
        message[4] = (byte) (identifier >> 8);
        message[5] = (byte) identifier;
        return ip(from, to, from.indexOf(':') >= 0 ? 58 : 1, message);
    }

    /** @param quoted what the error is about: its first bytes stand behind the error's 8 */
    static byte[] icmpError(String from, String to, int type, byte[] quoted, int quotedBytes) {
        byte[] message = new byte[8 + Math.min(quotedBytes, quoted.length)];
        message[0] = (byte) type;
        System.arraycopy(quoted, 0, message, 8, message.length - 8);
        return ip(from, to, from.indexOf(':') >= 0 ? 58 : 1, message);
    }

    static byte[] ports(int fromPort, int toPort, int bytes) {
        return ByteBuffer.allocate(bytes)
                .putShort((short) fromPort)
                .putShort((short) toPort)
                .array();
    }

    static byte[] ip(String from, String to, int protocol, byte[] payload) {
        return from.indexOf(':') >= 0
                ? ipv6(from, to, protocol, payload)
                : ipv4(from, to, protocol, 0x4000, 0x3a7c, new byte[0], payload);
    }

    /** @param fragment the 16 bits with flags and offset */
    static byte[] ipv4(String from, String to, int protocol, int fragment, int id, byte[] options, byte[] payload) {
        int header = 20 + options.length;
        return ByteBuffer.allocate(header + payload.length)
                .put((byte) (0x40 | header / 4))
                .put((byte) 0x28)
                .putShort((short) (header + payload.length))
                .putShort((short) id)
                .putShort((short) fragment)
                .put((byte) 61)
                .put((byte) protocol)
                .putShort((short) 0x7357)
                .put(address(from))
                .put(address(to))
                .put(options)
                .put(payload)
                .array();
    }

    static byte[] ipv6(String from, String to, int nextHeader, byte[] payload) {
        return ByteBuffer.allocate(40 + payload.length)
                .putInt(0x6285_a3c1)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) 61)
                .put(address(from))
                .put(address(to))
                .put(payload)
                .array();
    }

    /** An extension header of 8 bytes, or what {@code body} makes of it, in front of the rest. */
    static byte[] extension(int next, int lengthField, byte[] body, byte[] rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(next);
        out.write(lengthField);
        out.writeBytes(body);
        out.writeBytes(rest);
        return out.toByteArray();
    }

    private static byte[] address(String text) {
        return Prefix.parse(text + (text.indexOf(':') >= 0 ? "/128" : "/32"))
                .address()
                .getAddress();
    }
}
