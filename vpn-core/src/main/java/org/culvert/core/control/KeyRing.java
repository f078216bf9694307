package org.culvert.core.control;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.Admits;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.StrangeHour;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The keys of every peer that is up, for the hours around the present one: made ahead, so that no packet waits for them, and
 * erased when no flow thread can use them any more. A peer may have several pairs: packets are opened under all of them and sealed
 * under one. Control thread.
 */
final class KeyRing implements AutoCloseable {
    /** How far a clock may be off for us to say by how much (design.md section 3). */
    static final int STRANGE_HOURS_AROUND = 24;

    private final Map<Peer, PeerKeys> peers = new HashMap<>();
    private final Deque<Retired> retired = new ArrayDeque<>();

    /**
     * A peer's packets are opened under this pair too; its keys are made by the next {@link #turnTo}. The first is also the one that
     * is sent under, until {@link #sendUnder} says otherwise.
     */
    void add(Peer peer, PairKeys pair) {
        peers.computeIfAbsent(peer, PeerKeys::new).add(pair);
    }

    /** From the next snapshot on, data for the peer is sealed under this one of its pairs. */
    void sendUnder(Peer peer, PairKeys pair) {
        PeerKeys keys = peers.get(peer);
        if (keys == null || !keys.has(pair)) {
            throw new IllegalStateException(peer + " has no such pair");
        }
        keys.sending = pair;
    }

    /** What {@link #sendUnder} says; null when the peer is down. */
    @Nullable
    PairKeys sendsUnder(Peer peer) {
        PeerKeys keys = peers.get(peer);
        return keys == null ? null : keys.sending;
    }

    /** Under which data goes: an epoch pair, or the static one; null when the peer is down. */
    @Nullable
    PairKeys inUse(Peer peer) {
        PeerKeys keys = peers.get(peer);
        return keys == null ? null : keys.epochSending != null ? keys.epochSending : keys.sending;
    }

    /** The static pair that epoch pairs begin with; null when the peer is down. */
    @Nullable
    PairKeys base(Peer peer) {
        return sendsUnder(peer);
    }

    boolean holds(PairKeys pair) {
        return peers.values().stream().anyMatch(keys -> keys.has(pair));
    }

    /**
     * A peer's epoch pairs as they are now.
     *
     * @param sending the one that is sent under; null: the static one, if that may be
     * @param staticCarries whether data may go under static pairs
     * @param version the first snapshot that will show it
     * @return whether anything is different
     */
    boolean epochs(Peer peer, List<PairKeys> wanted, @Nullable PairKeys sending, boolean staticCarries, long version) {
        PeerKeys keys = peers.get(peer);
        return keys != null && keys.epochs(wanted, sending, staticCarries, version);
    }

    /** The pair that data goes under now; null: none may carry it. */
    @Nullable
    PairKeys dataPair(Peer peer) {
        PeerKeys keys = peers.get(peer);
        PairHours hours = keys == null ? null : keys.sendingHours();
        return hours == null ? null : hours.pair;
    }

    /** In the order they were added. */
    List<PairKeys> pairs(Peer peer) {
        PeerKeys keys = peers.get(peer);
        return keys == null
                ? List.of()
                : keys.pairs.stream().map(each -> each.pair).toList();
    }

    /**
     * One of a peer's pairs goes, and its keys are retired with snapshot {@code version}, the first one without them. If it was the one
     * that is sent under, the one added last takes its place.
     */
    void remove(Peer peer, PairKeys pair, long version) {
        PeerKeys keys = peers.get(peer);
        if (keys != null && keys.remove(pair, version)) {
            peers.remove(peer);
        }
    }

    /** Peer goes down: all its keys are retired. */
    void remove(Peer peer, long version) {
        pairs(peer).forEach(pair -> remove(peer, pair, version));
    }

    /**
     * The peer is to be sent to or heard under other suites: the pairs stay, so nothing is lost that the peer sends under one of them; what
     * is derived from them goes, and {@link #turnTo} makes it anew.
     */
    void deriveAnew(Peer peer, long version) {
        PeerKeys keys = peers.get(peer);
        if (keys != null) {
            keys.pairs.forEach(pair -> pair.retireHours(version));
        }
    }

    boolean has(Peer peer) {
        return peers.containsKey(peer);
    }

    /** Makes what is missing for the hours around {@code hour} and retires the rest with snapshot {@code version}. */
    void turnTo(int hour, long version) {
        all().forEach(pair -> pair.turnTo(hour, version));
    }

