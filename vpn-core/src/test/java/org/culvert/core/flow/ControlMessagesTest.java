package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Counters;
import org.culvert.core.wire.ControlMessages;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Control messages through the data path: out of the one ring, sealed, opened, into the other ring, and never into the TUN. */
class ControlMessagesTest extends TwoGateways {
    private void arrive(List<byte[]> datagrams) {
        for (byte[] datagram : datagrams) {
            assertEquals(List.of(), bonn.open(tokyo.address, datagram), "written to the TUN");
        }
    }

    private ControlRing.Slot received() {
        return bonn.peer(tokyo).controlReceived().peek();
    }

    /** Also for a peer whose data is only signed: what the gateways say is never readable on the way. */
    @ParameterizedTest
    @EnumSource(Suite.class)
    void travelsUnderSuiteOneWhateverTheData(Suite suite) throws Exception {
        link(true, suite);
        byte[] message = ControlMessages.echo(0x1122334455667788L);

        List<byte[]> datagrams = tokyo.say(bonn, message, 0);

        assertEquals(1, datagrams.size());
        assertEquals(1, datagrams.getFirst()[1], "suite");
        assertEquals(-1, HexFormat.of().formatHex(datagrams.getFirst()).indexOf("1122334455667788"));
        byte[] plaintext = SpecReader.open(bonn, tokyo, SkipTime.hour(clock.ticks), datagrams.getFirst());
        assertEquals(0, ByteBuffer.wrap(plaintext).getInt() & 0x1f, "partial and kind");
        assertArrayEquals(message, Arrays.copyOfRange(plaintext, 4, plaintext.length));
        arrive(datagrams);
        ControlRing.Slot slot = received();
        assertNotNull(slot);
        assertArrayEquals(message, Arrays.copyOf(slot.message, slot.messageBytes));
        assertEquals(message.length + 52, slot.datagramBytes);
        assertEquals(tokyo.address.remote(), slot.endpoint.remote());
        assertEquals(clock.ns, slot.receivedNs);
        assertEquals(clock.ticks, slot.receivedTicks);
        assertEquals(clock.ticks, slot.senderTicks);
    }

    @Test
    void isCountedForItself() {
        arrive(tokyo.say(bonn, ControlMessages.echo(7), 0));
        Counters sent = tokyo.peer(bonn).counters();
        Counters received = bonn.peer(tokyo).counters();
        assertEquals(1, sent.controlSentMessages());
        assertEquals(1, received.controlReceivedMessages());
        assertEquals(sent.controlSentBytes(), received.controlReceivedBytes());
        assertEquals(0, sent.sentPackets() + sent.sentOuterBytes());
        assertEquals(0, received.receivedPackets() + received.receivedOuterBytes() + bonn.inboundDropsBut());
    }

    @Test
    void isPaddedToTheLengthAskedForAndThePaddingIsNotKept() {
        byte[] message = ControlMessages.echo(7);
        List<byte[]> datagrams = tokyo.say(bonn, message, 1472);
        assertEquals(1472, datagrams.getFirst().length);
        arrive(datagrams);
        assertEquals(1472, received().datagramBytes);
        assertArrayEquals(message, Arrays.copyOf(received().message, received().messageBytes));
    }

    @Test
    void sharesThePacketNumbersOfTheData() {
        byte[] packet = Packets.udp("10.1.0.5", "10.2.0.9", 40, 1);
        byte[] first = tokyo.seal(packet).getFirst();
        byte[] control = tokyo.say(bonn, ControlMessages.echo(7), 0).getFirst();
        byte[] second = tokyo.seal(packet).getFirst();
        long number = ByteBuffer.wrap(first).getLong(8);
        assertEquals(number + 1, ByteBuffer.wrap(control).getLong(8));
        assertEquals(number + 2, ByteBuffer.wrap(second).getLong(8));
    }

    @Test
    void replayedMessageIsNotHeardTwice() {
        List<byte[]> datagrams = tokyo.say(bonn, ControlMessages.echo(7), 0);
        arrive(datagrams);
        arrive(datagrams);
        assertEquals(1, bonn.dropped(DropReason.REPLAY));
        assertEquals(1, bonn.peer(tokyo).counters().controlReceivedMessages());
    }

    @Test
    void unreadableMessageIsCountedAndNotKept() {
        arrive(tokyo.say(bonn, new byte[] {2, 0}, 0)); // version 2
        arrive(tokyo.say(bonn, new byte[] {1, 0, 0, 1, 0, 9, 1}, 0)); // an item without its value
        assertEquals(2, bonn.dropped(DropReason.CONTROL_UNEXPECTED));
        assertNull(received());
    }

    @Test
    void whatFindsNoRoomIsCounted() {
        for (int i = 0; i < 11; i++) {
            arrive(tokyo.say(bonn, ControlMessages.echo(i), 0));
        }
        assertEquals(3, bonn.dropped(DropReason.CONTROL_FULL));
        assertEquals(8, bonn.peer(tokyo).counters().controlReceivedMessages());
    }

    /** A peer with a higher floor sends control messages under suite 1, but no data. */
    @Test
    void dataUnderSuiteOneIsRefusedWhereTheFloorIsHigher() throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(bonn, Suite.AES_128_GCM);
        bonn.knows(tokyo, Suite.AES_256_GCM);
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
        arrive(tokyo.seal(Packets.udp("10.1.0.5", "10.2.0.9", 40, 1)));
        assertEquals(1, bonn.dropped(DropReason.SUITE));
        arrive(tokyo.say(bonn, ControlMessages.echo(7), 0));
        assertEquals(1, bonn.peer(tokyo).counters().controlReceivedMessages());
    }

    @Test
    void bellRingsOnceForAnyNumberOfMessages() {
        arrive(tokyo.say(bonn, ControlMessages.echo(1), 0));
        arrive(tokyo.say(bonn, ControlMessages.echo(2), 0));
        bonn.published.controlArrived().await(); // returns, or the test hangs
        Thread.currentThread().interrupt();
        bonn.published.controlArrived().await(); // nothing new: only the interrupt ends it
        assertEquals(true, Thread.interrupted());
    }

    @Test
    void messageToAPeerWithoutEndpointGoesNowhere() throws Exception {
        TestGateway oslo = new TestGateway("oslo", "203.0.113.9", clock, true, "10.3.0.0/24");
        tokyo.knowsWithoutEndpoint(oslo);
        tokyo.publish();
        assertEquals(List.of(), tokyo.say(oslo, ControlMessages.echo(7), 0));
    }
}
