package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.policy.PolicyCounts;
import org.culvert.core.policy.PortRange;
import org.culvert.core.policy.Protocol;
import org.culvert.core.policy.Rule;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules where packets meet them: two gateways in memory, each with rules of its own or none. */
class PolicyFlowTest {
    private static final String CLIENT = "10.1.0.5";
    private static final String SERVER = "10.2.0.9";

    private final TestClock clock = new TestClock(275_999L * SkipTime.TICKS_PER_HOUR + 7_777);
    private TestGateway tokyo;
    private TestGateway osaka;

    @BeforeEach
    void link() throws Exception {
        tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24");
        osaka = new TestGateway("osaka", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(osaka);
        osaka.knows(tokyo);
    }

    @AfterEach
    void close() {
        tokyo.close();
        osaka.close();
    }

    private static Rule dns(String from, String to) {
        return new Rule(
                "dns",
                List.of(Prefix.parse(from)),
                List.of(Prefix.parse(to)),
                List.of(),
                List.of(),
                List.of(Protocol.ofLabel("udp").orElseThrow()),
                List.of(new PortRange(53, 53)),
                List.of());
    }

    private void publish() {
        tokyo.publish();
        osaka.publish();
    }

    private static byte[] question(int seed) {
        return Packets.udp(CLIENT, SERVER, 30, seed);
    }

    /** With the ports turned round. Two 16-bit words change places: the checksum stays. */
    private static byte[] answer(int seed) {
        byte[] packet = Packets.udp(SERVER, CLIENT, 30, seed);
        ByteBuffer.wrap(packet).putShort(20, (short) 53).putShort(22, (short) 40_123);
        return packet;
    }

    @Test
    void senderRefusesWhatNoRuleOfItsAllows() {
        tokyo.rules.add(dns("10.1.0.0/28", "10.2.0.0/24"));
        publish();
        assertEquals(1, tokyo.seal(question(1)).size());
        assertEquals(0, tokyo.seal(Packets.udp("10.1.0.77", SERVER, 30, 2)).size());
        assertEquals(1, tokyo.peer(osaka).counters().dropped(DropReason.TX_POLICY));
        assertEquals(0, tokyo.peer(osaka).counters().dropped(DropReason.POLICY_IN));
    }

    @Test
    void receiverRefusesWhatNoRuleOfItsAllows() {
        osaka.rules.add(dns("10.1.0.0/28", "10.2.0.0/24"));
        publish();
        byte[] question = question(1);
        List<byte[]> delivered = osaka.open(
                tokyo.address,
                tokyo.seal(question, Packets.udp("10.1.0.77", SERVER, 30, 2), Packets.udp(CLIENT, SERVER, 30, 3))
                        .toArray(byte[][]::new));
        assertEquals(2, delivered.size());
        assertArrayEquals(question, delivered.getFirst());
        assertEquals(1, osaka.peer(tokyo).counters().dropped(DropReason.POLICY_IN));
        assertEquals(0, osaka.inboundDropsBut(DropReason.POLICY_IN));
        assertEquals(2, osaka.peer(tokyo).counters().receivedPackets());
    }

    /** What Outbound lets leave, Inbound knows the answer of; and the far side, the other way round. */
    @Test
    void answersPassBothGateways() {
        tokyo.rules.add(dns("10.1.0.0/24", "10.2.0.0/24"));
        osaka.rules.add(dns("10.1.0.0/24", "10.2.0.0/24"));
        publish();
        assertEquals(0, osaka.seal(answer(7)).size(), "nobody asked yet");
        assertEquals(1, osaka.peer(tokyo).counters().dropped(DropReason.TX_POLICY));
        assertEquals(
                1,
                osaka.open(tokyo.address, tokyo.seal(question(1)).toArray(byte[][]::new))
                        .size());
        assertEquals(
                1,
                tokyo.open(osaka.address, osaka.seal(answer(8)).toArray(byte[][]::new))
                        .size());
        for (TestGateway gateway : List.of(tokyo, osaka)) {
            assertEquals(
                    List.of(new PolicyCounts.OfRule("dns", 1, 1, 1)),
                    gateway.policy.counts(clock.nanoTime()).rules());
        }
        clock.advanceSeconds(300);
        publish();
        assertEquals(0, osaka.seal(answer(9)).size(), "forgotten after five minutes");
    }

    @Test
    void withoutRulesAllPasses() {
        publish();
        assertEquals(
                1,
                osaka.open(tokyo.address, tokyo.seal(question(1)).toArray(byte[][]::new))
                        .size());
        assertEquals(null, tokyo.policy);
    }
}
