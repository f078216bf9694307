package org.culvert.core.echo;

import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.Endpoint;

/**
 * A peer that may be at several places: where to look for it, and which place to take it to.
 *
 * <ul>
 *   <li>the way to it is dead: every place is asked, one each second, after a minute one every five
 *   <li>it is at a lesser place than it could be: the better ones are asked every ten seconds
 * </ul>
 *
 * Whoever answers is there. Of several that answer the most preferred counts. Places that hold no longer than ten minutes are asked at
 * growing intervals, so that a link that comes and goes does not take the traffic with it each time. Control thread.
 */
final class PlaceSearch {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long LOOK_INTERVAL_NS = SECOND_NS * 9 / 10; // ticks come once a second, more or less
    private static final long LATER_LOOK_INTERVAL_NS = 5 * SECOND_NS;
    private static final int LOOKS_EACH_SECOND = 60;
    private static final long RETURN_INTERVAL_NS = 10 * SECOND_NS;
    private static final long LONGEST_RETURN_INTERVAL_NS = 3600 * SECOND_NS;
    private static final long STABLE_NS = 600 * SECOND_NS;

    /** In order of preference; the addresses of one name are equally good. */
    private List<List<Endpoint>> places = List.of();

    private List<Endpoint> all = List.of();
    private boolean choice;
    private int looks;
    private boolean asked;
    private long askedNs;
    private long returnIntervalNs = RETURN_INTERVAL_NS;
    private boolean returning;
    private boolean returned;
    private long returnedNs;

    /** What was asked last may move the peer to a place before this one only. */
    private int betterThan;

    /**
     * @param places addresses of each, the preferred place first
     * @param choice false: a single address, from which the peer moves only by itself
     */
    void places(List<List<Endpoint>> places, boolean choice) {
        if (!this.places.equals(places)) {
            this.places = List.copyOf(places);
            all = places.stream().flatMap(List::stream).toList();
            asked = false; // a name has another address: not in half a minute, now
        }
        this.choice = choice;
    }

    /** Where to ask now beside where the peer is. Empty: nowhere. */
    List<Endpoint> due(Endpoint at, boolean dead, long nowNs) {
        if (all.isEmpty()) {
            return List.of();
        }
        return dead ? anyPlace(nowNs) : betterPlaces(rank(at), nowNs);
    }

    private List<Endpoint> anyPlace(long nowNs) {
        returning = false;
        if (!isDue(nowNs, looks < LOOKS_EACH_SECOND ? LOOK_INTERVAL_NS : LATER_LOOK_INTERVAL_NS)) {
            return List.of();
        }
        note(nowNs, places.size());
        return List.of(all.get(looks++ % all.size()));
    }

    private List<Endpoint> betterPlaces(int rank, long nowNs) {
        looks = 0;
        if (!choice || rank == 0) {
            return List.of();
        }
        if (returned) {
            boolean lasted = nowNs - returnedNs >= STABLE_NS;
            returnIntervalNs = lasted ? RETURN_INTERVAL_NS : Math.min(2 * returnIntervalNs, LONGEST_RETURN_INTERVAL_NS);
            returned = false;
        }
        if (!isDue(nowNs, returnIntervalNs)) {
            return List.of();
        }
        returning = true;
        note(nowNs, rank);
        List<Endpoint> better = new ArrayList<>();
        places.subList(0, rank).forEach(better::addAll);
        return better;
    }

    private boolean isDue(long nowNs, long intervalNs) {
        return !asked || nowNs - askedNs >= intervalNs;
    }

    private void note(long nowNs, int rank) {
        asked = true;
        askedNs = nowNs;
        betterThan = rank;
    }

    /** Something asked by {@link #due} was answered from there. @return whether the peer is to be taken there */
    boolean found(Endpoint from, long nowNs) {
        int rank = rank(from);
        if (rank >= betterThan) {
            return false;
        }
        betterThan = rank;
        if (returning) {
            returned = true;
            returnedNs = nowNs;
        }
        return true;
    }

    /** {@code places.size()}: at none of them. */
    private int rank(Endpoint at) {
        for (int i = 0; i < places.size(); i++) {
            if (places.get(i).stream().anyMatch(place -> isSamePlace(place, at))) {
                return i;
            }
        }
        return places.size();
    }

    private static boolean isSamePlace(Endpoint a, Endpoint b) {
        return a.remoteLow() == b.remoteLow() && a.remoteHigh() == b.remoteHigh() && a.remotePort() == b.remotePort();
    }
}
