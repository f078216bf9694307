package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.culvert.core.crypto.Suite;
import org.culvert.core.wire.ControlMessages;
import org.culvert.core.wire.SkipTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No traffic key and no packet key outlives the keys that wrapped it, however few packets come after a burst, and if none does. */
class ForgottenKeysTest extends TwoGateways {
    /** Tokyo sends 40 segments of one super-packet, and bonn opens them. */
    private void burst() {
        tokyo.tun.toRead.add(Packets.tcpSuper("10.1.0.5", "10.2.0.9", 1000, 40_000));
        List<byte[]> burst = tokyo.seal();
        assertEquals(40, burst.size());
        assertFalse(bonn.open(tokyo.address, burst.toArray(byte[][]::new)).isEmpty());
    }

    /** Too few for their keys to take the place of the burst's. */
    private void onePacket() {
        List<byte[]> small = tokyo.seal(Packets.udp("10.1.0.5", "10.2.0.9", 100, 1));
        assertEquals(1, bonn.open(tokyo.address, small.getFirst()).size());
    }

    private static void assertForgetsWithTheNextSnapshot(TestGateway gateway) {
        assertTrue(gateway.seen.bytesLeft() > 16 * 16, "a blind test");
        int forgotten = gateway.seen.forgotten();
        gateway.publish();
        gateway.outbound.runOnce();
        gateway.inbound.runOnce();
        assertEquals(0, gateway.seen.bytesLeft());
        assertEquals(forgotten + 2 * Suite.values().length, gateway.seen.forgotten(), "ciphers of both directions");
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aSenderOfFewPacketsForgetsABurstWhenItsKeysChange(Suite suite) throws Exception {
        link(true, suite);
        burst();
        onePacket();
        assertForgetsWithTheNextSnapshot(tokyo);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void anIdleReceiverForgetsABurstWhenItsKeysChange(Suite suite) throws Exception {
        link(true, suite);
        burst();
        assertForgetsWithTheNextSnapshot(bonn);
    }

    @Test
    void packetsGoOnAfterwards() {
        burst();
        tokyo.publish();
        bonn.publish();
        burst();
        onePacket();
        assertEquals(0, bonn.inboundDropsBut());
    }

    @Test
    void aControlMessageLeavesNoKeyBehind() {
        tokyo.seen.clear();
        assertEquals(
                1, tokyo.say(bonn, ControlMessages.echo(0x1122334455667788L), 0).size());
        assertEquals(0, tokyo.seen.bytesLeft());
    }

    /** A clock far off, or an old recording: it is tried under a key of its hour and forgotten. */
    @Test
    void aTrialUnderTheKeyOfAnotherHourLeavesNoKeyBehind() throws Exception {
        byte[] late = tokyo.seal(Packets.udp("10.1.0.5", "10.2.0.9", 100, 1)).getFirst();
        clock.ticks += 5L * SkipTime.TICKS_PER_HOUR;
        bonn.publish();
        bonn.inbound.runOnce();
        bonn.seen.clear();
        assertEquals(List.of(), bonn.open(tokyo.address, late));
        assertNotNull(bonn.peer(tokyo).strangeClock(), "it was not tried");
        assertEquals(0, bonn.seen.bytesLeft());
    }
}
