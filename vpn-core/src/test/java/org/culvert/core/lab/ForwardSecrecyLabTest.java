package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Epoch keys between two live gateways: from the first packet on, over restarts, and where one side wants none. */
class ForwardSecrecyLabTest extends TwoSiteLab {
    @Override
    void prepare() {}

    @AfterEach
    void stop() throws Exception {
        tokyo.daemon().kill();
        birlinghoven.daemon().kill();
    }

    private void start(String modeOfTokyo, String modeOfBirlinghoven) throws Exception {
        configureBoth();
        tokyo.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"" + modeOfTokyo + "\"\n");
        birlinghoven.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"" + modeOfBirlinghoven + "\"\n");
        startBoth();
    }

    private static JsonNode keys(Office office) throws Exception {
        Finished status = office.daemon().ask("status", "--json");
        assertEquals(0, status.code(), status.err());
        return new ObjectMapper().readTree(status.out()).path("peers").path(0).path("keys");
    }

    @Test
    void packetsGoUnderEpochKeysWithMlKem() throws Exception {
        start("required", "required");
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            JsonNode keys = keys(office);
            assertEquals("epoch", keys.path("kind").asText(), keys.toString());
            assertTrue(keys.path("post_quantum").asBoolean(), keys.toString());
            assertEquals("required", keys.path("peer_forward_secrecy").asText(), keys.toString());
            assertEquals(0, office.status().dropped("tx_no_keys"), "the first packets waited");
        }
    }

    @Test
    void aKilledGatewayIsReachedAgainFromEitherSide() throws Exception {
        start("required", "required");
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        birlinghoven.daemon().kill();
        startBoth();
        awaitReached();
        tokyo.daemon().kill();
        startBoth();
        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertEquals("epoch", keys(birlinghoven).path("kind").asText());
    }

    /** Not with the first packet: what the other side answers before it has turned to the new keys goes under the forgotten ones. */
    private void awaitReached() throws Exception {
        Await.until(
                "tokyo reaches birlinghoven",
                Duration.ofSeconds(10),
                () -> tokyo.ping(birlinghoven, 1).received() == 1);
    }

    @Test
    void offAndRequiredSayOnBothSidesThatNothingPasses() throws Exception {
        start("required", "off");
        assertEquals(0, tokyo.ping(birlinghoven, 2).received());
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            String remark = keys(office).path("remark").asText();
            assertTrue(remark.contains("no packet passes"), office.name() + ": " + remark);
        }
        assertEquals("none", keys(tokyo).path("kind").asText());
        assertEquals(0, tokyo.status().sentPackets());
    }
}
