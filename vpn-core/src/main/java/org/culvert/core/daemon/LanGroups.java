package org.culvert.core.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.GroupConfig;
import org.culvert.core.control.Member;
import org.culvert.core.control.PeerBook;
import org.culvert.core.flow.GroupExchange;
import org.culvert.core.flow.LanFlow;
import org.culvert.core.flow.Published;
import org.culvert.core.group.Group;
import org.culvert.core.group.GroupCounters;
import org.culvert.core.group.GroupDrop;
import org.culvert.core.group.GroupTable;
import org.culvert.core.peer.Peer;
import org.culvert.core.status.GroupStatus;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Address;
import org.culvert.tun.Link;
import org.culvert.tun.LinuxLanLink;
import org.culvert.tun.Netlink;
import org.culvert.tun.SystemCallException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The multicast groups of a running daemon: on which interfaces they are joined, and the thread that hears them. Without a [[group]]
 * there is neither thread nor socket nor a need of CAP_NET_RAW. Control thread.
 */
final class LanGroups implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LanGroups.class);
    private static final long END_MS = 500;

    private final Published published;
    private final PeerBook book;
    private final Netlink netlink;
    private final Runnable wakeOutbound;
    private final FlowThreads.OnEnd onEnd;
    private final Map<String, GroupCounters> counters = new HashMap<>();
    private @Nullable GroupExchange exchange;
    private @Nullable LanFlow flow;
    private @Nullable Thread thread;
    private @Nullable Site site;
    private List<Link> joinedOn = List.of();

    LanGroups(Published published, PeerBook book, Netlink netlink, Runnable wakeOutbound, FlowThreads.OnEnd onEnd) {
        this.published = published;
        this.book = book;
        this.netlink = netlink;
        this.wakeOutbound = wakeOutbound;
        this.onEnd = onEnd;
    }

    /** Sockets that are open already: the switch to them cannot fail. Closed by whoever does not switch. */
    record Ready(Site site, List<Link> links, @Nullable LinuxLanLink link) implements AutoCloseable {
        @Override
        public void close() {
            if (link != null) {
                link.close();
            }
        }
    }

    /**
     * Joins the groups of a site, before anything has changed.
     *
     * @throws IOException when the system refuses: the message names the right that is missing, or the interface
     */
    Ready prepare(Site next) throws IOException {
        List<GroupConfig> groups = next.config().groups();
        if (groups.isEmpty() && exchange == null) {
            return new Ready(next, List.of(), null);
        }
        List<Link> links = groups.isEmpty() ? List.of() : lanLinks(next);
        try {
            List<InetAddress> addresses =
                    groups.stream().map(GroupConfig::address).toList();
            return new Ready(next, links, LinuxLanLink.open(links, addresses));
        } catch (SystemCallException e) {
            throw new IOException(
                    "[[group]] " + (groups.isEmpty() ? "" : groups.getFirst().text()) + ": " + e.getMessage(), e);
        }
    }

    /** Switches to what {@link #prepare} made; the book follows that site already. */
    void become(Ready ready) {
        site = ready.site();
        if (ready.link() == null) {
            return;
        }
        GroupConfig first = ready.site().config().groups().isEmpty()
                ? null
                : ready.site().config().groups().getFirst();
        if (first != null && ready.links().isEmpty()) {
            LOG.warn(
                    "[[group]] {}: no Ethernet interface has an address of our own networks, nothing is heard",
                    first.text());
        } else if (!ready.links().equals(joinedOn)) {
            LOG.info(
                    "multicast groups are heard on {}",
                    ready.links().stream().map(Link::name).toList());
        }
        joinedOn = ready.links();
        GroupTable table = table(ready.site().config());
        if (exchange == null) {
            start(table, ready.link());
        } else {
            exchange.follow(table);
            exchange.moveTo(ready.link());
        }
    }

    private void start(GroupTable table, LinuxLanLink link) {
        GroupExchange made = new GroupExchange(link, wakeOutbound);
        made.follow(table);
        LanFlow lan = new LanFlow(made, published, new SystemClock());
        exchange = made;
        flow = lan;
        published.groups(made);
        thread = FlowThreads.thread("lan", lan::run, () -> 0, onEnd);
        thread.start();
    }

    /** Links or addresses changed: the groups are joined where our networks are now. */
    void kernelChanged() {
        Site now = site;
        if (now == null || now.config().groups().isEmpty()) {
            return;
        }
        try {
            if (!lanLinks(now).equals(joinedOn)) {
                become(prepare(now));
            }
        } catch (IOException e) {
            LOG.warn("{}; tried again at the next change", e.getMessage());
        }
    }

    /** Interfaces with an address of our own networks, but the tunnel's: what the certificate lets us speak for is there. */
    private List<Link> lanLinks(Site next) throws SystemCallException {
        List<Prefix> own = next.credentials().ownNetworks();
        Set<Integer> inside = new HashSet<>();
        for (Address address : netlink.addresses()) {
            Prefix host = Prefix.of(address.address(), address.address().getAddress().length * 8);
            if (own.stream().anyMatch(network -> network.contains(host))) {
                inside.add(address.interfaceIndex());
            }
        }
        return netlink.links().stream()
                .filter(link -> inside.contains(link.index()) && link.up() && link.ethernet())
                .filter(link -> !link.name().equals(next.config().tun().name()))
                .toList();
    }

    private GroupTable table(GatewayConfig config) {
        Map<String, Peer> peers = new HashMap<>();
        for (Member member : book.members()) {
            peers.put(member.peer().name(), member.peer());
        }
        List<Group> groups = new ArrayList<>();
        for (GroupConfig group : config.groups()) {
            groups.add(new Group(
                    name(group),
                    group.linkLocal(),
                    group.members().stream().map(peers::get).toList(),
                    group.packetsPerSecond(),
                    counters.computeIfAbsent(group.text(), address -> new GroupCounters())));
        }
        return new GroupTable(groups);
    }

    private static Group.Name name(GroupConfig group) {
        ByteBuffer bytes = ByteBuffer.wrap(group.address().getAddress());
        return bytes.remaining() == 4
                ? new Group.Name(group.text(), 0, 0xffff_0000_0000L | Integer.toUnsignedLong(bytes.getInt()))
                : new Group.Name(group.text(), bytes.getLong(), bytes.getLong());
    }

    List<GroupStatus> status() {
        if (exchange == null || site == null) {
            return List.of();
        }
        List<String> links = joinedOn.stream().map(Link::name).toList();
        List<GroupStatus> all = new ArrayList<>();
        for (GroupConfig group : site.config().groups()) {
            GroupCounters counted = counters.get(group.text());
            if (counted != null) {
                all.add(status(group, links, counted));
            }
        }
        return all;
    }

    private static GroupStatus status(GroupConfig group, List<String> links, GroupCounters counted) {
        Map<String, Long> drops = new LinkedHashMap<>();
        for (GroupDrop why : GroupDrop.values()) {
            drops.put(why.label(), counted.dropped(why));
        }
        return new GroupStatus(
                group.text(),
                group.members(),
                links,
                group.packetsPerSecond(),
                new GroupStatus.Traffic(counted.sentPackets(), counted.sentBytes()),
                new GroupStatus.Traffic(counted.receivedPackets(), counted.receivedBytes()),
                drops);
    }

    /** After control thread and flow threads have ended. */
    @Override
    public void close() {
        if (exchange == null || flow == null || thread == null) {
            return;
        }
        flow.stop();
        if (FlowThreads.ended(thread, END_MS)) {
            flow.close();
            if (published.oldestVersionInUse() == Long.MAX_VALUE) { // else a flow thread hangs, perhaps in a ring
                exchange.close();
            }
        }
    }
}
