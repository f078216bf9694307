package org.culvert.core.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Golden bytes here; that others read them is shown by tcpdump in CaptureLabTest. */
class PcapngTest {
    private static final Instant AT = Instant.parse("2026-03-04T05:06:07.123456Z");

    @Test
    void fileBeginsWithSectionAndInterface() {
        Pcapng file = new Pcapng();
        file.begin("culvert0", 2_048);
        assertEquals(
                "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"
                        + "0100000024000000650000000008000002000800"
                        + HexFormat.of().formatHex("culvert0".getBytes(StandardCharsets.US_ASCII))
                        + "0000000024000000",
                HexFormat.of().formatHex(file.take()));
        assertEquals(0, file.take().length);
    }

    @Test
    void packetHasTimeDirectionAndPeer() {
        Pcapng file = new Pcapng();
        file.packet(AT, true, "bonn", 1_500, new byte[] {9, 0x45, 0x11, 0x22, 9}, 1, 3);
        assertEquals(
                "0600000038000000" // packet block, 56 bytes
                        + "00000000" + "2b4c060000900dc7" // interface, microseconds since 1970
                        + "03000000dc050000" + "45112200" // 3 of 1500 bytes
                        + "0200040002000000" + "01000400626f6e6e" + "00000000" // outbound, comment
                        + "38000000",
                HexFormat.of().formatHex(file.take()));
    }

    @Test
    void blocksPassWholeAndAreCounted() throws IOException {
        Pcapng file = new Pcapng();
        file.begin("culvert0", 2_048);
        file.packet(AT, true, "bonn", 20, new byte[20], 0, 20);
        file.missed(AT, 258);
        file.packet(AT, false, "bonn", 20, new byte[20], 0, 20);
        byte[] whole = file.take();
        Blocks all = new Blocks();
        assertArrayEquals(whole, copied(all, whole));
        assertEquals(2, all.packets());
        assertEquals(258, all.missed());
        Blocks cut = new Blocks();
        byte[] kept = copied(cut, Arrays.copyOf(whole, whole.length - 1));
        assertEquals(1, cut.packets());
        assertArrayEquals(Arrays.copyOf(whole, kept.length), kept);
    }

    @Test
    void refusesWhatIsNoCapture() {
        assertThrows(IOException.class, () -> copied(new Blocks(), new byte[64]));
    }

    private static byte[] copied(Blocks blocks, byte[] from) throws IOException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        blocks.copy(new ByteArrayInputStream(from), to);
        return to.toByteArray();
    }
}
