package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.core.echo.Liveness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who came, who went, and why, each said once. */
class PeerWatchTest {
    private static final long HEARD_NS = 5_000_000_000L;

    private final List<String> said = new ArrayList<>();
    private final PeerWatch watch = new PeerWatch(new PeerListener() {
        @Override
        public void peerUp(Member peer) {
            said.add(peer.peer().name() + " up");
        }

        @Override
        public void peerDown(Member peer, String reason) {
            said.add(peer.peer().name() + " down: " + reason);
        }
    });

    @TempDir
    private Path folder;

    private TestSites sites;
    private PeerBook book;
    private Member bonn;

    @BeforeEach
    void issue() throws Exception {
        sites = new TestSites(folder);
        OwnIdentity tokyo = sites.identity("tokyo", 365, "10.1.0.0/24");
        OwnIdentity identity = sites.identity("bonn", 30, "10.2.0.0/24");
        PeerPlan peer = new PeerPlan(sites.setup(identity), List.of(identity.certificate()));
        Plan plan = sites.plan(tokyo, peer);
        book = new PeerBook(plan, StateFile.NONE, () -> 0x4101, sites.now, sites.ns());
        book.refresh(sites.now, sites.ns());
        bonn = book.members().getFirst();
    }

    private void look(Liveness.State state, int secondsLater) {
        watch.keepOnly(book.members());
        watch.look(bonn, state, HEARD_NS + secondsLater * 1_000_000_000L);
    }

    private void hear() {
        bonn.peer().receivedAt(HEARD_NS);
    }

    @Test
    void whoWasNeverHeardIsNeitherUpNorDown() {
        look(Liveness.State.UNHEARD, 60);
        assertEquals(List.of(), said);
    }

    @Test
    void silenceIsDownAndTheNextPacketUp() {
        hear();
        look(Liveness.State.ALIVE, 0);
        look(Liveness.State.ALIVE, 1);
        look(Liveness.State.SILENT, 12);
        look(Liveness.State.SILENT, 13);
        look(Liveness.State.ALIVE, 14);
        assertEquals(List.of("bonn up", "bonn down: not heard for 12 s", "bonn up"), said);
    }

    @Test
    void anExpiredCertificateIsDownThoughPacketsCame() {
        hear();
        look(Liveness.State.ALIVE, 0);
        book.refresh(sites.now.plus(Duration.ofDays(31)), sites.ns());
        look(Liveness.State.ALIVE, 1);
        assertEquals(2, said.size(), said.toString());
        assertEquals("bonn down: ", said.getLast().substring(0, 11));
        assertEquals(PeerBook.inWords(bonn.problems()), said.getLast().substring(11));
    }

    @Test
    void whoIsRemovedOnPurposeIsForgotten() {
        hear();
        look(Liveness.State.ALIVE, 0);
        watch.keepOnly(List.of());
        look(Liveness.State.ALIVE, 1);
        assertEquals(List.of("bonn up", "bonn up"), said);
    }
}
