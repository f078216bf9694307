package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlMessageTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final long MAPPED = 0xffff_0000_0000L;

    private final Region region = new Region(4096);

    @AfterEach
    void free() {
        region.close();
    }

    private boolean readable(byte[] message) {
        OffHeap.copy(message, 0, region.address(), message.length);
        return ControlMessage.readable(region.address(), message.length);
    }

    private boolean readable(String hex) {
        return readable(HEX.parseHex(hex.replace(" ", "")));
    }

    private static byte[] goldenEcho() {
        return ControlMessages.of(at -> {
            long next = ControlMessage.putEcho(at, 0x1122334455667788L);
            next = ControlMessage.putAddress(next, ControlMessage.SENT_FROM, 0, MAPPED | 0xc000_0202L, 1640);
            return ControlMessage.pad(next, next + 10);
        });
    }

    private static byte[] goldenReply() {
        return ControlMessages.of(at -> {
            long next = ControlMessage.putEchoReply(at, 0x1122334455667788L, 789, 92, 146);
            return ControlMessage.putAddress(next, ControlMessage.SEEN_FROM, 0, MAPPED | 0xcb00_7107L, 40_001);
        });
    }

    @Test
    void messagesAreThoseOfTheDocument() throws IOException {
        String document = Files.readString(Path.of("doc", "protocol.md")).replaceAll("\\s", "");
        assertTrue(document.contains("echo" + HEX.formatHex(goldenEcho())));
        assertTrue(document.contains("echoreply" + HEX.formatHex(goldenReply())));
    }

    @Test
    void readsWhatItWrites() {
        byte[] reply = goldenReply();
        assertTrue(readable(reply));
        long at = region.address();
        int bytes = ControlMessage.meaningfulBytes(at, reply.length);
        assertEquals(reply.length, bytes);
        long value = ControlMessage.find(at, bytes, ControlMessage.ECHO_REPLY);
        assertEquals(0x1122334455667788L, ControlMessage.echoId(value));
        assertEquals(789, ControlMessage.heldUs(value));
        assertEquals(92, ControlMessage.askedBytes(value));
        assertEquals(146, ControlMessage.variationUs(value));
        long from = ControlMessage.find(at, bytes, ControlMessage.SEEN_FROM);
        assertEquals(0, ControlMessage.addressHigh(from));
        assertEquals(MAPPED | 0xcb00_7107L, ControlMessage.addressLow(from));
        assertEquals(40_001, ControlMessage.port(from));
        assertEquals(0, ControlMessage.find(at, bytes, ControlMessage.ECHO));
    }

    @Test
    void paddingIsNoPartOfWhatItSays() {
        byte[] echo = goldenEcho();
        assertTrue(readable(echo));
        assertEquals(echo.length - 10, ControlMessage.meaningfulBytes(region.address(), echo.length));
    }

    @Test
    void unknownItemsAndLongerOnesAreSkipped() {
        String later = "0100 7abc0003010203 0001000a1122334455667788f00d 00020013" + "55".repeat(19);
        assertTrue(readable(later));
        int bytes = HEX.parseHex(later.replace(" ", "")).length;
        long echo = ControlMessage.find(region.address(), bytes, ControlMessage.ECHO);
        assertEquals(0x1122334455667788L, ControlMessage.echoId(echo));
        assertEquals(0x55555555L, ControlMessage.heldUs(ControlMessage.find(region.address(), bytes, 2)));
    }

    @Test
    void refusesWhatCannotBeRead() {
        assertTrue(readable("0100"));
        assertTrue(readable("0177"), "the second byte is for later versions");
        assertFalse(readable(""));
        assertFalse(readable("01"));
        assertFalse(readable("0200"), "another version");
        assertFalse(readable("0100 0001"), "half an item header");
        assertFalse(readable("0100 00010008 11223344556677"), "value cut off");
        assertFalse(readable("0100 00010007 11223344556677"), "an echo without a whole id");
        assertFalse(readable("0100 00020011" + "11".repeat(17)), "a reply cut short");
        assertFalse(readable("0100 00030011" + "11".repeat(17)), "an address cut short");
        assertFalse(readable("0100 00000001 00 00010008 1122334455667788"), "padding that is not last");
    }

    /** Whoever keeps the first 1024 bytes has all that is said. */
    @Test
    void refusesItemsBehindTheFirstKilobyte() {
        byte[] fits = message(ControlMessage.KEPT_BYTES, 0x7abc);
        assertTrue(readable(fits));
        assertFalse(readable(message(ControlMessage.KEPT_BYTES + 1, 0x7abc)));
        assertTrue(readable(message(3000, ControlMessage.PADDING)));
        byte[] padded = Arrays.copyOf(fits, 2000);
        padded[ControlMessage.KEPT_BYTES + 2] = (byte) ((2000 - ControlMessage.KEPT_BYTES - 4) >> 8);
        padded[ControlMessage.KEPT_BYTES + 3] = (byte) (2000 - ControlMessage.KEPT_BYTES - 4);
        assertFalse(readable(padded), "even the padding's header");
    }

    private static byte[] message(int bytes, int type) {
        byte[] message = new byte[bytes];
        message[0] = 1;
        message[2] = (byte) (type >> 8);
        message[3] = (byte) type;
        message[4] = (byte) ((bytes - 6) >> 8);
        message[5] = (byte) (bytes - 6);
        return message;
    }

    @Test
    void everyPrefixAndEveryFlippedBitIsReadWithinItsBounds() {
        for (byte[] whole : new byte[][] {goldenEcho(), goldenReply()}) {
            for (int bytes = 0; bytes < whole.length; bytes++) {
                ControlMessageFuzz.read(Arrays.copyOf(whole, bytes));
            }
            for (int bit = 0; bit < 8 * whole.length; bit++) {
                byte[] changed = whole.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                ControlMessageFuzz.read(changed);
            }
        }
    }
}
