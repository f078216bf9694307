package org.culvert.core.control;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.culvert.core.peer.ClockSkew;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.trust.HostCertificate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a peer what of its is refused here and why, and keeps what peers say they refuse of ours. Nothing is done because of it but to say
 * so, in log and status: who has stolen a key may claim what he likes. Each reason is told at once, then while it lasts after
 * 10, 20, 40 s and so on up to an hour. Control thread.
 */
public final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private static final long FIRST_PAUSE_NS = 10_000_000_000L;
    private static final long LONGEST_PAUSE_NS = 3_600_000_000_000L;
    private static final long DAY_NS = 24 * LONGEST_PAUSE_NS;
    private static final Duration SOON = Duration.ofDays(30);
    private static final long MINUTE_NS = 60_000_000_000L;

    /** A clock that is further off than this is told, though packets within an hour pass: soon they may not. */
    private static final long CLOCK_TOLD_FROM_TICKS = 60L * SkipTime.TICKS_PER_SECOND;

    private final Voice voice;
    private final IdentityHashMap<Peer, Known> known = new IdentityHashMap<>();

    /** Leaves a message to a peer. */
    interface Voice {
        /**
         * Leaves one.
         *
         * @param under null: what the peer's data goes under
         * @return false when there is no room now
         */
        boolean tell(Peer peer, @Nullable PairKeys under, Refusal refusal, Refusal.Detail detail);
    }

    /**
     * For status.
     *
     * @param byPeer the peer refuses what we send; else we refuse what it sends
     * @param text one line
     */
    public record Report(boolean byPeer, Refusal refusal, String text, Duration age) {}

    Refusals(Voice voice) {
        this.voice = voice;
    }

    /** Every second: says what is new, to peers that are asked things of our own accord at all. */
    void tick(List<Member> members, Instant now, long nowNs) {
        known.keySet().retainAll(members.stream().map(Member::peer).toList());
        for (Member member : members) {
            Known of = known.computeIfAbsent(member.peer(), Known::new);
            for (Refusal refusal : Refusal.values()) {
                Refusal.Detail seen = seen(refusal, member, of, now);
                if (seen != null) {
                    of.ours(refusal).detail = seen;
                }
                tell(member, refusal, of, nowNs);
            }
        }
    }

    /** What is there to be said since the last look. */
    private static Refusal.@Nullable Detail seen(Refusal refusal, Member member, Known of, Instant now) {
        return switch (refusal) {
            case SUITE, INNER_SOURCE, NOT_FOR_US, POLICY, COMPRESSED, NOT_A_MEMBER, NO_FORWARD_SECRECY ->
                member.peer().refused().take(refusal);
            case CLOCK -> clock(member.peer(), of);
            case CERTIFICATE_ENDS -> certificate(member, now);
            case OF_LATER_VERSION -> null;
        };
    }

    /** What was refused for it, or would be with a little more of it. */
    private static Refusal.@Nullable Detail clock(Peer peer, Known of) {
        long tooOld = peer.counters().dropped(DropReason.BEFORE_FLOOR);
        if (tooOld != of.tooOld) {
            of.tooOld = tooOld;
            return clock(peer.refusedSkewTicks());
        }
        long heardNs = peer.lastReceivedNs();
        Peer.StrangeClock strange = peer.strangeClock();
        if (strange != null && !strange.equals(of.strange)) {
            of.strange = strange;
            of.hoursApart = heardNs == 0 || strange.nowNs() - heardNs > MINUTE_NS; // else it is a recording
            return of.hoursApart ? clock(strange.aheadTicks()) : null;
        }
        if (heardNs == of.heardNs) {
            return null;
        }
        of.heardNs = heardNs;
        of.hoursApart = false;
        long skewTicks = peer.skew().newestTicks();
        return skewTicks != ClockSkew.UNKNOWN && Math.abs(skewTicks) >= CLOCK_TOLD_FROM_TICKS ? clock(skewTicks) : null;
    }

    private static Refusal.Detail clock(long aheadTicks) {
        return Refusal.Detail.of(aheadTicks * 1000 / SkipTime.TICKS_PER_SECOND);
    }

    /** In the last third of its life, and within a month; when the peer was heard, since what is told before there are keys is lost. */
    private static Refusal.@Nullable Detail certificate(Member member, Instant now) {
        HostCertificate certificate = member.certificate();
        if (certificate == null || member.peer().lastReceivedNs() == 0) {
            return null;
        }
        Duration left = Duration.between(now, certificate.notAfter());
        Duration third = Duration.between(certificate.notBefore(), certificate.notAfter())
                .dividedBy(3);
        boolean soon = left.compareTo(third) < 0 && left.compareTo(SOON) < 0 && !left.isNegative();
        return soon ? Refusal.Detail.of(left.toSeconds()) : null;
    }

    private void tell(Member member, Refusal refusal, Known of, long nowNs) {
        Told told = of.ours(refusal);
        Refusal.Detail detail = told.detail;
        if (detail == null || (told.shown != null && nowNs - told.shownNs < told.pauseNs)) {
            return;
        }
        Peer peer = member.peer();
        boolean deaf = refusal == Refusal.CLOCK && of.hoursApart;
        boolean may = member.setup().manner().measure() && peer.endpoint() != null && !deaf;
        // Who sends data under host keys has no others, and opens nothing else.
        PairKeys under = refusal == Refusal.NO_FORWARD_SECRECY ? member.pairs().base() : null;
        if (may && !voice.tell(peer, under, refusal, detail)) {
            return;
        }
        long first = refusal == Refusal.CERTIFICATE_ENDS ? DAY_NS : FIRST_PAUSE_NS;
        boolean lasts = told.shown != null && nowNs - told.shownNs < 4 * told.pauseNs;
        told.pauseNs = lasts ? Math.max(first, Math.min(2 * told.pauseNs, LONGEST_PAUSE_NS)) : first;
        told.show(detail, nowNs);
        String more = deaf
                ? ", or this is a recording: nothing it sends is taken; compare `date -u` on both gateways"
                : may ? "; it is told" : "";
        LOG.warn("peer {}: {}{}", peer, RefusalWords.ours(refusal, detail), more);
    }

    /** A peer says that it refuses something. */
    void received(Peer peer, long value, long nowNs) {
        Refusal refusal = Refusal.of(value);
        Told told = known.computeIfAbsent(peer, Known::new).theirs(refusal);
        Refusal.Detail detail = refusal.detail(value);
        boolean news = told.shown == null || nowNs - told.loggedNs >= LONGEST_PAUSE_NS;
        boolean other = !detail.equals(told.shown) && nowNs - told.loggedNs >= FIRST_PAUSE_NS;
        told.show(detail, nowNs);
        if (news || other) {
            told.loggedNs = nowNs;
            LOG.warn("peer {} refuses what we send: {}", peer, RefusalWords.theirs(refusal, detail));
        }
    }

    /** Of the last hour (of a certificate's end: of the last day), ours first. */
    public List<Report> reports(Peer peer, long nowNs) {
        Known of = known.get(peer);
        List<Report> reports = new ArrayList<>();
        if (of != null) {
            of.ours.forEach((refusal, told) -> report(reports, false, refusal, told, nowNs));
            of.theirs.forEach((refusal, told) -> report(reports, true, refusal, told, nowNs));
        }
        return reports;
    }

    private static void report(List<Report> reports, boolean byPeer, Refusal refusal, Told told, long nowNs) {
        Refusal.Detail detail = told.shown;
        long ageNs = nowNs - told.shownNs;
        if (detail != null && ageNs <= (refusal == Refusal.CERTIFICATE_ENDS ? DAY_NS : LONGEST_PAUSE_NS)) {
            String text = byPeer ? RefusalWords.theirs(refusal, detail) : RefusalWords.ours(refusal, detail);
            reports.add(new Report(byPeer, refusal, text, Duration.ofNanos(Math.max(0, ageNs))));
        }
    }

    /** Of one peer. */
    private static final class Known {
        final Map<Refusal, Told> ours = new EnumMap<>(Refusal.class);
        final Map<Refusal, Told> theirs = new EnumMap<>(Refusal.class);
        long tooOld;
        long heardNs;
        Peer.@Nullable StrangeClock strange;

        /** What it sends opens only under keys of hours that are not accepted; and so will what we send, there. */
        boolean hoursApart;

        Known(Peer peer) {
            tooOld = peer.counters().dropped(DropReason.BEFORE_FLOOR);
        }

        Told ours(Refusal refusal) {
            return ours.computeIfAbsent(refusal, first -> new Told());
        }

        Told theirs(Refusal refusal) {
            return theirs.computeIfAbsent(refusal, first -> new Told());
        }
    }

    /** One reason, one way. */
    private static final class Told {
        /** Not said yet. */
        Refusal.@Nullable Detail detail;

        Refusal.@Nullable Detail shown;
        long shownNs;
        long loggedNs;
        long pauseNs;

        void show(Refusal.Detail what, long nowNs) {
            shown = what;
            shownNs = nowNs;
            detail = null;
        }
    }
}
