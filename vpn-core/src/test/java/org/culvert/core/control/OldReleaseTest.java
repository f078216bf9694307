package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.core.epoch.Mode;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.SendKey;
import org.culvert.core.wire.SkipTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer that never says a word about epoch keys, as the release before: how each mode treats it and names it. Live: OldReleaseLabTest. */
class OldReleaseTest {
    private static final long SECOND_NS = 1_000_000_000L;

    /** An echo, as protocol.md has it: what such a gateway does say. */
    private static final byte[] ECHO = HexFormat.of()
            .parseHex("01000001000811223344556677880004001200000000000000000000ffffc0000202066800000006000000000000");

    @TempDir
    private Path folder;

    private TestSites sites;
    private OwnIdentity tokyo;
    private OwnIdentity bonn;

    @BeforeEach
    void issue() throws Exception {
        sites = new TestSites(folder);
        tokyo = sites.identity("tokyo", 365, "10.1.0.0/24");
        bonn = sites.identity("bonn", 30, "10.2.0.0/24");
    }

    private PeerBook book(Mode mode) throws Exception {
        PeerPlan peer = new PeerPlan(sites.setup(bonn, new Secrecy(mode, null)), List.of(bonn.certificate()));
        Plan plan = sites.plan(tokyo, peer);
        return new PeerBook(plan, StateFile.NONE, () -> 0x4100, sites.now, sites.ns());
    }

    /** It says this a few times; nothing is for the exchange. */
    private void echoes(PeerBook book, long nowNs) {
        Peer peer = book.members().getFirst().peer();
        PairKeys[] pair = new PairKeys[1];
        book.members().getFirst().pairs().forEach((keys, own, theirs) -> pair[0] = keys);
        ControlRing.Slot slot =
                Objects.requireNonNull(peer.announcementsReceived().claim());
        System.arraycopy(ECHO, 0, slot.message, 0, ECHO.length);
        slot.messageBytes = ECHO.length;
        slot.datagramBytes = ECHO.length + 52;
        slot.endpoint = peer.endpoint();
        slot.pair = pair[0];
        assertNull(book.secrecy().received(peer, slot, nowNs, book.nextVersion()));
    }

    private Protection after(PeerBook book, int seconds, long nowNs) {
        for (int i = 0; i <= seconds; i++) {
            book.tickEpochs(nowNs + i * SECOND_NS);
        }
        return book.protection(book.members().getFirst().peer(), nowNs + seconds * SECOND_NS);
    }

    @Test
    void requiredSendsNothingAndNamesIt() throws Exception {
        try (PeerBook book = book(Mode.REQUIRED)) {
            book.first(sites.now, sites.ns());
            echoes(book, sites.ns());
            assertEquals("", after(book, 4, sites.ns()).remark(), "its announcement may be on the way");
            Protection protection = after(book, 6, sites.ns());
            assertEquals(Protection.Kind.NONE, protection.kind());
            assertTrue(protection.remark().contains("a release without epoch keys"), protection.remark());
            assertTrue(protection.remark().contains("no packet passes"), protection.remark());
            assertNull(dataKey(book), "and no packet leaves");
        }
    }

    @Test
    void preferredWorksAndNamesIt() throws Exception {
        try (PeerBook book = book(Mode.PREFERRED)) {
            book.first(sites.now, sites.ns());
            echoes(book, sites.ns());
            Protection protection = after(book, 6, sites.ns());
            assertEquals(Protection.Kind.STATIC, protection.kind());
            assertTrue(protection.remark().contains("a release without epoch keys"), protection.remark());
            assertNotNull(dataKey(book));
        }
    }

    @Test
    void offWorksAndHasNothingToRemark() throws Exception {
        try (PeerBook book = book(Mode.OFF)) {
            book.first(sites.now, sites.ns());
            echoes(book, sites.ns());
            Protection protection = after(book, 6, sites.ns());
            assertEquals(Protection.Kind.STATIC, protection.kind());
            assertEquals("", protection.remark());
            assertNotNull(dataKey(book));
        }
    }

    private @Nullable SendKey dataKey(PeerBook book) {
        return book.build(sites.now).sendKey(0, SkipTime.hour(SkipTime.ticks(sites.now)));
    }
}
