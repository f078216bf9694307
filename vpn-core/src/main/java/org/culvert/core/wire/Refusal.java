package org.culvert.core.wire;

import java.util.stream.Stream;
import org.culvert.tun.memory.OffHeap;

/**
 * Why a gateway does not take what an authentic peer sends, as the peer is told: item {@link ControlMessage#REFUSAL}. Only numbers and addresses
 * travel; the words are made where they are read.
 *
 * <pre>
 *    0               1               2               3
 *   +-------------------------------+-------------------------------+
 *  0|             code              |                               |
 *   +-------------------------------+     number (64 bits, signed)  |
 *   |                               +-------------------------------+
 *   |                               | source (16 bytes)             |  10
 *   +-------------------------------+                               |
 *   |                               +-------------------------------+
 *   |                               | destination (16 bytes)        |  26
 *   +-------------------------------+-------------------------------+
 * </pre>
 *
 * Addresses are those inside the packet, IPv4 as v4-mapped; zeros where there is no packet to speak of.
 */
public enum Refusal {
    /** Data under a suite that is not accepted; number: its code. */
    SUITE(1),
    /** The source is outside the peer's networks. */
    INNER_SOURCE(2),
    /** The destination is not in our networks. */
    NOT_FOR_US(3),
    /** No rule allows it; number: protocol times 65536, and the destination port or 0. */
    POLICY(4),
    /** Too old by the peer's own clock; number: milliseconds that its clock is ahead of ours, negative: behind. */
    CLOCK(5),
    /** Not refused yet: the peer's certificate ends; number: seconds that are left. */
    CERTIFICATE_ENDS(6),
    /** Compressed; number: {@link #COMPRESSION_OFF} or {@link #NOT_UNPACKED}. */
    COMPRESSED(7),
    /** To a group that the peer is no member of. */
    NOT_A_MEMBER(8),
    /** Data under host keys alone. */
    NO_FORWARD_SECRECY(9),
    /** Never sent: what a later version says. Number: its code. */
    OF_LATER_VERSION(0);

    /** Number of {@link #COMPRESSED}: nothing compressed is taken of this peer. */
    public static final int COMPRESSION_OFF = 1;

    /** Number of {@link #COMPRESSED}: this cannot be unpacked. */
    public static final int NOT_UNPACKED = 2;

    public static final int BYTES = 42;

    private static final int NUMBER_OFFSET = 2;
    private static final int SOURCE_OFFSET = 10;
    private static final int DESTINATION_OFFSET = 26;

    private final int code;

    Refusal(int code) {
        this.code = code;
    }

    /** Later versions may have other codes. */
    public static Refusal of(long value) {
        int code = OffHeap.u16(value);
        return Stream.of(values()).filter(each -> each.code == code).findFirst().orElse(OF_LATER_VERSION);
    }

    /** What goes with it. */
    public Detail detail(long value) {
        return this == OF_LATER_VERSION ? Detail.of(OffHeap.u16(value)) : Detail.read(value);
    }

    /** What goes with a code. IPv6 addresses as two halves, IPv4 v4-mapped. */
    public record Detail(long number, long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        public static Detail of(long number) {
            return new Detail(number, 0, 0, 0, 0);
        }

        static Detail read(long value) {
            return new Detail(
                    OffHeap.i64(value + NUMBER_OFFSET),
                    OffHeap.i64(value + SOURCE_OFFSET),
                    OffHeap.i64(value + SOURCE_OFFSET + 8),
                    OffHeap.i64(value + DESTINATION_OFFSET),
                    OffHeap.i64(value + DESTINATION_OFFSET + 8));
        }
    }

    /** Writes the value of an item. */
    public void write(long value, Detail detail) {
        OffHeap.putU16(value, code);
        OffHeap.putI64(value + NUMBER_OFFSET, detail.number);
        OffHeap.putI64(value + SOURCE_OFFSET, detail.sourceHigh);
        OffHeap.putI64(value + SOURCE_OFFSET + 8, detail.sourceLow);
        OffHeap.putI64(value + DESTINATION_OFFSET, detail.destinationHigh);
        OffHeap.putI64(value + DESTINATION_OFFSET + 8, detail.destinationLow);
    }
}
