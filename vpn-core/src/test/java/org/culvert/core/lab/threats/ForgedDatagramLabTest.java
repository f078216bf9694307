package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Data spoofing, without Culvert: what somebody on the WAN makes of recorded datagrams is believed. HostileLabTest does the same with
 * Culvert's packets and IdentityLabTest with sources, and there nothing is.
 */
class ForgedDatagramLabTest extends CrossingLab {
    private static final int ETHERNET_BYTES = 14;
    private static final int IP_BYTES = 20;
    private static final int UDP_BYTES = 8;
    private static final int HEADERS_BYTES = ETHERNET_BYTES + IP_BYTES + UDP_BYTES;
    private static final int NOBODY = 0x0a01_004d; // 10.1.0.77

    private UdpPlace customer;
    private UdpPlace broker;
    private Attacker attacker;
    private Capture atBroker;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @BeforeEach
    void meet() throws Exception {
        broker = UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
        customer = UdpPlace.open(tokyo.host(), tokyo.site().host4());
        attacker = Attacker.at(sites.wan(), "birlinghoven");
        atBroker = Capture.start(birlinghoven.host(), "eth0");
    }

    @AfterEach
    void part() {
        atBroker.close();
        attacker.close();
        customer.close();
        broker.close();
    }

    @Test
    void changedBitsAreBelieved() throws Exception {
        byte[] recorded = order("buy 1000");
        byte[] payload = Frames.udpPayload(recorded);
        payload[4] ^= 8; // 1 becomes 9
        assertBelieved("buy 9000", recorded, payload);
    }

    @Test
    void aDatagramThatWasCutIsBelieved() throws Exception {
        byte[] recorded = order("buy 1000");
        assertBelieved("buy 10", recorded, Arrays.copyOf(Frames.udpPayload(recorded), 6));
    }

    @Test
    void oneHeaderWithAnothersDataIsBelieved() throws Exception {
        byte[] first = order("buy 1000");
        byte[] second = order("sell all");
        assertBelieved("sell all", first, Frames.udpPayload(second));
    }

    /** What the broker said comes back to him as if the customer had. */
    @Test
    void reflectedDataIsBelieved() throws Exception {
        byte[] order = order("buy 1000");
        broker.send("you owe 70,000".getBytes(StandardCharsets.US_ASCII), customer.address());
        byte[] answer = attacker.awaitFrame(
                frame -> Frames.isUdp(frame, customer.address().getPort()) && Frames.udpPayload(frame).length == 14);
        assertBelieved("you owe 70,000", order, Frames.udpPayload(answer));
    }

    @Test
    void aSourceThatIsNobodysIsBelieved() throws Exception {
        byte[] recorded = order("buy 1000");
        ByteBuffer.wrap(recorded).putInt(ETHERNET_BYTES + 12, NOBODY);
        assertBelieved("buy 1000", recorded, Frames.udpPayload(recorded));
        assertEquals(
                1,
                atBroker.await(
                                1,
                                frame -> frame.length > HEADERS_BYTES
                                        && ByteBuffer.wrap(frame).getInt(ETHERNET_BYTES + 12) == NOBODY)
                        .size());
    }

    /** An honest order that arrived, as it crossed the WAN. */
    private byte[] order(String text) throws Exception {
        customer.send(text.getBytes(StandardCharsets.US_ASCII), broker.address());
        assertEquals(text, heard());
        return attacker.awaitFrame(frame -> Frames.isUdp(frame, broker.address().getPort())
                && new String(Frames.udpPayload(frame), StandardCharsets.US_ASCII).equals(text));
    }

    private void assertBelieved(String expected, byte[] headers, byte[] payload) throws Exception {
        attacker.send(withPayload(headers, payload));
        assertEquals(expected, heard());
    }

    private String heard() throws Exception {
        return new String(broker.receive(), StandardCharsets.US_ASCII);
    }

    /** Lengths and the header's sum are right; of the data there is none. */
    private static byte[] withPayload(byte[] headers, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(HEADERS_BYTES + payload.length);
        frame.put(headers, 0, HEADERS_BYTES).put(payload);
        frame.putShort(ETHERNET_BYTES + 2, (short) (IP_BYTES + UDP_BYTES + payload.length));
        frame.putShort(ETHERNET_BYTES + 10, (short) 0);
        frame.putShort(ETHERNET_BYTES + IP_BYTES + 4, (short) (UDP_BYTES + payload.length));
        frame.putShort(ETHERNET_BYTES + IP_BYTES + 6, (short) 0);
        int sum = 0;
        for (int at = ETHERNET_BYTES; at < ETHERNET_BYTES + IP_BYTES; at += Short.BYTES) {
            sum += frame.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        frame.putShort(ETHERNET_BYTES + 10, (short) ~(sum + (sum >>> 16)));
        return frame.array();
    }
}
