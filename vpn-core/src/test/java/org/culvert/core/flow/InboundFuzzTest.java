package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Map;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.PacketCipher;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.SendKey;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.SystemRandom;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Each type of packet through the real {@link Inbound}: any datagram, and anything that a peer seals. Whatever it is, it ends once: delivered,
 * handed on, or with one counter. Coverage-guided with {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=InboundFuzzTest#sealed}.
 */
class InboundFuzzTest {
    private static final int MOST_BYTES = 4_000;
    private static final int INSTANCE = 0xa1b2;

    private static TestGateway tokyo;
    private static TestGateway bonn;
    private static PacketCipher cipher;
    private static KeyBatch keys;
    private static long packetNumber = 9_942_000_123_456_789L;

    @BeforeAll
    static void link() throws Exception {
        TestClock clock = new TestClock(276_540L * SkipTime.TICKS_PER_HOUR + 40_123_457L);
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24", "fd01::/64");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24", "fd02::/64");
        tokyo.knows(bonn);
        bonn.knows(tokyo);
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
        cipher = CipherChoice.choose("jce").backend(Suite.AES_128_GCM).cipher(Suite.AES_128_GCM);
        keys = new KeyBatch(1, SystemRandom::fill);
    }

    @AfterAll
    static void unlink() {
        keys.close();
        cipher.close();
        tokyo.close();
        bonn.close();
    }

    /** As it comes; from its fifth byte on the SPI is the peer's where the input has zeros, which nobody would guess. */
    @FuzzTest(maxDuration = "2m")
    void datagram(byte[] data) {
        byte[] datagram = Arrays.copyOf(data, Math.min(data.length, MOST_BYTES));
        if (datagram.length == 0) {
            return; // Linux hands over empty datagrams, FakeLink has none
        }
        if (datagram.length >= 8 && (datagram[4] | datagram[5] | datagram[6] | datagram[7]) == 0) {
            int spi = sendKey().spi();
            for (int i = 0; i < 4; i++) {
                datagram[4 + i] = (byte) (spi >>> 24 - 8 * i);
            }
        }
        assertEndsOnce(datagram);
    }

    /** Type 1 or 2 by the first byte; the rest is what the peer seals: inner word, then a packet or a control message. */
    @FuzzTest(maxDuration = "2m")
    void sealed(byte[] data) {
        if (data.length < 1 + DataHeader.INNER_WORD_BYTES || data.length > MOST_BYTES) {
            return;
        }
        int type = data[0] % 2 == 0 ? DataHeader.TYPE_PACKET_KEY : DataHeader.TYPE_KEPT_KEY;
        int plaintextBytes = data.length - 1;
        SendKey key = sendKey();
        try (Region plaintext = new Region(plaintextBytes);
                Region out = new Region(plaintextBytes + key.suite().overheadBytes())) {
            OffHeap.copy(data, 1, plaintext.address(), plaintextBytes);
            keys.clear();
            keys.draw(key.encryption(), key.suite().keyBytes(), INSTANCE, packetNumber, 1);
            DataHeader.write(out.address(), type, key.suite().code(), INSTANCE, key.spi(), packetNumber++);
            OffHeap.copy(
                    keys.wrapped(0),
                    out.address() + DataHeader.WRAPPED_KEY_OFFSET,
                    key.suite().keyBytes());
            long packetKey = type == DataHeader.TYPE_PACKET_KEY ? keys.packetKey(0) : keys.trafficKey(0);
            byte[] datagram = new byte[cipher.seal(packetKey, out.address(), plaintext.address(), plaintextBytes)];
            OffHeap.copy(out.address(), datagram, 0, datagram.length);
            assertEndsOnce(datagram);
        }
    }

    private static SendKey sendKey() {
        return tokyo.published.current().sendKey(0, SkipTime.hour(tokyo.clock.ticks()));
    }

    private static void assertEndsOnce(byte[] datagram) {
        long before = ended();
        bonn.open(tokyo.address, datagram);
        ControlRing messages = bonn.peer(tokyo).controlReceived();
        for (ControlRing.Slot slot = messages.peek(); slot != null; slot = messages.peek()) {
            messages.release(slot);
        }
        assertEquals(1, ended() - before);
    }

    private static long ended() {
        Counters counters = bonn.peer(tokyo).counters();
        return counters.receivedPackets()
                + counters.controlReceivedMessages()
                + dropped(counters.drops())
                + dropped(bonn.unattributed.drops())
                + bonn.handedToDiscovery;
    }

    private static long dropped(Map<?, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }
}
