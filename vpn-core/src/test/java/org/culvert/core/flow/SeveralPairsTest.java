package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.wire.ControlMessages;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.Test;

/** A peer with more than one pair of keys: opened under all, sealed under one, and what was heard under which is known. */
class SeveralPairsTest extends TwoGateways {
    private PairKeys oldAtBonn;
    private PairKeys newAtBonn;
    private PairKeys newAtTokyo;

    @Override
    void prepare() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
        KeyPair one = generator.generateKeyPair();
        KeyPair other = generator.generateKeyPair();
        newAtTokyo = tokyo.alsoPairs(bonn, one, other);
        newAtBonn = bonn.alsoPairs(tokyo, other, one);
        oldAtBonn = bonn.pairs.get("tokyo").getFirst();
    }

    private void carries(int seed) {
        byte[] packet = Packets.udp("10.1.0.7", "10.2.0.9", 200, seed);
        List<byte[]> datagrams = tokyo.seal(packet);
        assertEquals(1, datagrams.size());
        List<byte[]> delivered = bonn.open(tokyo.address, datagrams.getFirst());
        assertEquals(1, delivered.size());
        assertArrayEquals(packet, delivered.getFirst());
    }

    @Test
    void dataUnderEitherPairIsDeliveredAndMarksThatPairOnly() {
        carries(1);
        assertTrue(oldAtBonn.heard());
        assertEquals(clock.ns, oldAtBonn.dataNs());
        assertFalse(newAtBonn.heard());

        tokyo.pairs.put("bonn", tokyo.pairs.get("bonn").reversed());
        tokyo.publish();
        long first = clock.ns;
        clock.advanceSeconds(3);
        carries(2);
        carries(3);
        assertEquals(clock.ns, newAtBonn.dataNs());
        assertEquals(first, oldAtBonn.dataNs(), "the first packet, not the last");
        assertEquals(0, bonn.inboundDropsBut());
    }

    @Test
    void aControlMessageGoesUnderThePairItIsGivenAndSaysSo() {
        List<byte[]> datagrams = tokyo.say(bonn, newAtTokyo, ControlMessages.echo(0x1122334455667788L), 0);
        bonn.open(tokyo.address, datagrams.getFirst());
        ControlRing.Slot slot = bonn.peer(tokyo).controlReceived().peek();
        assertSame(newAtBonn, slot.pair);
        assertTrue(newAtBonn.heard());
        assertEquals(0, newAtBonn.dataNs(), "it was no data");
        assertFalse(oldAtBonn.heard());
    }

    /** Whoever has stolen a host key can seal such packets. */
    @Test
    void dataUnderStaticKeysIsRefusedWhereEpochKeysAreRequired() throws Exception {
        bonn.noData = oldAtBonn;
        bonn.publish();
        byte[] datagram =
                tokyo.seal(Packets.udp("10.1.0.7", "10.2.0.9", 200, 1)).getFirst();
        Endpoint thief = Endpoint.of(new InetSocketAddress("203.0.113.9", 1640));
        assertEquals(List.of(), bonn.open(thief, datagram));
        assertEquals(1, bonn.dropped(DropReason.NO_FORWARD_SECRECY));
        assertNotNull(bonn.peer(tokyo).refused().take(Refusal.NO_FORWARD_SECRECY), "it is to be told");
        assertEquals(0, bonn.peer(tokyo).lastReceivedNs(), "no sign of life");
        assertTrue(tokyo.address.sameRemote(bonn.peer(tokyo).endpoint()), "it moves nothing");

        bonn.noData = null;
        bonn.publish();
        assertEquals(1, bonn.open(tokyo.address, datagram).size(), "it has marked no window");
    }

    /** It is handed on, with where it came from, since that is where the answer goes; and nothing else comes of it, so it may come again. */
    @Test
    void aMessageUnderStaticKeysMarksMovesAndProvesNothing() {
        bonn.noData = oldAtBonn;
        bonn.publish();
        byte[] datagram = tokyo.say(bonn, null, ControlMessages.echo(79), 0).getFirst();
        Endpoint thief = Endpoint.of(new InetSocketAddress("203.0.113.9", 1640));
        ControlRing messages = bonn.peer(tokyo).announcementsReceived();
        for (int i = 0; i < 2; i++) {
            bonn.open(thief, datagram);
            ControlRing.Slot slot = messages.peek();
            assertTrue(slot.endpoint.sameRemote(thief));
            messages.release(slot);
        }
        assertNull(bonn.peer(tokyo).controlReceived().peek(), "nobody takes it for the peer's");
        assertEquals(0, bonn.peer(tokyo).lastReceivedNs());
        assertFalse(oldAtBonn.heard(), "it may be a recording");
        assertTrue(tokyo.address.sameRemote(bonn.peer(tokyo).endpoint()));
    }

    @Test
    void whatDoesNotOpenIsNotHeard() {
        byte[] datagram =
                tokyo.say(bonn, newAtTokyo, ControlMessages.echo(77), 0).getFirst();
        datagram[datagram.length - 1] ^= 1;
        bonn.open(tokyo.address, datagram);
        assertEquals(1, bonn.dropped(DropReason.AUTH));
        assertFalse(newAtBonn.heard());
    }

    @Test
    void aRepeatedPacketIsNotHeard() throws Exception {
        byte[] datagram =
                tokyo.say(bonn, newAtTokyo, ControlMessages.echo(78), 0).getFirst();
        bonn.peer(tokyo).replay().raiseFloor(clock.ticks + SkipTime.TICKS_PER_SECOND);
        bonn.open(tokyo.address, datagram);
        assertEquals(1, bonn.dropped(DropReason.BEFORE_FLOOR));
        assertFalse(newAtBonn.heard());
    }
}
