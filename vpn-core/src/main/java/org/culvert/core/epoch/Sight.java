package org.culvert.core.epoch;

import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of the peer now.
 *
 * @param endpoint where it is, null: not known
 * @param base the static pair to begin with, null: the peer is down
 * @param sentPackets data sent, so far
 * @param heardNs when something authentic last came, under whatever counts as such; 0: never
 * @param waiting packets wait for a pair
 */
public record Sight(
        long nowNs,
        @Nullable Endpoint endpoint,
        @Nullable StaticPair base,
        long sentPackets,
        long heardNs,
        boolean waiting) {
    boolean isAt(Endpoint other) {
        return other.sameRemote(endpoint);
    }
}
