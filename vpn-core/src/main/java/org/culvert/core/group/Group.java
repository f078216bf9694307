package org.culvert.core.group;

import java.util.List;
import org.culvert.core.pace.Pace;
import org.culvert.core.peer.Peer;

/**
 * One multicast address and the peers that share it. Immutable but for the paces, which belong to the LAN thread, and the counters.
 */
public final class Group {
    private final String address;
    private final long high;
    private final long low;
    private final boolean linkLocal;
    private final List<Peer> members;
    private final GroupCounters counters;
    private final Pace toMembers;
    private final Pace toLan;

    /**
     * A group as it is configured.
     *
     * @param linkLocal its packets are to stay on one link: their TTL is left alone
     * @param packetsPerSecond in each direction
     * @param counters of the same address before, if there was one
     */
    public Group(Name address, boolean linkLocal, List<Peer> members, int packetsPerSecond, GroupCounters counters) {
        this.address = address.text();
        this.high = address.high();
        this.low = address.low();
        this.linkLocal = linkLocal;
        this.members = List.copyOf(members);
        this.counters = counters;
        this.toMembers = new Pace(packetsPerSecond, packetsPerSecond);
        this.toLan = new Pace(packetsPerSecond, packetsPerSecond);
    }

    /** An address, as text and as two halves, IPv4 v4-mapped. */
    public record Name(String text, long high, long low) {}

    boolean is(long addressHigh, long addressLow) {
        return low == addressLow && high == addressHigh;
    }

    public boolean linkLocal() {
        return linkLocal;
    }

    public List<Peer> members() {
        return members;
    }

    /** Any thread. */
    public boolean hasMember(Peer peer) {
        return members.contains(peer); // a peer equals itself only
    }

    public GroupCounters counters() {
        return counters;
    }

    /** LAN thread. */
    public Pace toMembers() {
        return toMembers;
    }

    /** LAN thread. */
    public Pace toLan() {
        return toLan;
    }

    @Override
    public String toString() {
        return address;
    }
}
