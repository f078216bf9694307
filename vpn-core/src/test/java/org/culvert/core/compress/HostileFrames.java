package org.culvert.core.compress;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** zstd frames as a peer of bad will would make them, byte by byte (RFC 8878, 3.1.1). */
public final class HostileFrames {
    private static final int MAGIC = 0xfd2f_b528;
    private static final int SKIPPABLE = 0x184d_2a50;

    /** Of the frame header descriptor. */
    private static final int SIZE_OF_4_BYTES = 0x80;

    private static final int SINGLE_SEGMENT = 0x20;
    private static final int CHECKSUM = 0x04;
    private static final int DICTIONARY_OF_1_BYTE = 0x01;

    private static final int RAW = 0;
    private static final int RUN = 1;
    private static final int COMPRESSED = 2;
    private static final int RESERVED = 3;
    private static final int MOST_OF_A_BLOCK = 128 << 10;

    private HostileFrames() {}

    /** None of them can be unpacked to at most 65,535 bytes. */
    public static Map<String, byte[]> damaged() {
        byte[] text = "We regret to inform you that the canteen is out of cake.".getBytes(StandardCharsets.US_ASCII);
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put("no frame", text);
        frames.put("magic number alone", bytes(4).putInt(MAGIC).array());
        frames.put("one byte", new byte[] {0x28});
        frames.put("cut in its header", Arrays.copyOf(holding(text), 7));
        frames.put("cut in its block's header", Arrays.copyOf(holding(text), 11));
        frames.put("cut in its block", Arrays.copyOf(holding(text), 40));
        frames.put("without its last block", sized(56, block(RAW, text.length, false, text)));
        frames.put("a byte behind it", Arrays.copyOf(holding(text), holding(text).length + 1));
        frames.put("claims one byte more", sized(text.length + 1, block(RAW, text.length, true, text)));
        frames.put("claims one byte less", sized(text.length - 1, block(RAW, text.length, true, text)));
        frames.put("claims 4 GiB", sized(-1, block(RAW, text.length, true, text)));
        frames.put("one byte too many", sized(65_536, block(RUN, 65_536, true, (byte) 'x')));
        frames.put("bomb of 256 KiB that claims 16 MiB", sized(16 << 20, runs(2)));
        frames.put("bomb of 2 MiB that claims nothing", windowed(0x58, runs(16)));
        frames.put("bomb of 50 MiB in 1,606 bytes", windowed(0x58, runs(400)));
        frames.put("two frames of 40,000 bytes each", join(run(40_000), run(40_000)));
        frames.put("window of 3.75 TiB", windowed(0xff, block(RAW, 1, true, (byte) 'x')));
        frames.put("block longer than a block may be", windowed(0x58, block(RUN, MOST_OF_A_BLOCK + 1, true, (byte) 0)));
        frames.put("block of a reserved kind", windowed(0x58, block(RESERVED, 1, true, (byte) 'x')));
        frames.put("compressed block of text", windowed(0x58, block(COMPRESSED, text.length, true, text)));
        frames.put("compressed block of nothing", windowed(0x58, block(COMPRESSED, 0, true)));
        frames.put(
                "wrong checksum",
                join(
                        header(SIZE_OF_4_BYTES | SINGLE_SEGMENT | CHECKSUM)
                                .putInt(1)
                                .array(),
                        block(RAW, 1, true, (byte) 'x'),
                        new byte[] {1, 2, 3, 4}));
        frames.put(
                "dictionary we do not have",
                join(
                        header(SIZE_OF_4_BYTES | SINGLE_SEGMENT | DICTIONARY_OF_1_BYTE, 1 + 4)
                                .put((byte) 7)
                                .putInt(1)
                                .array(),
                        block(RAW, 1, true, (byte) 'x')));
        return frames;
    }

    /** In themselves good, and what they hold is no packet: nothing, or too little. */
    public static Map<String, byte[]> holdingNoPacket() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put("nothing at all", new byte[0]);
        frames.put("frame of no bytes", holding());
        frames.put("frame to be skipped", bytes(12).putInt(SKIPPABLE).putInt(4).array());
        frames.put("half a header", holding(new byte[] {0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17}));
        frames.put("header that says more than there is", holding(Arrays.copyOf(new byte[] {0x45, 0, 1, 0}, 100)));
        frames.put("45 over and over, 65,535 times", run(65_535));
        return frames;
    }

    /** A good frame of one block, for whatever content: as zstd would write what it cannot compress. */
    public static byte[] holding(byte... content) {
        return sized(content.length, block(RAW, content.length, true, content));
    }

    private static byte[] run(int length) {
        return sized(length, block(RUN, length, true, (byte) 0x45));
    }

    private static byte[] runs(int count) {
        byte[] all = new byte[0];
        for (int i = 1; i <= count; i++) {
            all = join(all, block(RUN, MOST_OF_A_BLOCK, i == count, (byte) 0x45));
        }
        return all;
    }

    private static byte[] sized(int contentBytes, byte[] blocks) {
        return join(
                header(SIZE_OF_4_BYTES | SINGLE_SEGMENT, 4).putInt(contentBytes).array(), blocks);
    }

    private static byte[] windowed(int window, byte[] blocks) {
        return join(header(0, 1).put((byte) window).array(), blocks);
    }

    private static ByteBuffer header(int descriptor) {
        return header(descriptor, 4);
    }

    private static ByteBuffer header(int descriptor, int moreBytes) {
        return bytes(5 + moreBytes).putInt(MAGIC).put((byte) descriptor);
    }

    private static byte[] block(int type, int size, boolean last, byte... content) {
        int header = size << 3 | type << 1 | (last ? 1 : 0);
        return bytes(3 + content.length)
                .put((byte) header)
                .put((byte) (header >>> 8))
                .put((byte) (header >>> 16))
                .put(content)
                .array();
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer all =
                bytes(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }
}
