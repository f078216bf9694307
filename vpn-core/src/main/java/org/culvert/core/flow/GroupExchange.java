package org.culvert.core.flow;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.culvert.core.group.Group;
import org.culvert.core.group.GroupTable;
import org.culvert.core.packet.Checksum;
import org.culvert.tun.LanLink;
import org.jspecify.annotations.Nullable;

/**
 * What passes between the flow threads and the LAN thread where groups are configured: the groups, packets from peers to the LAN, packets
 * from the LAN to peers. Neither thread waits for the other; a full ring is a counted drop.
 */
public final class GroupExchange implements AutoCloseable {
    private final GroupRing toLan = new GroupRing();
    private final GroupRing toPeers = new GroupRing();
    private final Runnable wakeOutbound;
    private volatile GroupTable table = GroupTable.NONE;
    private final Queue<LanLink> left = new ConcurrentLinkedQueue<>();
    private volatile LanLink link;

    /** @param wakeOutbound makes an idle Outbound look into its ring */
    public GroupExchange(LanLink link, Runnable wakeOutbound) {
        this.link = link;
        this.wakeOutbound = wakeOutbound;
    }

    /** Control thread: the groups from now on. */
    public void follow(GroupTable next) {
        table = next;
    }

    /** Control thread: where they are heard from now on. The LAN thread closes the link there was. */
    public void moveTo(LanLink next) {
        LanLink before = link;
        link = next;
        left.add(before);
        before.wake();
        next.wake(); // the thread may wait there already
    }

    /** LAN thread: a link that is not to be used any more, to be closed; {@link #link} gives a newer one by then. Or null. */
    @Nullable
    LanLink left() {
        return left.poll();
    }

    public GroupTable table() {
        return table;
    }

    LanLink link() {
        return link;
    }

    GroupRing toPeers() {
        return toPeers;
    }

    GroupRing toLan() {
        return toLan;
    }

    /** LAN thread: something lies in {@link #toPeers}. */
    void wakeOutbound() {
        wakeOutbound.run();
    }

    /** Inbound: something lies in {@link #toLan}. */
    void wakeLan() {
        link.wake();
    }

    /**
     * Inbound: copies an opened packet for the LAN thread.
     *
     * @param transport where to finish a partial checksum, 0 for a packet that has none
     * @return false when there is no room
     */
    boolean offerToLan(Group group, long packet, int bytes, long transport) {
        GroupRing.Slot slot = toLan.claim(group, packet, bytes);
        if (slot == null) {
            return false;
        }
        if (transport != 0) {
            Checksum.finish(slot.packet(), bytes, transport);
        }
        toLan.offer(slot);
        return true;
    }

    /** After flow threads and LAN thread have ended. */
    @Override
    public void close() {
        toLan.close();
        toPeers.close();
    }
}
