package org.culvert.core.epoch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.Items.Confirm;
import org.culvert.core.epoch.Items.Part;
import org.culvert.core.epoch.Items.Proof;
import org.culvert.core.wire.ControlMessage;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class ItemsTest {
    private static final byte[] KEY =
            HexFormat.of().parseHex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");

    /** As protocol.md, "Epoch keys", draws it. */
    @Test
    void announcementIsAsTheDocumentSays() {
        byte[] message = new Items(announcement(), null, null, null).write();
        assertEquals(
                "0100" + "0010004c" + "0036ee80" + "a1b2c3d4" + "11223344" + "55667788" + "02" + "00" + "0003"
                        + "4711beef"
                        + "00000007" + "00".repeat(16)
                        + "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                HexFormat.of().formatHex(message));
        assertEquals(134 - 52, message.length, "134 bytes of UDP payload");
    }

    @Test
    void readsWhatItWrites() {
        byte[] proofValue = new byte[16];
        proofValue[3] = 9;
        Items items = new Items(announcement(), new Proof(proofValue, new byte[16]), null, new Confirm(true, 123_456));
        byte[] message = items.write();
        assertTrue(readable(message));
        Items read = Items.read(message, message.length);
        assertNotNull(read);
        assertEquals(announcement(), read.announcement());
        assertArrayEquals(proofValue, read.proof().value());
        assertFalse(read.proof().withKem());
        assertEquals(new Confirm(true, 123_456), read.confirm());
        assertNull(read.part());
    }

    @Test
    void partsComeTogetherInAnyOrderAndTwice() {
        byte[] whole = new byte[1184];
        new SplittableRandom(5).nextBytes(whole);
        List<Part> parts = Parts.of(whole, 77);
        assertEquals(2, parts.size());
        Parts collected = new Parts(Core.tag(whole));
        assertTrue(collected.take(reread(parts.get(1))));
        assertTrue(collected.take(reread(parts.get(1))));
        assertNull(collected.whole());
        assertTrue(collected.take(reread(parts.get(0))));
        assertArrayEquals(whole, collected.whole());
    }

    @Test
    void refusesPartsThatReachBeyondTheirMessage() {
        Parts parts = new Parts(1);
        assertFalse(parts.take(new Part(1, 0, 2000, 100, new byte[50])));
        assertFalse(parts.take(new Part(1, 0, 90, 100, new byte[50])));
        assertFalse(parts.take(new Part(1, 0, 0, Items.MOST_KEM_BYTES + 1, new byte[50])));
        assertFalse(parts.take(new Part(2, 0, 0, 100, new byte[50])));
    }

    /** Whatever passes the data path's own check can be read. */
    @Test
    void readsAnythingThatIsReadableWithoutFailing() {
        SplittableRandom random = new SplittableRandom(20_261_127);
        byte[] base =
                new Items(announcement(), new Proof(new byte[16], new byte[16]), null, new Confirm(false, 7)).write();
        int readable = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] message = base.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt(256);
            }
            message = Arrays.copyOf(message, 2 + random.nextInt(message.length - 1));
            if (readable(message)) {
                readable++;
                Items items = Items.read(message, message.length);
                if (items != null && items.announcement() != null) {
                    items.announcement().core().mode();
                    items.announcement().core().tag();
                }
            }
        }
        assertTrue(readable > 1_000, "the fuzz reaches the reader: " + readable);
    }

    private static Part reread(Part part) {
        byte[] message = new Items(null, null, part, null).write();
        Items read = Items.read(message, message.length);
        assertNotNull(read);
        assertNotNull(read.part());
        return read.part();
    }

    private static Announcement announcement() {
        Core core = Core.of(new Terms(Mode.REQUIRED, 0, 3), 0x4711beef, new OwnEpoch(7, 0, new Fixed()));
        return new Announcement(core, 3_600_000, 0xa1b2c3d4, 0x11223344, 0x55667788);
    }

    private static boolean readable(byte[] message) {
        try (Region region = new Region(Math.max(1, message.length))) {
            OffHeap.copy(message, 0, region.address(), message.length);
            return ControlMessage.readable(region.address(), message.length);
        }
    }

    private static final class Fixed implements OwnEpoch.Material {
        @Override
        public byte[] publicKey() {
            return KEY.clone();
        }

        @Override
        public byte[] kemKey() {
            return new byte[0];
        }

        @Override
        public void close() {}
    }
}
