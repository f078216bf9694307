package org.culvert.core.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.culvert.core.control.Conductor;
import org.culvert.core.control.Member;
import org.culvert.core.control.PeerBook;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.ping.PingRun;
import org.culvert.core.ping.PingWay;
import org.culvert.core.why.Passage;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Netlink;
import org.culvert.tun.Route;
import org.culvert.tun.SystemCallException;

/** Finds the way that {@code culvert ping} asks. Called on the control thread, which owns what it reads. */
final class PingReport {
    private final Supplier<Site> site;
    private final PeerBook book;
    private final Published published;
    private final Netlink netlink;
    private final Conductor control;

    PingReport(Supplier<Site> site, Netlink netlink, StatusReport.Parts parts, Conductor control) {
        this.site = site;
        this.book = parts.book();
        this.published = parts.published();
        this.netlink = netlink;
        this.control = control;
    }

    /** Empty: {@code target} is neither a peer nor an address. */
    Optional<PingWay> to(String target) {
        String gateway = site.get().credentials().own().name();
        Optional<Member> named = named(target);
        if (named.isPresent()) {
            return Optional.of(
                    new PingWay(target, gateway, Optional.of(target), Optional.empty(), closed(named.get())));
        }
        try {
            return Optional.of(to(target, gateway, InetAddress.ofLiteral(target)));
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    private PingWay to(String target, String gateway, InetAddress address) {
        if (isLocal(address)) {
            return new PingWay(target, gateway, Optional.empty(), Optional.empty(), Optional.empty());
        }
        Endpoint at = Endpoint.of(new InetSocketAddress(address, 0));
        Snapshot snapshot = published.current();
        int route = snapshot.routes().lookup(at.remoteHigh(), at.remoteLow());
        if (route == Snapshot.OWN) {
            return new PingWay(target, gateway, Optional.empty(), Optional.of(address), Optional.empty());
        }
        if (!Snapshot.isPeer(route)) {
            String text = Passage.text(address);
            return new PingWay(
                    target,
                    gateway,
                    Optional.empty(),
                    Optional.of(address),
                    Optional.of(text + " is neither in this gateway's networks nor in a peer's, so the tunnel does not"
                            + " lead there"));
        }
        String peer = snapshot.peers().get(route).name();
        Optional<String> closed = named(peer).flatMap(this::closed);
        return new PingWay(target, gateway, Optional.of(peer), Optional.of(address), closed);
    }

    private Optional<Member> named(String name) {
        return book.members().stream()
                .filter(member -> member.peer().name().equals(name))
                .findFirst();
    }

    /** Nothing is sent to it at present. */
    private Optional<String> closed(Member member) {
        String name = member.peer().name();
        Optional<String> problem = Stream.concat(book.ownProblems().stream(), member.problems().stream())
                .map(Problem::message)
                .findFirst();
        if (problem.isPresent()) {
            return Optional.of(name + " is down: " + problem.get());
        }
        return member.peer().endpoint() == null
                ? Optional.of("where " + name + " is, is not known until it speaks; configure its endpoint")
                : Optional.empty();
    }

    private boolean isLocal(InetAddress address) {
        try {
            return netlink.routeTo(address)
                    .filter(route -> route.kind() == Route.Kind.LOCAL)
                    .isPresent();
        } catch (SystemCallException e) {
            return false; // what the kernel does not even want to look up is not ours
        }
    }

    /** Any thread. */
    PingRun.PeerEchoes echoes(PingWay way) {
        return answered -> control.submit(
                () -> way.peer().flatMap(this::named).ifPresent(member -> control.ping(member, answered)));
    }
}
