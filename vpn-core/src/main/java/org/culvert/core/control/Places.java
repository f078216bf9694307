package org.culvert.core.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.culvert.core.control.PeerSetup.Place;
import org.culvert.core.peer.Peer;
import org.culvert.tun.Endpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the peers may be, as addresses. Names are asked for again and again by a few threads of their own, since a resolver may hang: then
 * names wait for each other, and nothing else does. An answer counts until the next one, also when there is none for long. Control thread.
 */
final class Places implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Places.class);

    /** Platform threads: the C library's resolver blocks the thread that runs it. */
    private static final int THREADS = 8;

    private static final long IDLE_S = 60;

    static {
        // The JDK would give the same answer for 30 s. Its cache is there for programs that ask for each connection; we
        // do not.
        Security.setProperty("networkaddress.cache.ttl", "1");
        Security.setProperty("networkaddress.cache.negative.ttl", "1");
    }

    private final Executor controlThread;
    private final Predicate<Endpoint> leadsIntoTunnel;
    private final Resolver resolver;
    private final ThreadPoolExecutor threads;
    private final Set<Place> underWay = new HashSet<>();
    private final Map<Place, List<Endpoint>> resolved = new HashMap<>();
    private final Map<Place, String> said = new HashMap<>();

    /** What knows the addresses of a name; may take its time. */
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** @param leadsIntoTunnel a name may lead anywhere, also behind the tunnel: then the packets would be routed back to us */
    Places(Executor controlThread, Predicate<Endpoint> leadsIntoTunnel, Resolver resolver) {
        this.controlThread = controlThread;
        this.leadsIntoTunnel = leadsIntoTunnel;
        this.resolver = resolver;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_S,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), // bounded by the names configured: one is never in it twice
                Thread.ofPlatform().name("resolve-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** Asks for all names of this peer, but for those that are being asked for. */
    void resolve(Member member) {
        for (Place place : member.setup().places()) {
            if (place.literal().isEmpty() && underWay.add(place)) {
                threads.execute(() -> ask(member, place));
            }
        }
    }

    /** A thread for names. */
    private void ask(Member member, Place place) {
        try {
            InetAddress[] addresses = resolver.addresses(place.host());
            controlThread.execute(() -> take(member, place, addresses));
        } catch (UnknownHostException e) {
            controlThread.execute(() -> {
                underWay.remove(place);
                complain(
                        member.peer(),
                        place,
                        "its endpoint " + place.host() + " cannot be resolved; tried again and again");
            });
        }
    }

    private void take(Member member, Place place, InetAddress[] addresses) {
        underWay.remove(place);
        if (!member.setup().places().contains(place)) {
            return; // another configuration came meanwhile
        }
        List<Endpoint> all = Arrays.stream(addresses)
                .map(address -> Endpoint.of(new InetSocketAddress(address, place.port())))
                .toList();
        List<Endpoint> usable = all.stream().filter(leadsIntoTunnel.negate()).toList();
        if (usable.isEmpty()) {
            complain(
                    member.peer(),
                    place,
                    place.host() + " resolves to " + all.getFirst()
                            + ", which is routed into the tunnel itself; not used");
            return;
        }
        said.remove(place);
        List<Endpoint> before = resolved.put(place, usable);
        if (before != null && !Set.copyOf(before).equals(Set.copyOf(usable))) {
            LOG.info("peer {}: {} is at {} now, was at {}", member.peer(), place.host(), usable, before);
        }
        if (member.mustBeResolved()) {
            member.resolvedTo(usable.getFirst());
        }
    }

    /** Once, until it changes. */
    private void complain(Peer peer, Place place, String what) {
        if (!what.equals(said.put(place, what))) {
            LOG.warn("peer {}: {}", peer, what);
        }
    }

    /** Forgets what is asked for no longer. */
    void keepOnly(List<Member> members) {
        Set<Place> places = new HashSet<>();
        members.forEach(member -> places.addAll(member.setup().places()));
        resolved.keySet().retainAll(places);
        said.keySet().retainAll(places);
    }

    /** The addresses of each place of a peer, in order of preference; none where a name is not resolved yet. */
    List<List<Endpoint>> of(Member member) {
        List<List<Endpoint>> all = new ArrayList<>();
        for (Place place : member.setup().places()) {
            all.add(place.literal().map(List::of).orElseGet(() -> resolved.getOrDefault(place, List.of())));
        }
        return all;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
