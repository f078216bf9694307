package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.core.crypto.SecretBytes;
import org.culvert.core.crypto.Suite;
import org.culvert.core.epoch.Mode;
import org.culvert.core.peer.Admits;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.route.RouteTable;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers coming and going with their certificates, hours turning, clocks being set. */
class PeerBookTest {
    @TempDir
    private Path folder;

    private TestSites sites;
    private OwnIdentity tokyo;
    private OwnIdentity bonn;
    private final AtomicInteger instances = new AtomicInteger(0x4100);

    @BeforeEach
    void issue() throws Exception {
        sites = new TestSites(folder);
        tokyo = sites.identity("tokyo", 365, "10.1.0.0/24", "fd01::/64");
        bonn = sites.identity("bonn", 30, "10.2.0.0/24", "10.3.0.0/16");
    }

    private PeerBook book(StateFile state, PeerPlan... peers) throws Exception {
        return new PeerBook(plan(peers), state, instances::incrementAndGet, sites.now, sites.ns());
    }

    private Plan plan(PeerPlan... peers) throws Exception {
        return sites.plan(tokyo, peers);
    }

    private PeerPlan planned(OwnIdentity peer, String... narrowed) {
        return new PeerPlan(sites.setup(peer, narrowed), List.of(peer.certificate()));
    }

    private PeerBook bookWithBonn(String... narrowed) throws Exception {
        return book(StateFile.NONE, planned(bonn, narrowed));
    }

    /** As the control thread does it. */
    private Snapshot follow(PeerBook book, Plan next) {
        book.follow(next, sites.now, sites.ns());
        book.refresh(sites.now, sites.ns());
        return book.build(sites.now);
    }

    private Snapshot first(PeerBook book) {
        return book.first(sites.now, sites.ns());
    }

    private int hour() {
        return SkipTime.hour(SkipTime.ticks(sites.now));
    }

    private static int route(RouteTable table, String address) {
        Prefix host = Prefix.parse(address + (address.indexOf(':') < 0 ? "/32" : "/128"));
        return table.lookup(host.high(), host.low());
    }