    /**
     * Also indexes the hours further away. Separate, since it need not be done before the first packet, and not of all peers in one go: of a
     * thousand it would keep the control thread for seconds.
     *
     * @return whether no pair is left to be done
     */
    boolean turnStrangeTo(int hour, int mostPairs) {
        List<PairHours> behind = all().filter(each -> !each.pair.isEpoch() && each.strangeAround != hour)
                .limit(mostPairs)
                .toList();
        behind.forEach(pair -> pair.turnStrangeTo(hour));
        return behind.size() < mostPairs;
    }

    /** For {@link Snapshot#sendKeys}: three per peer, null where it is down. */
    List<@Nullable SendKey> sendKeys(List<Peer> inOrder, int hour) {
        List<@Nullable SendKey> result = new ArrayList<>();
        for (Peer peer : inOrder) {
            PeerKeys keys = peers.get(peer);
            PairHours pair = keys == null ? null : keys.sendingHours();
            for (int h = hour - Snapshot.HOURS_AROUND; h <= hour + Snapshot.HOURS_AROUND; h++) {
                HourKeys ofHour = pair == null ? null : pair.hours.get(h);
                result.add(ofHour == null ? null : ofHour.send);
            }
        }
        return result;
    }

    /** For {@link Snapshot#controlKeys}. */
    List<List<SendKey>> controlKeys(List<Peer> inOrder) {
        List<List<SendKey>> result = new ArrayList<>();
        for (Peer peer : inOrder) {
            PeerKeys keys = peers.get(peer);
            result.add(keys == null ? List.of() : keys.controlKeys());
        }
        return result;
    }

    List<ReceiveKey> receiveKeys() {
        List<ReceiveKey> result = new ArrayList<>();
        peers.values().forEach(keys -> result.addAll(keys.receiveKeys()));
        return result;
    }

    List<StrangeHour> strangeHours() {
        List<StrangeHour> result = new ArrayList<>();
        all().forEach(pair -> pair.strange.values().forEach(result::addAll));
        return result;
    }

    private Stream<PairHours> all() {
        return peers.values().stream().flatMap(keys -> keys.pairs.stream());
    }

    /** Erases what was retired with a snapshot that both flow threads have left behind. */
    void eraseRetired(long oldestVersionInUse) {
        while (!retired.isEmpty() && retired.peek().version <= oldestVersionInUse) {
            close(retired.remove().what);
        }
    }

    /** After both flow threads have ended. */
    @Override
    public void close() {
        new ArrayList<>(peers.keySet()).forEach(peer -> remove(peer, Long.MIN_VALUE));
        retired.forEach(each -> close(each.what));
        retired.clear();
    }

    int retiredCount() {
        return retired.size();
    }

    /** Has something closed as its keys are: when both flow threads have a snapshot of at least {@code version}. */
    void retire(AutoCloseable what, long version) {
        retired.add(new Retired(version, what));
    }

    private static void close(AutoCloseable what) {
        try {
            what.close();
        } catch (Exception e) {
            throw new IllegalStateException("closing what only this process holds failed", e); // cannot happen
        }
    }

    /** Not to be closed before a snapshot of at least {@code version} is in use everywhere. */
    private record Retired(long version, AutoCloseable what) {}

    /** All that one peer has. */
    @SuppressWarnings("ReferenceEquality") // the very same pair
    private final class PeerKeys {
        final Peer peer;
        final List<PairHours> pairs = new ArrayList<>();

        @Nullable
        PairKeys sending;

        @Nullable
        PairKeys epochSending;

        boolean staticCarries = true;

        PeerKeys(Peer peer) {
            this.peer = peer;
        }

        void add(PairKeys pair) {
            if (has(pair)) {
                throw new IllegalStateException(peer + " has this pair already");
            }
            pairs.add(new PairHours(peer, pair));
            sending = sending == null && !pair.isEpoch() ? pair : sending;
        }

        boolean epochs(List<PairKeys> wanted, @Nullable PairKeys under, boolean carries, long version) {
            boolean changed = epochSending != under || staticCarries != carries;
            epochSending = under;
            staticCarries = carries;
            for (PairHours known : List.copyOf(pairs)) {
                if (known.pair.isEpoch() && !wanted.contains(known.pair)) {
                    remove(known.pair, version);
                    changed = true;
                }
            }
            for (PairKeys pair : wanted) {
                if (!has(pair)) {
                    add(pair);
                    changed = true;
                }
            }
            return changed;
        }

        List<ReceiveKey> receiveKeys() {
            List<ReceiveKey> result = new ArrayList<>();
            for (PairHours each : pairs) {
                for (HourKeys hour : each.hours.values()) {
                    result.addAll(each.pair.isEpoch() || staticCarries ? hour.receive : hour.announcementsOnly());
                }
            }
            return result;
        }

