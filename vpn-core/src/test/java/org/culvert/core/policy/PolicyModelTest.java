package org.culvert.core.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

/** Random traffic between a few hosts, judged by the policy and by a model of maps of text that never gets full. */
class PolicyModelTest {
    private static final long SEED = 20260819;
    private static final String[] HERE = {"10.1.0.1", "10.1.0.2"};
    private static final String[] THERE = {"10.2.0.1", "10.2.0.2"};
    private static final int[] PORTS = {23, 53, 40_001, 40_002};

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<String, Integer> model = new HashMap<>();
    private int nowS = 500;

    @Test
    void agreesWithAModel() {
        Rule telnet = rule("10.1.0.0/24", "tcp", 23);
        Rule dns = rule("10.2.0.1/32", "udp", 53);
        Policy policy = Objects.requireNonNull(Policy.of(
                List.of(telnet, dns),
                new Site("here", List.of(), false),
                List.of(new Site("there", List.of(), false)),
                new Flows(3, 5, 1 << 12),
                null));
        PolicyCheck outbound = new PolicyCheck(Direction.OUTBOUND);
        PolicyCheck inbound = new PolicyCheck(Direction.INBOUND);
        int passed = 0;
        int answers = 0;
        try (Region memory = new Region(256)) {
            for (int i = 0; i < 100_000; i++) {
                nowS += random.nextInt(8) == 0 ? random.nextInt(60) : 0;
                boolean out = random.nextBoolean();
                String from = (out ? HERE : THERE)[random.nextInt(2)];
                String to = (out ? THERE : HERE)[random.nextInt(2)];
                int fromPort = PORTS[random.nextInt(4)];
                int toPort = PORTS[random.nextInt(4)];
                boolean tcp = random.nextBoolean();
                boolean syn = random.nextBoolean();
                byte[] packet = tcp
                        ? TestPackets.tcp(from, fromPort, to, toPort, syn ? TestPackets.SYN : TestPackets.ACK)
                        : TestPackets.udp(from, fromPort, to, toPort);
                boolean rule = tcp ? toPort == 23 && out : toPort == 53 && from.equals("10.2.0.1");
                boolean expected = expected(rule, out, tcp, syn, from + " " + fromPort, to + " " + toPort);
                OffHeap.copy(packet, 0, memory.address(), packet.length);
                PolicyCheck check = out ? outbound : inbound;
                check.begin(policy, nowS * 1_000_000_000L);
                boolean permits = check.permits(memory.address(), packet.length, 4, out ? 9 : 0, out ? 0 : 9);
                assertEquals(expected, permits, "seed " + SEED + ", packet " + i);
                passed += permits ? 1 : 0;
                answers += permits && !rule ? 1 : 0;
            }
        }
        assertTrue(passed > 10_000 && answers > 1_000, passed + " passed, " + answers + " answers: this shows little");
    }

    private boolean expected(boolean rule, boolean out, boolean tcp, boolean syn, String from, String to) {
        String kind = tcp ? "tcp" : "udp";
        String asked = out + kind + from + to;
        String answered = !out + kind + to + from;
        if (rule) {
            // the value: positive, the end of a flow that was answered; negative, of one that was not
            int before = model.getOrDefault(asked, 0);
            boolean established = before > nowS && !syn;
            model.put(asked, tcp ? (established ? nowS + 7_440 : -(nowS + 240)) : nowS + 300);
            return true;
        }
        boolean known = Math.abs(model.getOrDefault(answered, 0)) > nowS;
        if (!known || (tcp && syn)) {
            return false;
        }
        model.put(answered, nowS + (tcp ? 7_440 : 300));
        return true;
    }

    private static Rule rule(String from, String protocol, int port) {
        return new Rule(
                protocol,
                List.of(Prefix.parse(from)),
                List.of(),
                List.of(),
                List.of(),
                List.of(Protocol.ofLabel(protocol).orElseThrow()),
                List.of(new PortRange(port, port)),
                List.of());
    }
}
