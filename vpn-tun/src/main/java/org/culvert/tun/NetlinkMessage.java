package org.culvert.tun;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.culvert.tun.memory.OffHeap;

/**
 * A netlink message being written, and the reading of attributes (linux/netlink.h, linux/rtnetlink.h):
 *
 * <pre>
 * | length 4 | type 2 | flags 2 | sequence 4 | port 4 | family's own header | attribute | attribute ...
 *                                                       attribute: | length 2 | type 2 | value, padded to 4 |
 * </pre>
 *
 * Everything is in the machine's byte order, addresses excepted. Lives in borrowed memory; one thread.
 */
final class NetlinkMessage {
    // struct nlmsghdr
    static final int LENGTH = 0;
    static final int TYPE = 4;
    static final int FLAGS = 6;
    static final int SEQUENCE = 8;
    static final int PORT = 12;
    static final int HEADER_BYTES = 16;

    static final int NLM_F_REQUEST = 0x1;
    static final int NLM_F_ACK = 0x4;
    static final int NLM_F_DUMP_INTR = 0x10;
    static final int NLM_F_CAPPED = 0x100;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_CREATE = 0x400;

    // struct rtattr
    static final int ATTRIBUTE_LENGTH = 0;
    static final int ATTRIBUTE_TYPE = 2;
    static final int ATTRIBUTE_VALUE = 4;
    private static final int ATTRIBUTE_TYPE_MASK = 0x3fff; // above it: NLA_F_NESTED, NLA_F_NET_BYTEORDER

    private final long memory;
    private final int capacityBytes;
    private int bytes;

    NetlinkMessage(long memory, int capacityBytes) {
        this.memory = memory;
        this.capacityBytes = capacityBytes;
    }

    /**
     * Starts over. Every message asks for an answer, or waiting for one would never end; dumps are answered anyway.
     *
     * @return address of the family's header, zeroed
     */
    long begin(int type, int flags, int familyHeaderBytes) {
        OffHeap.fill(memory, capacityBytes, 0);
        OffHeap.putNativeU16(memory + TYPE, type);
        OffHeap.putNativeU16(memory + FLAGS, flags | NLM_F_REQUEST | NLM_F_ACK);
        bytes = HEADER_BYTES + aligned(familyHeaderBytes);
        return memory + HEADER_BYTES;
    }

    NetlinkMessage putU8(int type, int value) {
        OffHeap.putU8(append(type, 1), value);
        return this;
    }

    NetlinkMessage putU32(int type, long value) {
        OffHeap.putNativeI32(append(type, Integer.BYTES), (int) value);
        return this;
    }

    NetlinkMessage putAddress(int type, InetAddress address) {
        byte[] value = address.getAddress();
        OffHeap.copy(value, 0, append(type, value.length), value.length);
        return this;
    }

    /** Opens an attribute that holds what follows until {@link #endNest}. */
    int beginNest(int type) {
        int start = bytes;
        append(type, 0);
        return start;
    }

    void endNest(int start) {
        OffHeap.putNativeU16(memory + start + ATTRIBUTE_LENGTH, bytes - start);
    }

    private long append(int type, int valueBytes) {
        int length = ATTRIBUTE_VALUE + valueBytes;
        if (bytes + aligned(length) > capacityBytes) {
            throw new IllegalStateException("netlink message longer than " + capacityBytes + " bytes");
        }
        long attribute = memory + bytes;
        OffHeap.putNativeU16(attribute + ATTRIBUTE_LENGTH, length);
        OffHeap.putNativeU16(attribute + ATTRIBUTE_TYPE, type);
        bytes += aligned(length);
        return attribute + ATTRIBUTE_VALUE;
    }

    /** Completes the header. @return length of the message */
    int finish(int sequence) {
        OffHeap.putNativeI32(memory + LENGTH, bytes);
        OffHeap.putNativeI32(memory + SEQUENCE, sequence);
        return bytes;
    }

    long address() {
        return memory;
    }

    /**
     * Looks for an attribute.
     *
     * @param from address of the first attribute
     * @param end address behind the last
     * @return its address; 0 when it is not there, or has fewer than {@code atLeastBytes} of value
     */
    static long find(long from, long end, int type, int atLeastBytes) {
        long at = from;
        while (at + ATTRIBUTE_VALUE <= end) {
            int length = OffHeap.nativeU16(at + ATTRIBUTE_LENGTH);
            if (length < ATTRIBUTE_VALUE || at + length > end) {
                return 0;
            }
            if ((OffHeap.nativeU16(at + ATTRIBUTE_TYPE) & ATTRIBUTE_TYPE_MASK) == type) {
                return length - ATTRIBUTE_VALUE >= atLeastBytes ? at : 0;
            }
            at += aligned(length);
        }
        return 0;
    }

    static int valueBytes(long attribute) {
        return OffHeap.nativeU16(attribute + ATTRIBUTE_LENGTH) - ATTRIBUTE_VALUE;
    }

    /** A 32-bit value, or 0 when the attribute is not there. */
    static long u32(long from, long end, int type) {
        long attribute = find(from, end, type, Integer.BYTES);
        return attribute == 0 ? 0 : OffHeap.nativeI32(attribute + ATTRIBUTE_VALUE) & 0xffff_ffffL;
    }

    /** A text, without the zero that ends it; empty when the attribute is not there. */
    static String text(long from, long end, int type) {
        long attribute = find(from, end, type, 1);
        if (attribute == 0) {
            return "";
        }
        byte[] value = new byte[valueBytes(attribute)];
        OffHeap.copy(attribute + ATTRIBUTE_VALUE, value, 0, value.length);
        int bytes = 0;
        while (bytes < value.length && value[bytes] != 0) {
            bytes++;
        }
        return new String(value, 0, bytes, StandardCharsets.UTF_8);
    }

    static int aligned(int length) {
        return (length + 3) & ~3;
    }
}
