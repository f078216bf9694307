package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.peer.Peer;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.Refusal.Detail;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusalsTest {
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final long OUTSIDER = MAPPED | 0xc0a8_1407L;
    private static final long INSIDE = MAPPED | 0x0a02_0009L;
    private static final long START_NS = 77_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    Path folder;

    private final List<String> told = new ArrayList<>();
    private boolean room = true;
    private final Refusals refusals = new Refusals((peer, under, refusal, detail) -> {
        if (room) {
            told.add(peer + " " + refusal);
        }
        return room;
    });
    private TestSites sites;
    private Peer peer;
    private Member bonn;

    @BeforeEach
    void bonnIsAPeer() throws Exception {
        sites = new TestSites(folder);
        OwnIdentity identity = sites.identity("bonn", 90, "10.2.0.0/24");
        PeerSetup setup = sites.setup(identity);
        peer = new Peer(setup.name(), setup.suites(), setup.trafficKey(), new PeerReplay(), 7);
        setup.literalEndpoint().ifPresent(peer::moveTo);
        bonn = new Member(
                new Plan.PeerPlan(setup, List.of(identity.certificate())),
                peer,
                new CertifiedPairs(peer, new KeyRing()),
                5);
    }

    private void refuse(Refusal refusal, long number) {
        peer.refused().note(refusal, number, 0, OUTSIDER, 0, INSIDE);
    }

    private void tick(long afterSeconds) {
        refusals.tick(List.of(bonn), sites.now, START_NS + afterSeconds * SECOND_NS);
    }

    private List<String> reports(long afterSeconds) {
        return refusals.reports(peer, START_NS + afterSeconds * SECOND_NS).stream()
                .map(report -> (report.byPeer() ? "peer: " : "us: ") + report.text())
                .toList();
    }

    @Test
    void isToldAtOnceAndThenLessAndLessWhileItLasts() {
        List<Long> at = new ArrayList<>();
        for (long second = 0; second < 200; second++) {
            refuse(Refusal.INNER_SOURCE, 0);
            int before = told.size();
            tick(second);
            if (told.size() > before) {
                at.add(second);
            }
        }
        assertEquals(List.of(0L, 10L, 30L, 70L, 150L), at);
        assertEquals(List.of("us: source 192.168.20.7 is outside its networks"), reports(200));
    }

    @Test
    void reasonsDoNotWaitForEachOther() {
        refuse(Refusal.INNER_SOURCE, 0);
        refuse(Refusal.POLICY, 6 << 16 | 23);
        refuse(Refusal.NOT_FOR_US, 0);
        refuse(Refusal.SUITE, 4);
        tick(0);
        assertEquals(List.of("bonn SUITE", "bonn INNER_SOURCE", "bonn NOT_FOR_US", "bonn POLICY"), told);
        assertEquals(
                List.of(
                        "us: it sends aes-128-gmac, which [[peer]] suites does not accept",
                        "us: source 192.168.20.7 is outside its networks",
                        "us: destination 10.2.0.9 is not in our networks",
                        "us: no rule allows TCP to port 23 from 192.168.20.7 to 10.2.0.9"),
                reports(0));
    }

    @Test
    void compressionGroupsAndForwardSecrecyAreTold() {
        refuse(Refusal.COMPRESSED, 1);
        refuse(Refusal.NOT_A_MEMBER, 17 << 16 | 5353);
        refuse(Refusal.NO_FORWARD_SECRECY, 0);
        tick(0);
        assertEquals(List.of("bonn COMPRESSED", "bonn NOT_A_MEMBER", "bonn NO_FORWARD_SECRECY"), told);
        refuse(Refusal.COMPRESSED, 2);
        tick(10);
        assertEquals(
                List.of(
                        "us: it sends compressed packets that cannot be unpacked",
                        "us: it is no member of the group 10.2.0.9 here",
                        "us: it sends packets under host keys alone, which [[peer]] forward-secrecy does not accept"),
                reports(10));
    }

    @Test
    void nothingIsToldTwiceWithoutBeingRefusedTwice() {
        refuse(Refusal.INNER_SOURCE, 0);
        tick(0);
        for (long second = 1; second < 100; second++) {
            tick(second);
        }
        assertEquals(1, told.size());
    }

    @Test
    void whatFindsNoRoomIsToldLater() {
        room = false;
        refuse(Refusal.INNER_SOURCE, 0);
        tick(0);
        assertEquals(List.of(), told);
        room = true;
        tick(1);
        assertEquals(1, told.size());
    }

    @Test
    void certificateThatEndsIsToldOnceADay() {
        sites.advance(Duration.ofDays(87));
        tick(0);
        assertEquals(List.of(), told, "there may be no keys yet, and a day is long");
        peer.receivedAt(START_NS);
        for (long second = 0; second < 2 * 86_400; second += 60) {
            tick(second);
        }
        assertEquals(List.of("bonn CERTIFICATE_ENDS", "bonn CERTIFICATE_ENDS"), told);
        assertEquals(List.of("us: its certificate ends in 71 hours"), reports(2 * 86_400 - 60));
    }

    @Test
    void clockThatIsBehindIsToldWithHowMuch() {
        peer.refusedSkew(-412 * 32_768L);
        peer.counters().drop(0, DropReason.BEFORE_FLOOR, 3);
        tick(0);
        assertEquals(List.of(), told, "the count at first sight is not news");
        peer.counters().drop(0, DropReason.BEFORE_FLOOR, 3);
        tick(1);
        assertEquals(List.of("bonn CLOCK"), told);
        assertEquals(List.of("us: its clock is 412 s behind"), reports(1));
    }

    private void hear(long aheadSeconds, long atNs) {
        peer.receivedAt(atNs);
        peer.skew().record(aheadSeconds * 32_768, atNs);
    }

    @Test
    void clockThatIsOffIsToldThoughItsPacketsPass() {
        hear(59, START_NS);
        tick(0);
        assertEquals(List.of(), told, "within a minute");
        hear(412, START_NS + 1);
        tick(1);
        assertEquals(List.of("bonn CLOCK"), told);
        assertEquals(List.of("us: its clock is 412 s ahead"), reports(1));
        tick(20);
        assertEquals(1, told.size(), "nothing was heard since");
        hear(-413, START_NS + 2);
        tick(21);
        assertEquals(List.of("us: its clock is 413 s behind"), reports(21));
    }

    @Test
    void clockThatIsHoursOffIsShownAndNotToldToWhoCannotHearIt() {
        peer.strangeClock(new Peer.StrangeClock(-5 * 3600 * 32_768L, START_NS));
        tick(0);
        assertEquals(List.of(), told);
        assertEquals(List.of("us: its clock is 5 hours behind"), reports(0));
    }

    @Test
    void recordingOfAnotherHourSaysNothingOfTheClockOfAPeerThatIsHeard() {
        hear(0, START_NS);
        peer.strangeClock(new Peer.StrangeClock(-5 * 3600 * 32_768L, START_NS + SECOND_NS));
        tick(1);
        assertEquals(List.of(), reports(1));
    }

    private void receive(int code, Detail detail, long afterSeconds) {
        try (Region message = new Region(ControlMessage.KEPT_BYTES)) {
            long end = ControlMessage.putRefusal(ControlMessage.begin(message.address()), Refusal.POLICY, detail);
            OffHeap.putU16(message.address() + 6, code);
            int bytes = (int) (end - message.address());
            assertTrue(ControlMessage.readable(message.address(), bytes));
            assertFalse(ControlMessage.readable(message.address(), bytes - 1));
            long value = ControlMessage.find(message.address(), bytes, ControlMessage.REFUSAL);
            refusals.received(peer, value, START_NS + afterSeconds * SECOND_NS);
        }
    }

    @Test
    void whatThePeerSaysIsShownAndNothingElse() {
        receive(2, new Detail(0, 0, OUTSIDER, 0, INSIDE), 0);
        receive(5, Detail.of(412_000), 1);
        receive(6, Detail.of(3 * 86_400), 1);
        receive(1, Detail.of(77), 1);
        receive(4, new Detail(1L << 16, 0x2001_0db8_0001_0000L, 7, 0x2001_0db8_0002_0000L, 9), 1);
        receive(99, Detail.of(1), 1);
        receive(7, Detail.of(1), 1);
        receive(8, new Detail(17L << 16, 0, OUTSIDER, 0, MAPPED | 0xef01_0203L), 1);
        receive(9, Detail.of(0), 1);
        receive(5, Detail.of(Long.MIN_VALUE), 2);

        assertEquals(
                List.of(
                        "peer: it does not accept suite 77; the first of [[peer]] suites is what is sent",
                        "peer: source 192.168.20.7 is outside our networks, as it knows them",
                        "peer: no rule there allows ICMP from 2001:db8:1::7 to 2001:db8:2::9",
                        "peer: our clock is 106751991167 days behind, by its own",
                        "peer: our certificate ends in 3 days",
                        "peer: we compress, and there compression is off; [[peer]] compression must be on at both",
                        "peer: we are no member of the group 239.1.2.3 there",
                        "peer: it does not accept packets under host keys alone; see [[peer]] forward-secrecy",
                        "peer: for a reason that only later releases know, code 99"),
                reports(3));
        assertEquals(List.of(), told, "a refusal is not answered");
        assertEquals(List.of(), reports(86_400 + 60), "and is forgotten");
    }
}
