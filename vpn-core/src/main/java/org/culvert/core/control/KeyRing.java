package org.culvert.core.control;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.KeyEncryption;
import org.culvert.core.crypto.Suite;
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
 * erased when no flow thread can use them any more. Control thread.
 */
final class KeyRing implements AutoCloseable {
    /** How far a clock may be off for us to say by how much (design.md section 3). */
    static final int STRANGE_HOURS_AROUND = 24;

    private final Map<Peer, PeerKeys> peers = new HashMap<>();
    private final Deque<Retired> retired = new ArrayDeque<>();

    /** Peer comes up: its keys are made by the next {@link #turnTo}. */
    void add(Peer peer, PairKeys pair) {
        PeerKeys previous = peers.put(peer, new PeerKeys(pair));
        if (previous != null) {
            throw new IllegalStateException(peer + " has keys already");
        }
    }

    /** Peer goes down: all its keys are retired with snapshot {@code version}, the first one without them. */
    void remove(Peer peer, long version) {
        PeerKeys keys = peers.remove(peer);
        if (keys != null) {
            keys.hours.values().forEach(hour -> retire(hour, version));
            retire(keys.pair, version);
        }
    }

    boolean has(Peer peer) {
        return peers.containsKey(peer);
    }

    /** Makes what is missing for the hours around {@code hour} and retires the rest with snapshot {@code version}. */
    void turnTo(int hour, long version) {
        peers.forEach((peer, keys) -> keys.turnTo(peer, hour, version));
    }

    /** Also indexes the hours further away. Separate, since it need not be done before the first packet. */
    void turnStrangeTo(int hour) {
        peers.forEach((peer, keys) -> keys.turnStrangeTo(peer, hour));
    }

    /** For {@link Snapshot#sendKeys}: three per peer, null where it is down. */
    List<@Nullable SendKey> sendKeys(List<Peer> inOrder, int hour) {
        return ofHours(inOrder, hour, keys -> keys.send);
    }

    /** For {@link Snapshot#controlKeys}. */
    List<@Nullable SendKey> controlKeys(List<Peer> inOrder, int hour) {
        return ofHours(inOrder, hour, keys -> keys.control);
    }

    private List<@Nullable SendKey> ofHours(List<Peer> inOrder, int hour, Function<HourKeys, SendKey> which) {
        List<@Nullable SendKey> result = new ArrayList<>();
        for (Peer peer : inOrder) {
            PeerKeys keys = peers.get(peer);
            for (int h = hour - Snapshot.HOURS_AROUND; h <= hour + Snapshot.HOURS_AROUND; h++) {
                HourKeys ofHour = keys == null ? null : keys.hours.get(h);
                result.add(ofHour == null ? null : which.apply(ofHour));
            }
        }
        return result;
    }

    List<ReceiveKey> receiveKeys() {
        List<ReceiveKey> result = new ArrayList<>();
        peers.values().forEach(keys -> keys.hours.values().forEach(hour -> result.addAll(hour.receive)));
        return result;
    }

    List<StrangeHour> strangeHours() {
        List<StrangeHour> result = new ArrayList<>();
        peers.values().forEach(keys -> keys.strange.values().forEach(result::addAll));
        return result;
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

    private final class PeerKeys {
        final PairKeys pair;
        final Map<Integer, HourKeys> hours = new HashMap<>();
        final Map<Integer, List<StrangeHour>> strange = new HashMap<>();

        PeerKeys(PairKeys pair) {
            this.pair = pair;
        }

        void turnTo(Peer peer, int hour, long version) {
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

        void turnStrangeTo(Peer peer, int hour) {
            strange.keySet().removeIf(h -> !isStrange(h, hour));
            for (int h = hour - STRANGE_HOURS_AROUND; h <= hour + STRANGE_HOURS_AROUND; h++) {
                if (isStrange(h, hour)) {
                    strange.computeIfAbsent(h, missing -> strangeHour(peer, missing));
                }
            }
        }

        private static boolean isStrange(int h, int hour) {
            int distance = Math.abs(h - hour);
            return distance > Snapshot.HOURS_AROUND && distance <= STRANGE_HOURS_AROUND;
        }

        private List<StrangeHour> strangeHour(Peer peer, int hour) {
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
            this.send = sendKey(pair, hour, peer.sendingSuite(), peer.trafficKey());
            this.control = peer.sendingSuite() == Suite.CONTROL
                    ? send
                    : sendKey(pair, hour, Suite.CONTROL, TrafficKeyPolicy.EVERY_PACKET);
            for (Suite suite : peer.suites()) {
                receive.add(receiveKey(peer, pair, suite));
            }
            if (!peer.accepts(Suite.CONTROL)) {
                receive.add(receiveKey(peer, pair, Suite.CONTROL));
            }
        }

        private static SendKey sendKey(PairKeys pair, int hour, Suite suite, TrafficKeyPolicy trafficKey) {
            try (DirectionKeys keys = pair.sending(hour, suite)) {
                return new SendKey(hour, suite, keys.spi(), new KeyEncryption(keys), trafficKey);
            }
        }

        private ReceiveKey receiveKey(Peer peer, PairKeys pair, Suite suite) {
            try (DirectionKeys keys = pair.receiving(hour, suite)) {
                return new ReceiveKey(peer, hour, suite, keys.spi(), new KeyEncryption(keys), !peer.accepts(suite));
            }
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
