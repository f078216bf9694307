package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.daemon().kill();
            Files.deleteIfExists(office.daemon().config().resolveSibling("culvert.state"));
        }
    }

    private void start(String modeOfTokyo, String modeOfBirlinghoven) throws Exception {
        configureBoth();
        withModes(modeOfTokyo, modeOfBirlinghoven);
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
        assertAllAnswered(birlinghoven.ping(tokyo, 1));
        assertAllAnswered(tokyo.ping(birlinghoven, 1));
        tokyo.daemon().kill();
        startBoth();
        Await.until( // with the first ping, unless tokyo has not been able to say yet that it forgot
                "birlinghoven reaches tokyo",
                Duration.ofSeconds(5),
                () -> birlinghoven.ping(tokyo, 1, "-W", "1").received() == 1);
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertEquals("epoch", keys(birlinghoven).path("kind").asText());
    }

    /** Only tokyo knows where the other may be, and at the first of the two places there is nobody. */
    @Test
    void theFirstPacketFindsThePeerAtItsSecondPlace() throws Exception {
        tokyo.configure(birlinghoven, "0.0.0.0:1640", "198.51.100.77:1640\", \"198.51.100.2:1640");
        tokyo.reconfigure(
                "= \"198.51.100.77:1640\", \"198.51.100.2:1640\"", "= [\"198.51.100.77:1640\", \"198.51.100.2:1640\"]");
        birlinghoven.configure(tokyo, "0.0.0.0:1640", "192.0.2.2:1640");
        birlinghoven.reconfigure("endpoint    = \"192.0.2.2:1640\"\n", "");
        startBoth();

        assertAllAnswered(tokyo.ping(birlinghoven, 1, "-W", "5"));

        assertEquals("198.51.100.2:1640", tokyo.status().endpoint());
        assertEquals("epoch", keys(tokyo).path("kind").asText());
        assertEquals(0, tokyo.status().dropped("tx_no_keys"));
    }

    @Test
    void preferredSaysWhatProtectsAndSinceWhen() throws Exception {
        start("preferred", "off");
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            JsonNode keys = keys(office);
            assertEquals("static", keys.path("kind").asText(), keys.toString());
            assertTrue(keys.path("since_seconds").asDouble(-1) >= 0, keys.toString());
            assertTrue(keys.path("remark").isNull(), keys.toString());
        }
        Await.until( // who has the mode does not announce it by itself
                "tokyo knows birlinghoven's mode",
                Duration.ofSeconds(10),
                () -> keys(tokyo).path("peer_forward_secrecy").asText().equals("off"));
        birlinghoven.reconfigure("forward-secrecy = \"off\"", "forward-secrecy = \"preferred\"");
        birlinghoven.daemon().ask("reload").succeeded();
        Await.until(
                "tokyo has epoch keys",
                Duration.ofSeconds(40),
                () -> tokyo.ping(birlinghoven, 1).sent() == 1
                        && keys(tokyo).path("kind").asText().equals("epoch"));
        String said = tokyo.daemon().said();
        assertTrue(said.contains("packets go under static keys, without forward secrecy"), said);
        assertTrue(said.contains("packets go under epoch keys"), said);
    }

    /** Also where it is killed right after: nobody who drops announcements from then on has it go back. */
    @Test
    void preferredNeverGoesBackAfterAKill() throws Exception {
        start("preferred", "preferred");
        Await.until(
                "both have epoch keys",
                Duration.ofSeconds(10),
                () -> tokyo.ping(birlinghoven, 1).sent() == 1
                        && keys(tokyo).path("kind").asText().equals("epoch"));
        Path state = tokyo.daemon().config().resolveSibling("culvert.state");
        Await.until(
                "tokyo has saved that",
                Duration.ofSeconds(5),
                () -> Files.exists(state) && Files.readString(state).contains("epoch-keys."));
        birlinghoven.daemon().kill();
        tokyo.daemon().kill();
        tokyo.daemon().start().awaitReady();

        assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());

        assertEquals(0, tokyo.status().sentPackets(), "nothing under static keys");
        assertEquals("none", keys(tokyo).path("kind").asText());
        startBoth();
        awaitReached();
        assertEquals("epoch", keys(tokyo).path("kind").asText());
    }

    @Test
    void offAndRequiredSayOnBothSidesThatNothingPasses() throws Exception {
        start("required", "off");
        assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            String remark = keys(office).path("remark").asText();
            assertTrue(remark.contains("no packet passes"), office.name() + ": " + remark);
        }
        assertEquals("none", keys(tokyo).path("kind").asText());
        assertEquals(0, tokyo.status().sentPackets());
    }
}
