package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class DataHeaderTest {
    /** The drawing, byte for byte. */
    private static final String GOLDEN = "12" + "03" + "a1b2" + "c3d4e5f6" + "9123456789abcdef";

    @Test
    void writesWhatTheDrawingSays() {
        try (Region region = new Region(32)) {
            OffHeap.fill(region.address(), 32, 0x55);
            DataHeader.write(region.address(), 2, 3, 0xa1b2, 0xc3d4e5f6, 0x9123456789abcdefL);
            byte[] written = new byte[20];
            OffHeap.copy(region.address(), written, 0, 20);
            assertArrayEquals(HexFormat.of().parseHex(GOLDEN + "55555555"), written);
        }
    }

    @Test
    void readsWhatTheDrawingSays() {
        try (Region region = new Region(32)) {
            byte[] golden = HexFormat.of().parseHex(GOLDEN);
            OffHeap.copy(golden, 0, region.address(), golden.length);
            assertEquals(1, DataHeader.version(region.address()));
            assertEquals(DataHeader.TYPE_KEPT_KEY, DataHeader.type(region.address()));
            assertEquals(3, DataHeader.suite(region.address()));
            assertEquals(0xa1b2, DataHeader.instance(region.address()));
            assertEquals(0xc3d4e5f6, DataHeader.spi(region.address()));
            assertEquals(0x9123456789abcdefL, DataHeader.packetNumber(region.address()));
        }
    }

    /** Suite 2 of doc/protocol.md, whose lane is not 0. */
    @Test
    void readsTheGoldenDatagramsHeader() {
        try (Region region = new Region(16)) {
            OffHeap.copy(HexFormat.of().parseHex("1102a1b23eaf92763023523249b72d15"), 0, region.address(), 16);
            assertEquals(DataHeader.TYPE_PACKET_KEY, DataHeader.type(region.address()));
            assertEquals(2, DataHeader.suite(region.address()));
            assertEquals(0xa1b2, DataHeader.instance(region.address()));
            assertEquals(0x3eaf9276, DataHeader.spi(region.address()));
            assertEquals(3, DataHeader.lane(DataHeader.packetNumber(region.address())));
            assertEquals(9_942_000_123_456_789L, DataHeader.count(DataHeader.packetNumber(region.address())));
        }
    }

    @Test
    void readsAVersionAboveSevenAsUnsigned() {
        try (Region region = new Region(32)) {
            OffHeap.putU8(region.address(), 0xf5);
            OffHeap.putU8(region.address() + 1, 0xfe);
            assertEquals(15, DataHeader.version(region.address()));
            assertEquals(5, DataHeader.type(region.address()));
            assertEquals(254, DataHeader.suite(region.address()));
        }
    }

    @Test
    void laneIsTheTopFourBitsOfThePacketNumber() {
        long packetNumber = DataHeader.packetNumber(13, 0x123_4567_89ab_cdefL);
        assertEquals(0xd123_4567_89ab_cdefL, packetNumber);
        assertEquals(13, DataHeader.lane(packetNumber));
        assertEquals(0x123_4567_89ab_cdefL, DataHeader.count(packetNumber));
        assertEquals(15, DataHeader.lane(-1));
        assertEquals(DataHeader.MAX_COUNT, DataHeader.count(-1));
    }
}