    @Test
    void goodPeerIsUpWithKeysOfThreeHours() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Snapshot snapshot = first(book);
            for (int h = hour() - 1; h <= hour() + 1; h++) {
                SendKey key = snapshot.sendKey(0, h);
                assertNotNull(key);
                assertEquals(h, key.hour());
            }
            assertNull(snapshot.sendKey(0, hour() - 2));
            assertNull(snapshot.sendKey(0, hour() + 2));
            assertEquals(12, book.receiveKeyCount(), "three hours of each suite, accepted or not");
            assertEquals(
                    "198.51.100.2:1640",
                    String.valueOf(snapshot.peers().getFirst().endpoint()));
        }
    }

    @Test
    void routesLeadToThePeerToUsAndNowhere() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Snapshot snapshot = first(book);
            assertEquals(0, route(snapshot.routes(), "10.2.0.9"));
            assertEquals(Snapshot.OWN, route(snapshot.routes(), "10.1.0.5"));
            assertEquals(Snapshot.OWN, route(snapshot.routes(), "fd01::5"));
            assertEquals(RouteTable.NONE, route(snapshot.routes(), "10.4.0.1"));
            assertEquals(Snapshot.NEVER, route(snapshot.routes(), "127.0.0.1"));
            assertEquals(Snapshot.NEVER, route(snapshot.routes(), "224.0.0.251"));
            assertEquals(Snapshot.NEVER, route(snapshot.routes(), "fe80::1"));
            assertEquals(RouteTable.NONE, route(snapshot.ownNetworks(), "10.2.0.9"));
            assertEquals(Snapshot.OWN, route(snapshot.ownNetworks(), "10.1.0.5"));
        }
    }

    @Test
    void everythingAtAPeerDoesNotTakeLoopbackOrUs() throws Exception {
        OwnIdentity hub = sites.identity("hub", 30, "0.0.0.0/0", "::/0");
        try (PeerBook book = book(StateFile.NONE, planned(hub))) {
            Snapshot snapshot = first(book);
            assertEquals(0, route(snapshot.routes(), "8.8.8.8"));
            assertEquals(Snapshot.NEVER, route(snapshot.routes(), "169.254.7.7"));
            assertEquals(Snapshot.NEVER, route(snapshot.routes(), "ff02::1"));
            assertEquals(Snapshot.OWN, route(snapshot.routes(), "10.1.0.5"));
        }
    }

    @Test
    void narrowedPeerHasOnlyWhatIsLeftOfIt() throws Exception {
        try (PeerBook book = bookWithBonn("10.3.7.0/24")) {
            Snapshot snapshot = first(book);
            assertEquals(0, route(snapshot.routes(), "10.3.7.1"));
            assertEquals(RouteTable.NONE, route(snapshot.routes(), "10.2.0.9"));
        }
    }

    @Test
    void turnOfTheHourKeepsOverlappingKeysAndErasesTheOldestWhenNobodyUsesThem() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Snapshot before = first(book);
            SendKey oldest = before.sendKey(0, hour() - 1);
            SendKey kept = before.sendKey(0, hour());
            assertNotNull(oldest);
            sites.advance(Duration.ofHours(1));
            assertTrue(book.refresh(sites.now, sites.ns()));
            Snapshot after = book.build(sites.now);
            assertEquals(kept, after.sendKey(0, hour() - 1));
            book.eraseRetired(before.version());
            assertEquals(1, book.retiredCount(), "a flow thread may still use the older snapshot");
            book.eraseRetired(after.version());
            assertEquals(0, book.retiredCount());
            assertFalse(book.refresh(sites.now, sites.ns()), "nothing more to do in the same hour");
        }
    }

    @Test
    void peerGoesDownWhenItsCertificateEndsAndItsNetworksStayRouted() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            first(book);
            sites.advance(Duration.ofDays(30).plusSeconds(1));
            assertTrue(book.refresh(sites.now, sites.ns()));
            Snapshot snapshot = book.build(sites.now);
            assertNull(snapshot.sendKey(0, hour()));
            assertEquals(0, book.receiveKeyCount());
            assertEquals(0, route(snapshot.routes(), "10.2.0.9"), "routed still: closed, not open");
            assertEquals(
                    Problem.Kind.EXPIRED,
                    book.members().getFirst().problems().getFirst().kind());
        }
    }

    @Test
    void certificateThatIsNotYetValidComesUpByItself() throws Exception {
        sites.advance(Duration.ofDays(-10));
        try (PeerBook book = bookWithBonn()) {
            assertNull(first(book).sendKey(0, hour()));
            sites.advance(Duration.ofDays(10));
            assertTrue(book.refresh(sites.now, sites.ns()));
            assertNotNull(book.build(sites.now).sendKey(0, hour()));
        }
    }

    @Test
    void ownCertificateThatEndsTakesAllPeersDown() throws Exception {
        tokyo = sites.identity("tokyo", 10, "10.1.0.0/24");
        try (PeerBook book = bookWithBonn()) {
            first(book);
            sites.advance(Duration.ofDays(10).plusSeconds(1));
            assertTrue(book.refresh(sites.now, sites.ns()));
            assertNull(book.build(sites.now).sendKey(0, hour()));
            assertFalse(book.ownProblems().isEmpty());
        }
    }

    @Test
    void peerOfAnotherCaIsDownAndNotRouted() throws Exception {
        TestSites others = new TestSites(folder.resolve("others"));
        OwnIdentity stranger = others.identity("bonn", 30, "10.9.0.0/24");
        try (PeerBook book =
                book(StateFile.NONE, new PeerPlan(others.setup(stranger), List.of(stranger.certificate())))) {
            Snapshot snapshot = first(book);
            assertNull(snapshot.sendKey(0, hour()));
            assertEquals(RouteTable.NONE, route(snapshot.routes(), "10.9.0.1"));
        }
    }

    @Test
    void peerPinnedByItsFingerprintNeedsNoCa() throws Exception {
        TestSites others = new TestSites(folder.resolve("others"));
        OwnIdentity stranger = others.identity("bonn", 30, "10.9.0.0/24");
        try (PeerBook book = book(
                StateFile.NONE, pinned(others, stranger, stranger.certificate().fingerprint()))) {
            assertNotNull(first(book).sendKey(0, hour()));
        }
        try (PeerBook book =
                book(StateFile.NONE, pinned(others, stranger, bonn.certificate().fingerprint()))) {
            assertNull(first(book).sendKey(0, hour()));
        }
    }

    private static PeerPlan pinned(TestSites sites, OwnIdentity peer, String fingerprint) {
        PeerSetup setup = sites.setup(peer);
        return new PeerPlan(
                new PeerSetup(
                        setup.name(),
                        setup.certificate(),
                        setup.fetched(),
                        List.of(fingerprint),
                        setup.places(),
                        setup.suites(),
                        setup.networks(),
                        setup.trafficKey(),
                        setup.compresses(),
                        setup.manner(),
                        Secrecy.OFF),
                List.of(peer.certificate()));
    }

    private PeerPlan sharing(byte[] preShared) {
        Secrecy secrecy = new Secrecy(Mode.OFF, SecretBytes.sharing(preShared.clone()));
        return new PeerPlan(sites.setup(bonn, secrecy), List.of(bonn.certificate()));
    }

    /** A reload reads the file again: the same secret in it leaves the keys alone, another one, one more or none makes all of them anew. */
    @Test
    void anotherPreSharedKeyMakesOtherKeys() throws Exception {
        byte[] one = new byte[32];
        one[31] = 1;
        byte[] other = new byte[32];
        other[0] = 2;
        try (PeerBook book = bookWithBonn()) {
            int before = first(book).sendKey(0, hour()).spi();
            Snapshot with = follow(book, plan(sharing(one)));
            int spi = with.sendKey(0, hour()).spi();
            assertNotEquals(before, spi);
            assertEquals(12, book.receiveKeyCount(), "the old ones are gone");
            assertSame(with.sendKey(0, hour()), follow(book, plan(sharing(one))).sendKey(0, hour()));
            assertNotEquals(
                    spi, follow(book, plan(sharing(other))).sendKey(0, hour()).spi());
            assertEquals(
                    before, follow(book, plan(planned(bonn))).sendKey(0, hour()).spi());
        }
    }

    /** Not even for the moment until the exchange has its next turn, and no status says otherwise. */
    @Test
    void keysThatAReloadBringsCarryNothingInModeRequired() throws Exception {
        PeerPlan required =
                new PeerPlan(sites.setup(bonn, new Secrecy(Mode.REQUIRED, null)), List.of(bonn.certificate()));
        PeerPlan shared = new PeerPlan(
                sites.setup(bonn, new Secrecy(Mode.REQUIRED, SecretBytes.sharing(new byte[32]))),
                List.of(bonn.certificate()));
        try (PeerBook book = book(StateFile.NONE)) {
            first(book);
            for (PeerPlan coming : List.of(required, shared, planned(bonn), required)) {
                Snapshot snapshot = follow(book, plan(coming));
                boolean off = coming.setup().secrecy().mode() == Mode.OFF;
                assertEquals(off, snapshot.sendKey(0, hour()) != null);
                assertEquals(
                        off ? Protection.Kind.STATIC : Protection.Kind.NONE,
                        book.protection(book.members().getFirst().peer(), sites.ns())
                                .kind(),
                        "and status says so");
                book.members().getFirst().pairs().forEach((pair, own, theirs) -> {
                    int spi = pair.receivingSpi(hour(), Suite.AES_128_GCM);
                    Admits admits = snapshot.receiveKeys()
                            .at(snapshot.receiveKeys().first(spi))
                            .admits();
                    assertEquals(off ? Admits.ALL : Admits.ANNOUNCEMENTS, admits);
                });
            }
        }
    }

    /** Between what a reload or a fetched certificate brings and the next second there may be mail. */
    @Test
    void whoIsHeardBeforeTheFirstSecondOfEpochKeysFindsAnEpoch() throws Exception {
        PeerPlan required =
                new PeerPlan(sites.setup(bonn, new Secrecy(Mode.REQUIRED, null)), List.of(bonn.certificate()));
        try (PeerBook book = book(StateFile.NONE)) {
            first(book);
            follow(book, plan(required));
            book.members().getFirst().peer().pairHeard();
            book.lookAtEpochs(sites.ns());
        }
    }

    @Test
    void endsAreAnnouncedFromAThirdOfALifeOn() throws Exception {
        sites.advance(Duration.ofDays(19));
        assertEquals(List.of(), Expiries.of(plan(planned(bonn)), sites.now));
        sites.advance(Duration.ofDays(2));
        List<String> lines = Expiries.of(plan(planned(bonn)), sites.now);
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.getFirst().startsWith("the certificate of peer bonn ends at 2026-08-18"), lines.toString());
        sites.advance(Duration.ofDays(10));
        assertTrue(Expiries.of(plan(planned(bonn)), sites.now).getFirst().contains("bonn ended at"));
    }

    @Test
    void peerUnderAnotherNameIsDown() throws Exception {
        PeerSetup setup = sites.setup(bonn);
        PeerSetup renamed = new PeerSetup(
                "osaka",
                setup.certificate(),
                setup.fetched(),
                setup.fingerprints(),
                setup.places(),
                setup.suites(),
                setup.networks(),
                setup.trafficKey(),
                setup.compresses(),
                setup.manner(),
                Secrecy.OFF);
        assertEquals(
                Problem.Kind.NAME,
                renamed.problems(bonn.certificate(), sites.trust(), OwnIdentities.of(tokyo), sites.now)
                        .getFirst()
                        .kind());
    }

    @Test
    void ownKeyAsPeerIsRefused() throws Exception {
        PeerSetup self = sites.setup(tokyo);
        assertTrue(self.problems(tokyo.certificate(), sites.trust(), OwnIdentities.of(tokyo), sites.now).stream()
                .anyMatch(problem -> problem.message().contains("own key")));
    }

    @Test
    void narrowingToMoreThanTheCertificateAllowsIsRefused() throws Exception {
        PeerSetup wide = sites.setup(bonn, "10.0.0.0/8");
        assertEquals(
                Problem.Kind.NETWORKS,
                wide.problems(bonn.certificate(), sites.trust(), OwnIdentities.of(tokyo), sites.now)
                        .getFirst()
                        .kind());
    }

    @Test
    void clockSetBackMakesAnotherInstanceAndNewKeysAtOnce() throws Exception {
        sites.advance(Duration.ofDays(1)); // so that the certificates are valid an hour earlier too
        try (PeerBook book = bookWithBonn()) {
            int before = first(book).instance();
            sites.advance(Duration.ofMinutes(-30));
            book.clockStepped(true);
            assertTrue(book.refresh(sites.now, sites.ns()));
            Snapshot after = book.build(sites.now);
            assertNotEquals(before, after.instance());
            assertNotNull(after.sendKey(0, hour()));
        }
    }

    @Test
    void clockSetForwardKeepsTheInstance() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            int before = first(book).instance();
            sites.advance(Duration.ofHours(5));
            book.clockStepped(false);
            assertTrue(book.refresh(sites.now, sites.ns()));
            assertEquals(before, book.build(sites.now).instance());
        }
    }

    @Test
    void floorIsTheMomentOfLoadingAndOnlyRises() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Peer peer = first(book).peers().getFirst();
            long loaded = SkipTime.ticks(sites.now);
            assertEquals(loaded, peer.replay().floor());
            sites.advance(Duration.ofMinutes(3));
            book.raiseFloors(sites.now, sites.ns());
            assertEquals(loaded, peer.replay().floor(), 2, "three minutes later the moment of loading is the same");
            long ns = sites.ns();
            sites.advance(Duration.ofHours(-2)); // set back: the moment of loading seems earlier now
            book.raiseFloors(sites.now, ns);
            assertEquals(loaded, peer.replay().floor(), 2, "a floor never sinks");
        }
    }

    @Test
    void floorIsNeverBeforeTheClockLastSavedAndKnowsThePeersClock() throws Exception {
        long saved = SkipTime.ticks(sites.now.plus(Duration.ofHours(3)));
        long skew = 400L * SkipTime.TICKS_PER_SECOND;
        try (PeerBook book = book(new StateFile(saved, Map.of("bonn", skew), Set.of()), planned(bonn))) {
            assertEquals(saved + skew, first(book).peers().getFirst().replay().floor());
        }
    }

    /** Else a reload without it, and another with it, would be a way back to static keys. */
    @Test
    void aPeerTakenOutAndPutBackIsStillKnownToHaveAgreed() throws Exception {
        PeerPlan preferred =
                new PeerPlan(sites.setup(bonn, new Secrecy(Mode.PREFERRED, null)), List.of(bonn.certificate()));
        try (PeerBook book = book(new StateFile(0, Map.of(), Set.of("bonn", "oslo")), preferred)) {
            assertNull(first(book).sendKey(0, hour()));
            follow(book, plan());
            assertEquals(Set.of("bonn", "oslo"), book.agreedPeers(), "this is what the state file gets");
            assertNull(follow(book, plan(preferred)).sendKey(0, hour()));
        }
        try (PeerBook book = book(StateFile.NONE, preferred)) {
            assertNotNull(first(book).sendKey(0, hour()), "on first contact");
        }
    }

    @Test
    void packetNumbersOfARestartStartAboveAllBefore() {
        long before = SkipTime.firstCount(TestSites.START);
        long oneSecondLater = SkipTime.firstCount(TestSites.START.plusSeconds(1));
        assertEquals(10_000_000, oneSecondLater - before, "room for ten million packets a second");
        assertTrue(oneSecondLater >>> 60 == 0, "the lane's bits are free");
    }

    @Test
    void planThatAddsAndRemovesOthersLeavesAPeerAsItIs() throws Exception {
        OwnIdentity osaka = sites.identity("osaka", 30, "10.7.0.0/24");
        OwnIdentity kyoto = sites.identity("kyoto", 30, "10.8.0.0/24");
        try (PeerBook book = book(StateFile.NONE, planned(osaka), planned(bonn))) {
            Snapshot before = first(book);
            Peer stays = before.peers().get(1);
            Endpoint heardFrom = Endpoint.of(new InetSocketAddress("203.0.113.77", 4077));
            stays.moveTo(heardFrom);
            stays.outbound(0).used(5);

            Snapshot after = follow(book, plan(planned(bonn), planned(kyoto)));

            assertSame(stays, after.peers().getFirst());
            assertSame(before.sendKey(1, hour()), after.sendKey(0, hour()), "a kept traffic key goes on too");
            assertEquals(heardFrom, stays.endpoint());
            assertEquals(SkipTime.firstCount(sites.now) + 5, stays.outbound(0).nextCount());
            assertEquals("kyoto", after.peers().get(1).name());
            assertNotNull(after.sendKey(1, hour()));
            assertEquals(RouteTable.NONE, route(after.routes(), "10.7.0.9"));
            assertEquals(1, route(after.routes(), "10.8.0.9"));
            assertEquals(2 * 12, book.receiveKeyCount());
            book.eraseRetired(before.version());
            assertTrue(book.retiredCount() > 0, "a flow thread may still open what osaka sends");
            book.eraseRetired(after.version());
            assertEquals(0, book.retiredCount());
        }
    }

    /** What a fetched certificate or a list that came brings is a plan of the same files as before. */
    @Test
    void aCertificateThatWasReadAgainStaysUntilThePlanHasAnother() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            first(book);
            sites.advance(Duration.ofDays(31));
            book.refresh(sites.now, sites.ns());
            Member member = book.members().getFirst();
            assertEquals(1, member.problems().size(), "it has expired");
            OwnIdentity renewed = sites.identity("bonn", 30, "10.2.0.0/24");
            member.reload(sites.folder.resolve("bonn.crt"));
            book.refresh(sites.now, sites.ns());
            assertEquals(List.of(), member.problems());

            follow(book, plan(planned(bonn)));

            assertEquals(List.of(), member.problems(), "read again since the last plan");
            assertEquals(
                    renewed.certificate().keyFingerprint(),
                    member.goodCertificates().getFirst().keyFingerprint());

            OwnIdentity another = sites.identity("bonn", 30, "10.2.0.0/24");
            follow(book, plan(planned(another)));

            assertSame(another.certificate(), member.goodCertificates().getFirst());
        }
    }

    @Test
    void peerWithAnotherKeyHasOtherKeysAndTheSameNumbers() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Snapshot before = first(book);
            OwnIdentity renewed = sites.identity("bonn", 30, "10.2.0.0/24");

            Snapshot after = follow(book, plan(planned(renewed)));

            assertSame(before.peers().getFirst(), after.peers().getFirst());
            assertNotEquals(spi(before), spi(after));
            assertEquals(RouteTable.NONE, route(after.routes(), "10.3.7.1"));
        }
    }

    @Test
    void ownKeyThatChangesChangesTheKeysOfAll() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Snapshot before = first(book);
            tokyo = sites.identity("tokyo", 365, "10.1.0.0/24", "10.11.0.0/24");

            Snapshot after = follow(book, plan(planned(bonn)));

            assertNotEquals(spi(before), spi(after));
            assertEquals(Snapshot.OWN, route(after.ownNetworks(), "10.11.0.3"));
        }
    }

    @Test
    void suitesAndTrafficKeyAreThoseOfThePlan() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            first(book);
            TrafficKeyPolicy kept = new TrafficKeyPolicy(300, 9_000_000, 40_000_000_000L);
            PeerSetup setup = sites.setup(bonn);
            PeerSetup other = new PeerSetup(
                    setup.name(),
                    setup.certificate(),
                    setup.fetched(),
                    setup.fingerprints(),
                    setup.places(),
                    List.of(Suite.AES_256_GCM),
                    setup.networks(),
                    kept,
                    setup.compresses(),
                    setup.manner(),
                    Secrecy.OFF);

            Snapshot after = follow(book, plan(new PeerPlan(other, List.of(bonn.certificate()))));

            SendKey key = after.sendKey(0, hour());
            assertNotNull(key);
            assertEquals(Suite.AES_256_GCM, key.suite());
            assertEquals(kept, key.trafficKey());
            assertEquals(12, book.receiveKeyCount());
        }
    }

    @Test
    void endpointMovesOnlyWhenAnotherIsConfigured() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            Peer peer = first(book).peers().getFirst();
            PeerSetup setup = sites.setup(bonn);
            PeerSetup elsewhere = new PeerSetup(
                    setup.name(),
                    setup.certificate(),
                    setup.fetched(),
                    setup.fingerprints(),
                    List.of(new PeerSetup.Place("198.51.100.9", 4501)),
                    setup.suites(),
                    setup.networks(),
                    setup.trafficKey(),
                    setup.compresses(),
                    setup.manner(),
                    Secrecy.OFF);

            follow(book, plan(new PeerPlan(elsewhere, List.of(bonn.certificate()))));

            assertEquals("198.51.100.9:4501", String.valueOf(peer.endpoint()));
        }
    }

    private int spi(Snapshot snapshot) {
        SendKey key = snapshot.sendKey(0, hour());
        assertNotNull(key);
        return key.spi();
    }

    @Test
    void strangeHoursAreADayAroundAndNotTheAcceptedOnes() throws Exception {
        try (PeerBook book = bookWithBonn()) {
            first(book);
            assertTrue(book.refreshStrangeHours());
            assertFalse(book.refreshStrangeHours());
            assertEquals(2 * 46, book.strangeHourCount(), "24 hours each way less one, of two suites");
        }
    }
}
