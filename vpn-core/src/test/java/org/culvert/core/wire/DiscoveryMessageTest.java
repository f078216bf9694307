package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Random;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class DiscoveryMessageTest {
    private final Region memory = new Region(DiscoveryMessage.MAX_BYTES + 64);

    private long put(String hex, int bytes) {
        byte[] given = HexFormat.of().parseHex(hex.replace(" ", ""));
        OffHeap.fill(memory.address(), memory.bytes(), 0);
        OffHeap.copy(given, 0, memory.address(), Math.min(given.length, bytes));
        return memory.address();
    }

    /** The bytes of protocol.md: ours are written as they are read. */
    @Test
    void requestIsWrittenAsDocumented() {
        long at = memory.address();
        OffHeap.fill(at, memory.bytes(), 0);
        DiscoveryMessage.write(at, DiscoveryMessage.TYPE_REQUEST, 0, 2, 0);
        DiscoveryMessage.putNonce(at, 0x1122334455667788L, 0x99aabbccddeeff0bL);
        byte[] written = new byte[DiscoveryMessage.SHORT_BYTES];
        OffHeap.copy(at, written, 0, written.length);
        assertEquals(
                "13000200" + "1122334455667788" + "99aabbccddeeff0b" + "00".repeat(16),
                HexFormat.of().formatHex(written));
        assertTrue(DiscoveryMessage.readableRequest(at, 36));
        assertTrue(DiscoveryMessage.readableRequest(at, 1200));
        assertFalse(DiscoveryMessage.readableRequest(at, 35));
        assertFalse(DiscoveryMessage.readableRequest(at, 1201));
        assertEquals(0x99aabbccddeeff0bL, DiscoveryMessage.nonceLow(at));
    }

    @Test
    void requestForAPartBeyondTheLongestChainIsRefused() {
        assertTrue(DiscoveryMessage.readableRequest(put("13 00 07 00", 4), 1200));
        assertFalse(DiscoveryMessage.readableRequest(put("13 00 08 00", 4), 1200));
        assertFalse(DiscoveryMessage.readableRequest(put("13 01 00 00", 4), 1200));
    }

    private boolean part(int part, int parts, int chainBytes, int bytes) {
        long at = put("14 01", 2);
        DiscoveryMessage.write(at, DiscoveryMessage.TYPE_REPLY, DiscoveryMessage.KIND_PART, part, parts);
        DiscoveryMessage.putChainBytes(at, chainBytes);
        return DiscoveryMessage.readableReply(at, bytes);
    }

    @Test
    void aChainIsCutInOneWayOnly() {
        assertTrue(part(0, 1, 5, 45));
        assertFalse(part(0, 1, 5, 44), "shorter than it says");
        assertFalse(part(0, 1, 5, 46), "longer than it says");
        assertFalse(part(1, 1, 5, 45), "a part too many");
        assertFalse(part(0, 2, 5, 45), "more parts than bytes for them");
        assertTrue(part(0, 2, 1161, 1200));
        assertTrue(part(1, 2, 1161, 41));
        assertFalse(part(1, 2, 1161, 1200), "the last part is the short one");
        assertFalse(part(0, 0, 0, 40), "no chain");
        assertTrue(part(7, 8, 9280, 1200));
        assertFalse(part(8, 9, 9281, 41), "longer than allowed");
        assertFalse(part(0, 1, -1, 1200), "a length beyond 31 bits");
    }

    @Test
    void cookieReplyIsExactlyAsLongAsItIs() {
        assertTrue(DiscoveryMessage.readableReply(put("14 02 00 00", 4), 36));
        assertFalse(DiscoveryMessage.readableReply(put("14 02 00 00", 4), 37));
        assertFalse(DiscoveryMessage.readableReply(put("14 03 00 00", 4), 36));
    }

    /** Whatever it says yes to can be copied without looking again. */
    @Test
    void readableGarbageStaysInItsBounds() {
        Random random = new Random(20_261_127);
        int readable = 0;
        for (int i = 0; i < 300_000; i++) {
            int bytes = random.nextInt(DiscoveryMessage.MAX_BYTES + 2);
            long at = put("14", 1);
            OffHeap.putU8(at + 1, random.nextInt(4));
            OffHeap.putU8(at + 2, random.nextInt(10));
            OffHeap.putU8(at + 3, random.nextInt(10));
            OffHeap.putI32(at + 20, random.nextInt(10) == 0 ? random.nextInt() : random.nextInt(10_000));
            if (DiscoveryMessage.readableReply(at, bytes) && DiscoveryMessage.kind(at) == DiscoveryMessage.KIND_PART) {
                readable++;
                int end = DiscoveryMessage.part(at) * DiscoveryMessage.PIECE_BYTES + bytes - 40;
                assertTrue(end <= DiscoveryMessage.chainBytes(at), "writes " + end);
                assertTrue(DiscoveryMessage.chainBytes(at) <= DiscoveryMessage.MAX_CHAIN_BYTES);
            }
        }
        assertTrue(readable > 0, "none was readable: nothing was tried");
    }
}
