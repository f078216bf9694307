package org.culvert.core.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.culvert.core.control.Member;
import org.culvert.core.control.PeerBook;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.Peer;
import org.culvert.core.policy.Policy;
import org.culvert.core.why.Passage;
import org.culvert.core.why.Step;
import org.culvert.core.why.Surroundings;
import org.culvert.core.why.Verdict;
import org.culvert.core.why.Why;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.Link;
import org.culvert.tun.Netlink;
import org.culvert.tun.Route;
import org.culvert.tun.SystemCallException;

/** Gathers what {@code culvert why} needs to know. Called on the control thread, which owns what it reads. */
final class WhyReport {
    private final Supplier<Site> site;
    private final PeerBook book;
    private final Netlink netlink;
    private final Counters unattributed;
    private final StatusReport.MtuLookup mtus;
    private final Published published;

    /** @param site what the gateway is when somebody asks */
    WhyReport(Supplier<Site> site, Netlink netlink, StatusReport.Parts parts) {
        this.site = site;
        this.book = parts.book();
        this.netlink = netlink;
        this.unattributed = parts.unattributed();
        this.mtus = parts.mtus();
        this.published = parts.published();
    }

    Verdict of(Passage passage) throws Exception {
        Site asked = site.get();
        String tunName = asked.config().tun().name();
        List<Surroundings.Neighbour> peers = new ArrayList<>();
        for (Member member : book.members()) {
            peers.add(neighbour(member));
        }
        return new Why(new Surroundings(
                        tunName,
                        book.ownCertificate().networks(),
                        messages(book.ownProblems()),
                        asked.config().transit(),
                        peers,
                        StatusReport.drops(unattributed),
                        new LinuxKernel(netlink, tunName),
                        rules(passage)))
                .of(passage);
    }

    /** The rules as they are in force. They are asked about the question; what answers it passes with it. */
    private Surroundings.Policy rules(Passage question) {
        Policy policy = book.policy();
        if (policy == null) {
            return Surroundings.Policy.NONE;
        }
        return (passage, peer, outbound) -> passage.source().equals(question.source())
                ? new RuleStep(policy, published.current().routes()).of(passage, peer, outbound)
                : new Step("policy", true, "answers pass where the question did");
    }

    private Surroundings.Neighbour neighbour(Member member) throws Exception {
        Peer peer = member.peer();
        return new Surroundings.Neighbour(
                peer.name(),
                member.isRouted() ? member.networks() : List.of(),
                member.networksOfCertificate(),
                messages(member.problems()),
                book.protection(peer, System.nanoTime()).remark(),
                Optional.ofNullable(peer.endpoint())
                        .map(endpoint -> endpoint.remote().getAddress()),
                mtus.bytes(peer),
                peer.counters().sentPackets(),
                peer.counters().receivedPackets(),
                StatusReport.drops(peer.counters()));
    }

    private static List<String> messages(List<Problem> problems) {
        return problems.stream().map(Problem::message).toList();
    }

    /** The kernel of this network namespace, asked at this moment. */
    private record LinuxKernel(List<Link> links, Netlink netlink, String tunName) implements Surroundings.Kernel {
        LinuxKernel(Netlink netlink, String tunName) throws SystemCallException {
            this(netlink.links(), netlink, tunName);
        }

        @Override
        public Optional<String> interfaceTo(InetAddress destination) {
            return route(destination)
                    .flatMap(route -> links.stream()
                            .filter(link -> link.index() == route.interfaceIndex())
                            .map(Link::name)
                            .findFirst());
        }

        @Override
        public boolean isLocal(InetAddress address) {
            return route(address)
                    .filter(route -> route.kind() == Route.Kind.LOCAL)
                    .isPresent();
        }

        private Optional<Route> route(InetAddress destination) {
            try {
                return netlink.routeTo(destination);
            } catch (SystemCallException e) {
                return Optional.empty(); // an address the kernel does not even want to look up leads nowhere
            }
        }

        @Override
        public boolean forwards(boolean ipv4) {
            return ipv4 ? KernelSettings.forwardsIpv4() : KernelSettings.forwardsIpv6();
        }

        @Override
        public boolean strictReversePath() {
            return KernelSettings.reversePathFilter(tunName) == KernelSettings.STRICT;
        }
    }
}
