package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Finished;
import org.junit.jupiter.api.Test;

/** {@code culvert ping}: each hop of the way is taken away in turn, and named. */
class PingLabTest extends TwoSiteLab {
    private static final String HOST = "10.2.0.12";

    @Test
    void everyHopAnswers() throws Exception {
        Finished peer = ping("birlinghoven", "-c", "3", "-i", "0.1");
        assertEquals(0, peer.code(), peer.out() + peer.err());
        assertTrue(peer.out().startsWith("birlinghoven: tokyo -> birlinghoven\n"), peer.out());
        assertTrue(peer.out().contains("3 of 3 answered, 0 % lost, min/avg/max "), peer.out());
        assertTrue(peer.out().endsWith("birlinghoven answers\n"), peer.out());

        Finished host4 = ping(HOST, "-c", "2", "-i", "0.1");
        report("%s", host4.out());
        assertTrue(host4.out().contains("host          10.2.0.12     2 of 2 answered, 0 % lost"), host4.out());
        for (String host : List.of(HOST, "fd00:2::12")) {
            JsonNode hops = summary(0, host, "-c", "2", "-i", "0.1").path("hops");
            assertEquals(List.of("gateway tokyo 2", "peer birlinghoven 2", "host " + host + " 2"), answered(hops));
        }
        assertEquals(
                List.of("gateway tokyo 1"),
                answered(summary(0, "10.1.0.1", "-c", "1").path("hops")));
        assertEquals(
                List.of("gateway tokyo 1", "host 10.1.0.11 1"),
                answered(summary(0, "10.1.0.11", "-c", "1").path("hops")));
    }

    /** The kernel's own socket for pings is enough; a raw one is only the way around a permission that is missing. */
    @Test
    void hostIsAskedWithoutPrivilegeWhereTheKernelAllowsIt() throws Exception {
        Path range = Path.of("/proc/sys/net/ipv4/ping_group_range");
        String before = tokyo.gateway().inside(() -> Files.readString(range));
        tokyo.gateway().inside(() -> Files.writeString(range, "0 2147483647"));
        try {
            assertEquals(0, ping(HOST, "-c", "1").code());
        } finally {
            tokyo.gateway().inside(() -> Files.writeString(range, before));
        }
    }

    @Test
    void silentHostIsNamedWhileItsGatewayAnswers() throws Exception {
        birlinghoven.host().sysctl("net/ipv4/icmp_echo_ignore_all", 1);
        try {
            JsonNode summary = summary(1, HOST, "-c", "1");
            assertEquals(
                    List.of("gateway tokyo 1", "peer birlinghoven 1", "host " + HOST + " 0"),
                    answered(summary.path("hops")));
            assertTrue(summary.path("verdict").asText().contains("its gateway birlinghoven does"), summary.toString());
        } finally {
            birlinghoven.host().sysctl("net/ipv4/icmp_echo_ignore_all", 0);
        }
    }

    @Test
    void silentPeerIsNamed() throws Exception {
        birlinghoven.daemon().close();
        try {
            JsonNode summary = summary(1, HOST, "-c", "1");
            assertEquals(
                    List.of("gateway tokyo 1", "peer birlinghoven 0", "host " + HOST + " 0"),
                    answered(summary.path("hops")));
            assertTrue(
                    summary.path("verdict").asText().startsWith("the peer gateway birlinghoven does not answer"),
                    summary.toString());
        } finally {
            startBoth();
        }
    }

    @Test
    void whatIsBehindNoTunnelIsSaidToBe() throws Exception {
        Finished outside = ping("203.0.113.9");
        assertEquals(1, outside.code(), outside.out());
        assertTrue(outside.out().contains("neither in this gateway's networks nor in a peer's"), outside.out());
        Finished unknown = ping("osaka");
        assertEquals(2, unknown.code());
        assertEquals(
                "culvert: osaka is neither a peer nor an address; `culvert status` lists the peers\n", unknown.err());
        assertEquals(2, ping("birlinghoven", "-c", "0").code());
        assertFalse(ping("birlinghoven", "-i", "3600", "-c", "1").out().isEmpty());
    }

    private Finished ping(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Product.CULVERT, "ping"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", tokyo.daemon().config().toString()));
        return tokyo.gateway().run(command);
    }

    private JsonNode summary(int code, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        Finished ping = ping(all.toArray(String[]::new));
        assertEquals(code, ping.code(), ping.out() + ping.err());
        return new ObjectMapper().readTree(ping.out().strip().lines().toList().getLast());
    }

    private static List<String> answered(JsonNode hops) {
        List<String> each = new ArrayList<>();
        hops.forEach(hop -> each.add(hop.path("hop").asText() + " "
                + hop.path("name").asText() + " " + hop.path("answered").asInt()));
        return each;
    }
}
