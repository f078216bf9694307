package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.culvert.core.crypto.Sha256;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.ListItems;
import org.culvert.keymgmt.issue.Revocations;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * A peer that says whatever it likes about revocation lists, message after message. Coverage-guided with
 * {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=ListExchangeFuzzTest}.
 */
class ListExchangeFuzzTest {
    private static final long START_NS = 77_000_000_000L;
    private static final int MOST_MESSAGES = 64;

    @TempDir
    static Path folder;

    private static RevocationList ours;
    private static byte[] issuer;

    @BeforeAll
    static void aList() throws Exception {
        TestSites sites = new TestSites(folder);
        byte[] pem = new Revocations(folder.resolve("ca"), () -> sites.now).list(30, unasked -> {
            throw new AssertionError("asked for a passphrase");
        });
        ours = RevocationList.read(Files.write(folder.resolve("ca.crl"), pem)).getFirst();
        issuer = Sha256.of(ours.issuer());
    }

    /**
     * Each message: its length in one byte, then items. An "I" as the first byte of a list that the peer holds is made our CA's name, since no
     * other is looked at. What is taken has the hash that was announced, and is never longer than may be; each message has at most two answers.
     */
    @FuzzTest(maxDuration = "2m")
    void conversation(byte[] data) {
        List<byte[]> announced = new ArrayList<>();
        int[] said = {0};
        ListExchange exchange = new ListExchange((peer, items) -> {
            said[0]++;
            try (Region region = new Region(ControlMessage.KEPT_BYTES)) {
                long end = items.applyAsLong(ControlMessage.begin(region.address()));
                assertTrue(ControlMessage.readable(region.address(), (int) (end - region.address())));
            }
            return true;
        });
        exchange.taker((from, der) -> {
            byte[] hash = Arrays.copyOf(Sha256.of(der), 16);
            assertTrue(der.length <= ListItems.LONGEST_BYTES);
            assertTrue(announced.stream().anyMatch(each -> Arrays.equals(each, hash)), "bytes that nobody named");
        });
        Peer peer = new Peer("bonn", List.of(Suite.AES_128_GCM), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), 7);
        exchange.tick(List.of(), List.of(ours), START_NS);
        ByteBuffer in = ByteBuffer.wrap(data);
        for (int i = 0; i < MOST_MESSAGES && in.remaining() > 1; i++) {
            byte[] items = new byte[Math.min(in.get() & 0xff, in.remaining())];
            in.get(items);
            said[0] = 0;
            receive(exchange, peer, message(items, announced), START_NS + i * 1_000_000_000L);
            assertTrue(said[0] <= 2, said[0] + " answers to one message");
            assertTrue(exchange.enforced(peer).size() <= ListItems.MOST_LISTS);
        }
    }

    private static byte[] message(byte[] items, List<byte[]> announced) {
        byte[] message = new byte[ControlMessage.HEADER_BYTES + items.length];
        message[0] = ControlMessage.VERSION;
        System.arraycopy(items, 0, message, ControlMessage.HEADER_BYTES, items.length);
        boolean held = items.length >= 40 && ByteBuffer.wrap(items).getShort() == ListItems.HELD;
        if (held && items[4] == 'I') {
            System.arraycopy(issuer, 0, message, 6, Long.BYTES);
        }
        for (int at = 24; held && at + 16 <= items.length; at += 36) {
            announced.add(Arrays.copyOfRange(items, at, at + 16));
        }
        return message;
    }

    private static void receive(ListExchange exchange, Peer peer, byte[] message, long nowNs) {
        try (Region region = new Region(ControlMessage.KEPT_BYTES)) {
            OffHeap.copy(message, 0, region.address(), message.length);
            if (ControlMessage.readable(region.address(), message.length)) {
                ControlRing.Slot slot = new ControlRing(2).claim();
                slot.messageBytes = ControlMessage.meaningfulBytes(region.address(), message.length);
                exchange.received(peer, region.address(), slot, nowNs);
            }
        }
    }
}
