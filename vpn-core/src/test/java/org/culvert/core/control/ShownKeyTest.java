package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.Suite;
import org.culvert.core.epoch.Mode;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tokyo knows two certificates of bonn's: the true one, and a newer one with another key. What shows that bonn has that key? Whoever stole
 * tokyo's own key computes the static pair with either, and says what he likes under it. The gateways' messages go by hand.
 */
class ShownKeyTest {
    private static final Endpoint PLACE = Endpoint.of(new InetSocketAddress("198.51.100.2", 1640));

    @TempDir
    private Path folder;

    private TestSites sites;
    private OwnIdentity tokyo;
    private OwnIdentity bonn;
    private OwnIdentity newBonn;
    private Side here;
    private Side there;

    @BeforeEach
    void issue() throws Exception {
        sites = new TestSites(folder);
        tokyo = sites.identity("tokyo", 365, "10.1.0.0/24");
        bonn = sites.identity("bonn", 365, "10.2.0.0/24");
        sites.advance(Duration.ofDays(100));
        newBonn = sites.identity("bonn", 365, "10.2.0.0/24");
    }

    @AfterEach
    void close() {
        here.book.close();
        there.book.close();
    }

    /** One gateway and its only peer. */
    private final class Side {
        final PeerBook book;
        final Published published;

        Side(Mode mode, OwnIdentity own, OwnIdentity... theirs) throws Exception {
            var peer = new Plan.PeerPlan(
                    sites.setup(theirs[0], new Secrecy(mode, null)),
                    Arrays.stream(theirs).map(OwnIdentity::certificate).toList());
            var plan = sites.plan(own, peer);
            book = new PeerBook(plan, StateFile.NONE, () -> 0x4100, sites.now, sites.ns());
            published = new Published(book.first(sites.now, sites.ns()));
        }

        Member member() {
            return book.members().getFirst();
        }

        Peer peer() {
            return member().peer();
        }

        /** The static pair with one of the peer's. */
        PairKeys staticPair(OwnIdentity theirs) {
            PairKeys[] found = new PairKeys[1];
            member().pairs().forEach((pair, own, certificate) -> {
                found[0] = certificate.equals(theirs.certificate()) ? pair : found[0];
            });
            assertNotNull(found[0]);
            return found[0];
        }

        /** A control message opened under a static pair: what Inbound and then the control thread make of it. */
        void hearsUnder(PairKeys opened) {
            opened.heardAt(sites.ns());
            member().pairs().receivedUnmarked(opened, sites.ns());
            book.choosePairs();
        }

        /** Its pair of those SPIs; null: it has none. */
        @Nullable
        PairKeys opening(PairKeys theirs) {
            try (DirectionKeys keys = theirs.sending(SkipTime.hour(SkipTime.ticks(sites.now)), Suite.CONTROL)) {
                SpiTable<ReceiveKey> table = book.build(sites.now).receiveKeys();
                int slot = table.first(keys.spi());
                return slot < 0 ? null : table.at(slot).pair();
            }
        }
    }

    private void meet(Mode mode, OwnIdentity bonns) throws Exception {
        here = new Side(mode, tokyo, bonn, newBonn);
        there = new Side(mode, bonns, tokyo);
    }

    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            sites.advance(Duration.ofSeconds(1));
            here.book.tickEpochs(sites.ns());
            there.book.tickEpochs(sites.ns());
            while (pass(here, there) | pass(there, here)) {
                here.book.lookAtEpochs(sites.ns());
                there.book.lookAtEpochs(sites.ns());
            }
        }
    }

    private boolean pass(Side from, Side to) {
        from.book.secrecy().flush(from.published);
        ControlRing ring = from.published.controlToSend();
        ControlRing.Slot said = ring.peek();
        boolean any = said != null;
        for (; said != null; said = ring.peek()) {
            PairKeys under = said.pair;
            assertNotNull(under);
            PairKeys opened = to.opening(under);
            if (opened != null) {
                to.hearsUnder(opened);
                said.pair = opened;
                said.endpoint = PLACE;
                to.book.secrecy().received(to.peer(), said, sites.ns(), to.book.nextVersion());
            }
            ring.release(said);
        }
        return any;
    }

    private void assertAgreed() {
        assertEquals(
                Protection.Kind.EPOCH,
                here.book.protection(here.peer(), sites.ns()).kind());
    }

    private boolean hasShown(OwnIdentity bonns) {
        return here.book.hasShownKeyOf(here.member(), bonns.certificate());
    }

    private void thiefSpeaksUnder(OwnIdentity bonns) {
        here.hearsUnder(here.staticPair(bonns));
        assertTrue(here.member().heardWith(bonns.certificate()));
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"PREFERRED", "REQUIRED"})
    void aThiefOfOurKeyShowsNothingOnceTwoHaveAgreed(Mode mode) throws Exception {
        meet(mode, bonn);
        seconds(3);
        assertAgreed();
        thiefSpeaksUnder(newBonn);
        seconds(3);
        assertFalse(hasShown(newBonn), "anybody with tokyo's key could have said that");
        assertTrue(hasShown(bonn));
    }

    @Test
    void aThiefOfOurKeyShowsNothingBeforeAnybodyElseSpeaks() throws Exception {
        meet(Mode.REQUIRED, bonn);
        thiefSpeaksUnder(newBonn);
        thiefSpeaksUnder(bonn);
        assertFalse(hasShown(newBonn));
        assertFalse(hasShown(bonn));
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"PREFERRED", "REQUIRED"})
    void whoAgreesUnderTheNewKeyHasIt(Mode mode) throws Exception {
        meet(mode, newBonn);
        seconds(5);
        assertAgreed();
        assertTrue(hasShown(newBonn));
        assertFalse(hasShown(bonn));
    }

    /** There is no other sign. */
    @Test
    void whereStaticKeysCarryDataAPacketUnderThemIsEnough() throws Exception {
        meet(Mode.OFF, newBonn);
        assertFalse(hasShown(newBonn));
        here.hearsUnder(here.staticPair(newBonn));
        assertTrue(hasShown(newBonn));
    }
}
