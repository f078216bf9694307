package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.junit.jupiter.api.Test;

/** {@code culvert why} says what really happens: each verdict is compared with a ping. */
class WhyLabTest extends TwoSiteLab {
    @Test
    void passesWherePingPasses() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        Finished why = why("10.1.0.11", "10.2.0.12", "tcp", "443");
        assertEquals(0, why.code(), why.out() + why.err());
        assertTrue(why.out().startsWith("10.1.0.11 -> 10.2.0.12 tcp 443 passes, and so do the answers\n"), why.out());
        assertEquals(0, why("10.2.0.12", "10.1.0.11").code());
        assertEquals(0, why("fd00:1::11", "fd00:2::12").code());
    }

    @Test
    void namesTheRouteThatLeadsPastTheTunnel() throws Exception {
        tokyo.gateway().ip("route add 10.2.0.12/32 via 192.0.2.1");
        try {
            assertEquals(0, tokyo.ping(birlinghoven, 3, "-W", "1").received());
            JsonNode why = refused("10.1.0.11", "10.2.0.12");
            assertTrue(why.path("verdict").asText().contains("through wan0, not through culvert0"), why.toString());
        } finally {
            tokyo.gateway().ip("route delete 10.2.0.12/32 via 192.0.2.1");
        }
    }

    @Test
    void namesForwardingThatIsOff() throws Exception {
        tokyo.gateway().sysctl("net/ipv4/ip_forward", 0);
        try {
            assertEquals(0, tokyo.ping(birlinghoven, 3, "-W", "1").received());
            JsonNode why = refused("10.1.0.11", "10.2.0.12");
            assertTrue(why.path("verdict").asText().contains("sysctl -w net.ipv4.ip_forward=1"), why.toString());
        } finally {
            tokyo.gateway().sysctl("net/ipv4/ip_forward", 1);
        }
    }

    @Test
    void namesASourceThatIsNotCertified() throws Exception {
        JsonNode why = refused("192.168.7.7", "10.2.0.12");
        assertTrue(why.path("verdict").asText().contains("tx_source"), why.toString());
    }

    @Test
    void namesTheGuardRouteOfALostTun() throws Exception {
        tokyo.gateway().ip("link set culvert0 down");
        try {
            Await.until(
                    "refused",
                    Duration.ofSeconds(5),
                    () -> why("10.1.0.11", "10.2.0.12").code() == 1);
            assertTrue(
                    refused("10.1.0.11", "10.2.0.12").path("verdict").asText().contains("guard route"));
        } finally {
            tokyo.gateway().ip("link set culvert0 up");
        }
        Await.until(
                "open again",
                Duration.ofSeconds(5),
                () -> why("10.1.0.11", "10.2.0.12").code() == 0);
    }

    @Test
    void refusesWhatIsNoAddress() throws Exception {
        Finished why = why("tokyo", "10.2.0.12");
        assertEquals(2, why.code());
        assertEquals("culvert: tokyo is not an address; names are not resolved here\n", why.err());
    }

    private Finished why(String... words) throws Exception {
        return tokyo.daemon().ask("why", words);
    }

    private JsonNode refused(String source, String destination) throws Exception {
        Finished why = why("--json", source, destination);
        assertEquals(1, why.code(), why.out() + why.err());
        return new ObjectMapper().readTree(why.out());
    }
}
