package org.culvert.core.epoch;

import java.util.List;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of the peer now.
 *
 * @param endpoint where it is, or was last, null: not known
 * @param elsewhere other addresses that it may be at
 * @param base the static pair to begin with, null: the peer is down
 * @param sentPackets data sent, so far
 * @param heardNs when something authentic last came, under whatever counts as such; 0: never
 * @param waiting packets wait for a pair
 */
public record Sight(
        long nowNs,
        @Nullable Endpoint endpoint,
        List<Endpoint> elsewhere,
        @Nullable StaticPair base,
        long sentPackets,
        long heardNs,
        boolean waiting) {
    /** One of those that the peer may be at. */
    boolean isAt(Endpoint other) {
        return other.sameRemote(endpoint) || elsewhere.stream().anyMatch(other::sameRemote);
    }

    /** All places in turn, beginning with where it was last. */
    @Nullable
    Endpoint place(int turn) {
        int number = turn % (1 + elsewhere.size());
        return number == 0 ? endpoint : elsewhere.get(number - 1);
    }
}
