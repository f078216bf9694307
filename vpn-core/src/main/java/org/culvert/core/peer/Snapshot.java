package org.culvert.core.peer;

import java.util.List;
import org.culvert.core.crypto.Suite;
import org.culvert.core.policy.Policy;
import org.culvert.core.route.RouteTable;
import org.jspecify.annotations.Nullable;

/**
 * All that the control thread tells the flow threads, immutable. A flow thread reads one snapshot per batch and reports its
 * version back; what an older one held is erased only when both have done so.
 *
 * @param version one more with every snapshot published
 * @param instance the sender instance of our packets, 16 bits (design.md section 1)
 * @param centreHour the hour n that {@code sendKeys} are centred on
 * @param peers by peer number, which is also what {@code routes} give
 * @param routes destination or source address to peer number; {@link #OWN} for our networks, {@link #NEVER} for what no peer
 *     may ever speak for
 * @param ownNetworks what our certificate allows us to send from: {@link #OWN} or {@link RouteTable#NONE}
 * @param localAddresses our own addresses: no peer's endpoint may move there
 * @param transit whether packets from one peer to another pass
 * @param policy what may pass between the networks, null when all may
 * @param sendKeys three per peer: hours {@code centreHour - 1} to {@code centreHour + 1} of the pair its data is sent under; null while
 *     there is none
 * @param controlKeys for each peer those of all its pairs for control messages, whose suite is always {@link Suite#CONTROL}
 * @param receiveKeys all keys we open under
 * @param strangeHours SPIs of hours that we do not accept, for the diagnosis of clocks
 */
public record Snapshot(
        long version,
        int instance,
        int centreHour,
        List<Peer> peers,
        RouteTable routes,
        RouteTable ownNetworks,
        RouteTable localAddresses,
        boolean transit,
        @Nullable Policy policy,
        List<@Nullable SendKey> sendKeys,
        List<List<SendKey>> controlKeys,
        SpiTable<ReceiveKey> receiveKeys,
        SpiTable<StrangeHour> strangeHours) {

    /** Route value: our own networks. */
    public static final int OWN = Integer.MAX_VALUE;

    /** Route value: link-local, multicast, loopback, unspecified. */
    public static final int NEVER = Integer.MAX_VALUE - 1;

    /** Hours kept ready on each side of the present one. */
    public static final int HOURS_AROUND = 1;

    /** Number of hours ready for each peer. */
    public static final int HOURS = 2 * HOURS_AROUND + 1;

    /** The key for packets of {@code hour} to a peer, or null: the peer is down, or the clock jumped. */
    public @Nullable SendKey sendKey(int peer, int hour) {
        int offset = hour - centreHour + HOURS_AROUND;
        return offset < 0 || offset >= HOURS ? null : sendKeys.get(peer * HOURS + offset);
    }

    /**
     * The same for control messages.
     *
     * @param pair under which, or null: under the one that the peer's data is sent under, if there is one
     */
    @SuppressWarnings("ReferenceEquality") // the very same pair
    public @Nullable SendKey controlKey(int peer, @Nullable PairKeys pair, int hour) {
        SendKey data = sendKey(peer, hour);
        PairKeys under = pair == null && data != null ? data.pair() : pair;
        for (SendKey key : controlKeys.get(peer)) {
            if (key.hour() == hour && key.pair() == under) {
                return key;
            }
        }
        return null;
    }

    /** Whether there are keys with this peer, perhaps none that carry data yet. */
    public boolean isUp(int peer) {
        return !controlKeys.get(peer).isEmpty();
    }

    /** True when a route value is a peer's number. */
    public static boolean isPeer(int route) {
        return route >= 0 && route < NEVER;
    }
}
