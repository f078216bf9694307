package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.culvert.core.epoch.Epochs;
import org.culvert.core.epoch.Items;
import org.culvert.core.epoch.Line;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochLineTest {
    private static final Items CONFIRM = new Items(null, null, null, new Items.Confirm(false, 1));

    @TempDir
    private Path folder;

    private final EpochLine line = new EpochLine();
    private Published published;
    private Line.Route route;

    @BeforeEach
    void onePair() throws Exception {
        TestSites sites = new TestSites(folder);
        OwnIdentity tokyo = sites.identity("tokyo", 365, "10.1.0.0/24");
        OwnIdentity bonn = sites.identity("bonn", 365, "10.2.0.0/24");
        Plan plan = sites.plan(tokyo, new Plan.PeerPlan(sites.setup(bonn), List.of(bonn.certificate())));
        try (PeerBook book = new PeerBook(plan, StateFile.NONE, () -> 0x4100, sites.now, sites.ns())) {
            published = new Published(book.first(sites.now, sites.ns()));
            PairKeys[] keys = new PairKeys[1];
            book.members().getFirst().pairs().forEach((pair, own, theirs) -> keys[0] = pair);
            Epochs none = new Epochs(7, 3_600_000_000_000L, () -> {
                throw new AssertionError("no epoch is needed");
            });
            StaticBase base = new StaticBase(keys[0], tokyo, bonn.certificate(), none);
            route = new Line.Route(base, null, Endpoint.of(new InetSocketAddress("192.0.2.7", 1640)));
        }
    }

    private static Peer peer(int number) {
        return new Peer("peer" + number, List.of(), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), number);
    }

    /** As Outbound takes them, which has room for a few at a time. */
    private Map<Peer, Integer> sent() {
        Map<Peer, Integer> count = new HashMap<>();
        while (line.flush(published)) {
            for (ControlRing.Slot slot = published.controlToSend().peek();
                    slot != null;
                    slot = published.controlToSend().peek()) {
                count.merge(slot.peer, 1, Integer::sum);
                published.controlToSend().release(slot);
            }
        }
        return count;
    }

    @Test
    void aThousandPeersHaveTheirSayAtOnce() {
        List<Line> lines = IntStream.range(0, 1000)
                .mapToObj(number -> line.to(peer(number)))
                .toList();
        for (int i = 0; i < 3; i++) {
            lines.forEach(each -> each.say(route, CONFIRM));
        }
        Map<Peer, Integer> sent = sent();
        assertEquals(1000, sent.size());
        assertTrue(sent.values().stream().allMatch(count -> count == 3), "some lost theirs");
        assertTrue(line.isEmpty());
    }

    @Test
    void whatIsSaidToOnePeerIsBoundedAndTakesNoRoomFromOthers() {
        Peer talkedTo = peer(1);
        Peer other = peer(2);
        Line often = line.to(talkedTo);
        Line once = line.to(other);
        for (int round = 0; round < 2; round++) { // what was sent has made room
            for (int i = 0; i < 1000; i++) {
                often.say(route, CONFIRM);
            }
            once.say(route, CONFIRM);
            assertFalse(line.isEmpty());
            assertEquals(Map.of(talkedTo, EpochLine.WAITING_TO_EACH, other, 1), sent());
        }
    }
}
