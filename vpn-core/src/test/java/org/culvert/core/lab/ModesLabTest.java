package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.junit.jupiter.api.Test;

/** Mode preferred between two live gateways: where it begins, where it ends up, and that there is no way back. */
class ModesLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Override
    void prepare() throws Exception {
        configureBoth();
        withModes("preferred", "off");
        startBoth();
    }

    private static String keys(Office office, String field) throws IOException {
        return office.peerStatus().path("keys").path(field).asText();
    }

    private static void reload(Office office) throws Exception {
        office.daemon().ask("reload").succeeded();
    }

    @Test
    void goesOverToEpochKeysOnceAndNeverBack() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertEquals("static", keys(tokyo, "kind"));

        birlinghoven.reconfigure("\"off\"", "\"preferred\"");
        reload(birlinghoven);
        for (Office office : List.of(tokyo, birlinghoven)) {
            Await.until(
                    office.name() + " has epoch keys",
                    SOON,
                    () -> tokyo.ping(birlinghoven, 1).sent() == 1
                            && keys(office, "kind").equals("epoch"));
        }
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        // Somebody with the static keys alone, or an administrator who wants to go back: nothing of it is accepted.
        birlinghoven.reconfigure("\"preferred\"", "\"off\"");
        reload(birlinghoven);
        Await.until(
                "birlinghoven sends under static keys",
                SOON,
                () -> keys(birlinghoven, "kind").equals("static"));
        refusesStaticPackets();
        Await.until(
                "birlinghoven says why",
                SOON,
                () -> keys(birlinghoven, "remark").contains("\"preferred\" there lets no packet pass"));

        takeOutAndPutBack();
        refusesStaticPackets();

        tokyo.daemon().stop();
        startBoth();
        refusesStaticPackets(); // the state file remembers it
        Await.until(
                "tokyo says why", SOON, () -> keys(tokyo, "remark").contains("\"preferred\" here lets no packet pass"));

        birlinghoven.reconfigure("\"off\"", "\"preferred\"");
        reload(birlinghoven);
        Await.until(
                "they have epoch keys again",
                SOON,
                () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1
                        && keys(tokyo, "kind").equals("epoch"));
    }

    /** By two reloads. What is remembered of a peer does not go with it. */
    private void takeOutAndPutBack() throws Exception {
        Path config = tokyo.daemon().config();
        String with = Files.readString(config);
        Files.writeString(config, with.substring(0, with.indexOf("[[peer]]")));
        reload(tokyo);
        assertEquals(0, tokyo.statusTree().path("peers").size());
        Files.writeString(config, with);
        reload(tokyo);
        Await.until(
                "it is up again",
                SOON,
                () -> keys(tokyo, "peer_forward_secrecy").equals("off"));
    }

    private void refusesStaticPackets() throws Exception {
        Status before = tokyo.status();
        assertEquals(0, birlinghoven.ping(tokyo, 3, "-i", "0.2", "-W", "1").received());
        Status since = tokyo.status().since(before);
        assertEquals(0, since.receivedPackets());
        assertTrue(since.dropped("no_forward_secrecy") >= 3, since.toString());
    }
}
