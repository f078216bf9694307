package org.culvert.core.capture;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Blocks of pcapng (draft-ietf-opsawg-pcapng), little endian: a section, one interface of raw IP packets, packets with their direction
 * and their peer as comment, and how many were missed. One thread.
 */
final class Pcapng {
    static final int SECTION = 0x0A0D0D0A;
    static final int INTERFACE = 1;
    static final int STATISTICS = 5;
    static final int PACKET = 6;

    static final int OPTION_MISSED = 5; // isb_ifdrop

    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
    private static final int LINKTYPE_RAW = 101;
    private static final int OPTION_COMMENT = 1;
    private static final int OPTION_NAME = 2; // if_name
    private static final int OPTION_FLAGS = 2; // epb_flags
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;
    private static final int HEAD_BYTES = 8;
    private static final int WORD = 4;
    private static final int ROOM_BYTES = 72 << 10; // above the largest packet

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteBuffer block = ByteBuffer.allocate(ROOM_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Begins a file. */
    void begin(String interfaceName, int snapBytes) {
        open(SECTION);
        block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        close();
        open(INTERFACE);
        block.putShort((short) LINKTYPE_RAW).putShort((short) 0).putInt(snapBytes);
        option(OPTION_NAME, interfaceName.getBytes(StandardCharsets.UTF_8));
        endOfOptions();
        close();
    }

    /** Adds a packet of {@code bytes}, of which {@code length} are here. */
    void packet(Instant at, boolean outbound, String peer, int bytes, byte[] data, int offset, int length) {
        open(PACKET);
        long micros = at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
        block.putInt(0)
                .putInt((int) (micros >>> 32))
                .putInt((int) micros)
                .putInt(length)
                .putInt(bytes);
        block.put(data, offset, length);
        pad();
        option(OPTION_FLAGS, new byte[] {(byte) (outbound ? OUTBOUND : INBOUND), 0, 0, 0});
        option(OPTION_COMMENT, peer.getBytes(StandardCharsets.UTF_8));
        endOfOptions();
        close();
    }

    /** Says how many packets were missed so far. */
    void missed(Instant at, long count) {
        open(STATISTICS);
        long micros = at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
        block.putInt(0).putInt((int) (micros >>> 32)).putInt((int) micros);
        block.putShort((short) OPTION_MISSED).putShort((short) Long.BYTES).putLong(count);
        endOfOptions();
        close();
    }

    int size() {
        return out.size();
    }

    /** What was written since the last time. */
    byte[] take() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }

    private void open(int type) {
        block.clear().putInt(type).putInt(0);
    }

    private void option(int code, byte[] value) {
        block.putShort((short) code).putShort((short) value.length).put(value);
        pad();
    }

    private void endOfOptions() {
        block.putInt(0);
    }

    private void pad() {
        while (block.position() % WORD != 0) {
            block.put((byte) 0);
        }
    }

    /** The length stands at both ends, so that a reader can walk back. */
    private void close() {
        int length = block.position() + WORD;
        block.putInt(length).putInt(HEAD_BYTES - WORD, length);
        out.write(block.array(), 0, length);
    }
}
