package org.culvert.core.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.IntSupplier;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.core.crypto.KeyAgreementException;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.peer.ClockSkew;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.peer.StrangeHour;
import org.culvert.core.policy.Flows;
import org.culvert.core.policy.Policy;
import org.culvert.core.policy.Site;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.route.RouteTable;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All peers with their certificates and keys, and the snapshots made of them. Does the public-key work; touches neither kernel nor
 * file. Control thread.
 */
public final class PeerBook implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerBook.class);

    private final StateFile state;
    private final IntSupplier instances;
    private final KeyRing ring = new KeyRing();
    private final int lanes;
    private OwnIdentity own;
    private Trust trust;
    private boolean transit;
    private List<Member> members = List.of();

    private final Flows flows = Flows.withRandomKey();

    private List<Problem> ownProblems = List.of();
    private Instant ownNextChange = Instant.MIN;
    private Plan.Allowed allowed = Plan.Allowed.EVERYTHING;
    private @Nullable Policy policy;
    private RouteTable localAddresses = RouteTable.builder().build();
    private long version;
    private int hour;
    private int strangeHour;
    private int instance;

    /**
     * The peers of the first plan, loaded at this moment.
     *
     * @param instances draws 16 random bits for the sender instance
     */
    public PeerBook(Plan plan, StateFile state, IntSupplier instances, Instant now, long nowNs) {
        this(plan, state, instances, now, nowNs, 1);
    }

    /** The same for a gateway of several lanes. */
    public PeerBook(Plan plan, StateFile state, IntSupplier instances, Instant now, long nowNs, int lanes) {
        this.lanes = lanes;
        this.own = plan.own();
        this.trust = plan.trust();
        this.state = state;
        this.instances = instances;
        this.instance = instances.getAsInt();
        follow(plan, now, nowNs);
    }

    /**
     * Goes from the present plan to the next; the next snapshot shows all of it. A peer of the same name stays the same {@link Peer};
     * its keys stay too, unless one of the two sides has another one. Certificates are examined by the next {@link #refresh}.
     */
    public void follow(Plan next, Instant now, long nowNs) {
        boolean otherSelf = !own.hasKeysOf(next.own());
        Map<String, Member> before = new HashMap<>();
        members.forEach(member -> before.put(member.peer().name(), member));
        List<Member> after = new ArrayList<>();
        for (PeerPlan planned : next.peers()) {
            Member member = before.remove(planned.setup().name());
            if (member == null) {
                member = join(planned, now, nowNs);
            } else {
                if (otherSelf || member.needsOtherKeysFor(planned)) {
                    ring.remove(member.peer(), version + 1);
                }
                member.follow(planned);
            }
            after.add(member);
        }
        before.values().forEach(gone -> ring.remove(gone.peer(), version + 1));
        own = next.own();
        trust = next.trust();
        transit = next.transit();
        allowed = next.allowed();
        members = List.copyOf(after);
        ownNextChange = Instant.MIN;
        strangeHour = 0;
    }

    /** A new peer: its packet numbers start at the wall clock, its replay floor at this moment. */
    private Member join(PeerPlan planned, Instant now, long nowNs) {
        PeerSetup setup = planned.setup();
        Peer peer = new Peer(
                setup.name(), setup.suites(), setup.trafficKey(), new PeerReplay(), SkipTime.firstCount(now), lanes);
        setup.literalEndpoint().ifPresent(peer::moveTo);
        return new Member(setup, peer, planned.certificate(), nowNs);
    }

    public List<Member> members() {
        return members;
    }

    /** What stands against our own certificate; while anything does, all peers are down. */
    public List<Problem> ownProblems() {
        return ownProblems;
    }

    /** The first snapshot, with keys of all peers that are up. */
    public Snapshot first(Instant now, long nowNs) {
        refresh(now);
        raiseFloors(now, nowNs);
        return build(now);
    }

    /**
     * Brings certificates and hours up to date.
     *
     * @return true when a new snapshot is to be built and published
     */
    public boolean refresh(Instant now) {
        long next = version + 1;
        boolean changed = examineOwn(now);
        for (Member member : members) {
            changed |= examine(member, now, next);
        }
        int nowHour = SkipTime.hour(SkipTime.ticks(now));
        if (nowHour != hour || changed) {
            hour = nowHour;
            ring.turnTo(hour, next);
            changed = true;
        }
        return changed;
    }

    /** The hours further away, for the diagnosis of clocks; apart since nothing waits for them. @return true when they changed */
    public boolean refreshStrangeHours() {
        if (strangeHour == hour) {
            return false;
        }
        strangeHour = hour;
        ring.turnStrangeTo(hour);
        return true;
    }

    /** The wall clock was set: everything that depends on it is looked at again; set back, we become another sender instance. */
    public void clockStepped(boolean back) {
        ownNextChange = Instant.MIN;
        members.forEach(Member::examineSoon);
        if (back) {
            instance = instances.getAsInt();
        }
    }

    /** Addresses of this host ({@link Snapshot#OWN} each): no endpoint may move there. A snapshot is to be built after it. */
    public void localAddresses(RouteTable table) {
        localAddresses = table;
    }

    /** What may pass as of the last snapshot built; null when everything may. */
    public @Nullable Policy policy() {
        return policy;
    }

    public Snapshot build(Instant now) {
        version++;
        hour = SkipTime.hour(SkipTime.ticks(now));
        ring.turnTo(hour, version);
        List<Peer> peers = members.stream().map(Member::peer).toList();
        policy = Policy.of(allowed.rules(), site(own.certificate(), false), sites(), flows, policy);
        return new Snapshot(
                version,
                instance,
                hour,
                peers,
                routes(),
                ownNetworks(),
                localAddresses,
                transit,
                policy,
                ring.sendKeys(peers, hour),
                ring.controlKeys(peers),
                new SpiTable<ReceiveKey>(ring.receiveKeys(), ReceiveKey::spi),
                new SpiTable<StrangeHour>(ring.strangeHours(), StrangeHour::spi));
    }

    /**
     * Replay floors (design.md section 4): the moment each peer was loaded, as the wall clock of now sees it, never before the clock
     * last saved, plus how far that peer's clock was ahead. Every second, since the clock may have been set.
     */
    public void raiseFloors(Instant now, long nowNs) {
        for (Member member : members) {
            long ageTicks = (long) ((nowNs - member.loadedNs()) / 1e9 * SkipTime.TICKS_PER_SECOND);
            long loaded = Math.max(SkipTime.ticks(now) - ageTicks, state.clockTicks());
            long skew = member.peer().skew().largestTicks(nowNs);
            if (skew == ClockSkew.UNKNOWN) {
                skew = state.skewOf(member.peer().name()).orElse(0);
            }
            member.peer().replay().raiseFloor(loaded + skew);
        }
    }

    /** What the state file said of a peer's clock, for one that has not been heard since. */
    OptionalLong knownSkew(Peer peer) {
        return state.skewOf(peer.name());
    }

    /** Closes something when the next snapshot is in use everywhere: until then a flow thread may be inside it. */
    void retire(AutoCloseable what) {
        ring.retire(what, version + 1);
    }

    /** Erases keys that neither flow thread can hold any more. */
    public void eraseRetired(long oldestVersionInUse) {
        ring.eraseRetired(oldestVersionInUse);
    }

    /** After both flow threads have ended. */
    @Override
    public void close() {
        ring.close();
    }

    /** For tests: keys we open under. */
    int receiveKeyCount() {
        return ring.receiveKeys().size();
    }

    /** For tests: sets of keys that wait to be erased. */
    int retiredCount() {
        return ring.retiredCount();
    }

    /** For tests: SPIs known only to name a clock that is off. */
    int strangeHourCount() {
        return ring.strangeHours().size();
    }

    private boolean examineOwn(Instant now) {
        if (now.isBefore(ownNextChange)) {
            return false;
        }
        List<Problem> found = trust.checkOwn(own.certificate(), now);
        boolean changed = !found.equals(ownProblems) || ownNextChange.equals(Instant.MIN);
        ownProblems = List.copyOf(found);
        ownNextChange = Member.nextChangeAfter(own.certificate(), trust, now);
        if (changed && !found.isEmpty()) {
            LOG.error("all peers are down: own certificate: {}", inWords(found));
        }
        return changed;
    }

    /** Certificates first; then the pair's secret comes or goes. */
    private boolean examine(Member member, Instant now, long next) {
        boolean changed = false;
        if (member.due(now)) {
            boolean first = version == 0;
            changed = member.examine(trust, own, now);
            if (!member.problems().isEmpty() && (changed || first)) {
                LOG.warn("peer {} is down: {}", member.peer(), inWords(member.problems()));
            }
        }
        boolean up = ownProblems.isEmpty() && member.problems().isEmpty();
        if (up == ring.has(member.peer())) {
            return changed;
        }
        if (up) {
            return agree(member);
        }
        ring.remove(member.peer(), next);
        return true;
    }

    private boolean agree(Member member) {
        HostCertificate theirs = member.certificate();
        if (theirs == null) {
            return false; // and so it has a problem, and is not up
        }
        try {
            PairSecret secret = PairSecret.agree(own.key().privateKey(), theirs.publicKey());
            ring.add(member.peer(), new PairKeys(secret, own.id(), HostIdentity.id(theirs.name(), theirs.spki())));
            LOG.info("peer {} is up: certificate valid until {}", member.peer(), theirs.notAfter());
            return true;
        } catch (KeyAgreementException e) {
            member.refuse(new Problem(Problem.Kind.OTHER, String.valueOf(e.getMessage())));
            LOG.warn("peer {} is down: {}", member.peer(), e.getMessage());
            return true;
        }
    }

    static String inWords(List<Problem> problems) {
        return String.join("; ", problems.stream().map(Problem::message).toList());
    }

    private List<Site> sites() {
        return members.stream().map(this::site).toList();
    }

    private Site site(Member member) {
        String name = member.peer().name();
        HostCertificate theirs = member.certificate();
        boolean open = !allowed.closed().contains(name);
        return theirs == null ? new Site(name, List.of(), open) : site(theirs, open);
    }

    private static Site site(HostCertificate certificate, boolean open) {
        return new Site(certificate.name(), certificate.groups(), open);
    }

    private RouteTable routes() {
        RouteTable.Builder builder = RouteTable.builder();
        for (Prefix prefix : NeverRouted.PREFIXES) {
            builder.add(prefix.high(), prefix.low(), prefix.mappedLength(), Snapshot.NEVER);
        }
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            if (member.isRouted()) {
                for (Prefix prefix : member.networks()) {
                    builder.add(prefix.high(), prefix.low(), prefix.mappedLength(), i);
                }
            }
        }
        addOwn(builder);
        return builder.build();
    }

    private RouteTable ownNetworks() {
        RouteTable.Builder builder = RouteTable.builder();
        addOwn(builder);
        return builder.build();
    }

    private void addOwn(RouteTable.Builder builder) {
        for (Prefix prefix : own.networks()) {
            builder.add(prefix.high(), prefix.low(), prefix.mappedLength(), Snapshot.OWN);
        }
    }
}