        boolean has(PairKeys pair) {
            return pairs.stream().anyMatch(each -> each.pair == pair);
        }

        /** @return true when none is left */
        boolean remove(PairKeys pair, long version) {
            pairs.stream().filter(each -> each.pair == pair).forEach(each -> each.retireAll(version));
            pairs.removeIf(each -> each.pair == pair);
            if (sending == pair) {
                sending = pairs.stream()
                        .map(each -> each.pair)
                        .filter(each -> !each.isEpoch())
                        .reduce((before, last) -> last)
                        .orElse(null);
            }
            return pairs.isEmpty();
        }

        @Nullable
        PairHours sendingHours() {
            PairKeys under = epochSending != null ? epochSending : staticCarries ? sending : null;
            return pairs.stream().filter(each -> each.pair == under).findFirst().orElse(null);
        }

        List<SendKey> controlKeys() {
            return pairs.stream()
                    .flatMap(each -> each.hours.values().stream())
                    .map(hour -> hour.control)
                    .toList();
        }
    }

    /** One pair's keys of all hours. */
    private final class PairHours {
        final Peer peer;
        final PairKeys pair;
        final Map<Integer, HourKeys> hours = new HashMap<>();
        final Map<Integer, List<StrangeHour>> strange = new HashMap<>();

        /** The hour that {@code strange} is centred on; 0: none yet. */
        int strangeAround;

        PairHours(Peer peer, PairKeys pair) {
            this.peer = peer;
            this.pair = pair;
        }

        void retireAll(long version) {
            retireHours(version);
            retire(pair, version);
        }

        void retireHours(long version) {
            hours.values().forEach(hour -> retire(hour, version));
            hours.clear();
            strange.clear();
            strangeAround = 0;
        }

        void turnTo(int hour, long version) {
            for (Iterator<HourKeys> i = hours.values().iterator(); i.hasNext(); ) {
                HourKeys old = i.next();
                if (Math.abs(old.hour - hour) > Snapshot.HOURS_AROUND) {
                    i.remove();
                    retire(old, version);
                }
            }
            for (int h = hour - Snapshot.HOURS_AROUND; h <= hour + Snapshot.HOURS_AROUND; h++) {
                hours.computeIfAbsent(h, missing -> new HourKeys(peer, pair, missing));
            }
        }

        void turnStrangeTo(int hour) {
            strangeAround = hour;
            strange.keySet().removeIf(h -> !isStrange(h, hour));
            for (int h = hour - STRANGE_HOURS_AROUND; h <= hour + STRANGE_HOURS_AROUND; h++) {
                if (isStrange(h, hour)) {
                    strange.computeIfAbsent(h, this::strangeHour);
                }
            }
        }

        private static boolean isStrange(int h, int hour) {
            int distance = Math.abs(h - hour);
            return distance > Snapshot.HOURS_AROUND && distance <= STRANGE_HOURS_AROUND;
        }

        private List<StrangeHour> strangeHour(int hour) {
            List<StrangeHour> result = new ArrayList<>();
            for (Suite suite : peer.suites()) {
                result.add(new StrangeHour(peer, pair, hour, suite, pair.receivingSpi(hour, suite)));
            }
            return result;
        }
    }

    /** One peer's keys of one hour, both directions. */
    private static final class HourKeys implements AutoCloseable {
        final int hour;
        final SendKey send;
        final SendKey control;
        final List<ReceiveKey> receive = new ArrayList<>();

        HourKeys(Peer peer, PairKeys pair, int hour) {
            this.hour = hour;
            this.send = SendKey.of(pair, hour, peer.sendingSuite(), peer.lanes(), peer.trafficKey());
            this.control = peer.sendingSuite() == Suite.CONTROL
                    ? send
                    : SendKey.of(pair, hour, Suite.CONTROL, peer.lanes(), TrafficKeyPolicy.EVERY_PACKET);
            for (Suite suite : Suite.values()) { // also those not accepted: whoever sends under one is told so
                receive.add(ReceiveKey.of(peer, pair, hour, suite));
            }
        }

        /** The same keys, for a peer whose data goes under epoch pairs. */
        List<ReceiveKey> announcementsOnly() {
            return receive.stream()
                    .map(key -> key.admitting(Admits.ANNOUNCEMENTS))
                    .toList();
        }

        @Override
        public void close() {
            send.encryption().close();
            if (control.suite() != send.suite()) {
                control.encryption().close();
            }
            receive.forEach(key -> key.encryption().close());
        }
    }
}
