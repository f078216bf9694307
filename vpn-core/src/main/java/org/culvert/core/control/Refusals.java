package org.culvert.core.control;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final Voice voice;
    private final IdentityHashMap<Peer, Known> known = new IdentityHashMap<>();

    /** Leaves a message to a peer. */
    interface Voice {
        /** Leaves one. @return false when there is no room now */
        boolean tell(Peer peer, Refusal refusal, Refusal.Detail detail);
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
                tell(member, refusal, of.ours(refusal), nowNs);
            }
        }
    }

    /** What is there to be said since the last look. */
    private static Refusal.@Nullable Detail seen(Refusal refusal, Member member, Known of, Instant now) {
        return switch (refusal) {
            case SUITE, INNER_SOURCE, NOT_FOR_US, POLICY ->
                member.peer().refused().take(refusal);
            case CLOCK -> clock(member.peer(), of);
            case CERTIFICATE_ENDS -> certificate(member.certificate(), now);
        };
    }

    private static Refusal.@Nullable Detail clock(Peer peer, Known of) {
        long tooOld = peer.counters().dropped(DropReason.BEFORE_FLOOR);
        if (tooOld == of.tooOld) {
            return null;
        }
        of.tooOld = tooOld;
        return Refusal.Detail.of(peer.refusedSkewTicks() * 1000 / SkipTime.TICKS_PER_SECOND);
    }

    /** In the last third of its life, and within a month. */
    private static Refusal.@Nullable Detail certificate(@Nullable HostCertificate certificate, Instant now) {
        if (certificate == null) {
            return null;
        }
        Duration left = Duration.between(now, certificate.notAfter());
        Duration third = Duration.between(certificate.notBefore(), certificate.notAfter())
                .dividedBy(3);
        boolean soon = left.compareTo(third) < 0 && left.compareTo(SOON) < 0 && !left.isNegative();
        return soon ? Refusal.Detail.of(left.toSeconds()) : null;
    }

    private void tell(Member member, Refusal refusal, Told told, long nowNs) {
        Refusal.Detail detail = told.detail;
        if (detail == null || (told.shown != null && nowNs - told.shownNs < told.pauseNs)) {
            return;
        }
        Peer peer = member.peer();
        boolean may = member.setup().manner().measure() && peer.endpoint() != null;
        if (may && !voice.tell(peer, refusal, detail)) {
            return;
        }
        long first = refusal == Refusal.CERTIFICATE_ENDS ? DAY_NS : FIRST_PAUSE_NS;
        boolean lasts = told.shown != null && nowNs - told.shownNs < 4 * told.pauseNs;
        told.pauseNs = lasts ? Math.max(first, Math.min(2 * told.pauseNs, LONGEST_PAUSE_NS)) : first;
        told.show(detail, nowNs);
        LOG.warn("peer {}: {}{}", peer, RefusalWords.ours(refusal, detail), may ? "; it is told" : "");
    }

    /** A peer says that it refuses something. */
    void received(Peer peer, long value, long nowNs) {
        Optional<Refusal> refusal = Refusal.of(value);
        if (refusal.isEmpty()) {
            return; // from a later version
        }
        Told told = known.computeIfAbsent(peer, Known::new).theirs(refusal.get());
        Refusal.Detail detail = Refusal.Detail.read(value);
        boolean news = told.shown == null || nowNs - told.loggedNs >= LONGEST_PAUSE_NS;
        boolean other = !detail.equals(told.shown) && nowNs - told.loggedNs >= FIRST_PAUSE_NS;
        told.show(detail, nowNs);
        if (news || other) {
            told.loggedNs = nowNs;
            LOG.warn("peer {} refuses what we send: {}", peer, RefusalWords.theirs(refusal.get(), detail));
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
