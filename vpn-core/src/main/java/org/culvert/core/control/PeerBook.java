package org.culvert.core.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntSupplier;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.core.crypto.KeyAgreementException;
import org.culvert.core.flow.StrangeSpi;
import org.culvert.core.peer.ClockSkew;
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
    /** Pairs whose far hours are indexed in one go: some tens of milliseconds. */
    private static final int STRANGE_PAIRS = 50;

    private static final Logger LOG = LoggerFactory.getLogger(PeerBook.class);

    private final StateFile state;
    private final AgreedPeers agreed;
    private final IntSupplier instances;
    private final KeyRing ring = new KeyRing();
    private final int lanes;
    private OwnIdentities own;
    private List<Examined> ownExamined = List.of();
    private final ForwardSecrecy secrecy;
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
        this.agreed = new AgreedPeers(state.agreed());
        this.secrecy = new ForwardSecrecy(ring, plan.epochNs(), agreed::holds);
        this.instance = instances.getAsInt();
        follow(plan, now, nowNs);
    }

    /**
     * Goes from the present plan to the next; the next snapshot shows all of it. A peer of the same name stays the same {@link Peer};
     * its keys stay too, unless one of the two sides has another one. Certificates are examined by the next {@link #refresh}.
     */
    public void follow(Plan next, Instant now, long nowNs) {
        rememberAgreed(); // who leaves now and comes back one day is still known
        Map<String, Member> before = new HashMap<>();
        members.forEach(member -> before.put(member.peer().name(), member));
        List<Member> after = new ArrayList<>();
        for (PeerPlan planned : next.peers()) {
            Member member = before.remove(planned.setup().name());
            if (member == null) {
                member = join(planned, now, nowNs);
            } else {
                if (member.hasAnotherSecretThan(planned)) {
                    member.pairs().drop(version + 1);
                } else if (member.usesKeysOtherwiseThan(planned)) {
                    ring.deriveAnew(member.peer(), version + 1);
                }
                member.follow(planned);
            }
            after.add(member);
        }
        before.values().forEach(gone -> gone.pairs().drop(version + 1));
        own = next.own();
        trust = next.trust();
        transit = next.transit();
        secrecy.epochs(next.epochNs());
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
        return new Member(planned, peer, new CertifiedPairs(peer, ring), nowNs);
    }

    Trust trust() {
        return trust;
    }

    public List<Member> members() {
        return members;
    }

    /** What stands against our own certificate; while anything does, all peers are down. */
    public List<Problem> ownProblems() {
        return ownProblems;
    }

    /** Our certificates: one, or two during a change of keys. */
    public List<Examined> ownCertificates() {
        return ownExamined;
    }

    /** Of our certificates the one whose networks and groups count. */
    public HostCertificate ownCertificate() {
        return Examined.counting(ownExamined).orElseThrow().certificate();
    }

    /** The first snapshot, with keys of all peers that are up. */
    public Snapshot first(Instant now, long nowNs) {
        refresh(now, nowNs);
        tickEpochs(nowNs);
        raiseFloors(now, nowNs);
        return build(now);
    }

    /**
     * Brings certificates and hours up to date.
     *
     * @return true when a new snapshot is to be built and published
     */
    public boolean refresh(Instant now, long nowNs) {
        long next = version + 1;
        boolean ownChanged = examineOwn(now);
        boolean changed = ownChanged;
        for (Member member : members) {
            changed |= examine(member, ownChanged, now, next);
        }
        changed |= choosePairs();
        changed |= secrecy.follow(members, nowNs, next);
        int nowHour = SkipTime.hour(SkipTime.ticks(now));
        if (nowHour != hour || changed) {
            hour = nowHour;
            ring.turnTo(hour, next);
            changed = true;
        }
        return changed;
    }

    /** Has each peer's data go under the newest pair it was heard with. @return true when a new snapshot is to be built and published */
    boolean choosePairs() {
        boolean changed = false;
        for (Member member : members) {
            changed |= member.pairs().choose();
        }
        return changed;
    }

    /** What time brings to the epoch keys. @return true when a new snapshot is to be built and published */
    boolean tickEpochs(long nowNs) {
        return secrecy.tick(members, nowNs, version + 1);
    }

    /** The same for those peers that a pair was heard of for the first time. */
    boolean lookAtEpochs(long nowNs) {
        return secrecy.look(nowNs, version + 1);
    }

    /** A datagram has an SPI that nobody has: a peer may use keys that a restart took from us. */
    void takeStrangeSpi(StrangeSpi.Seen seen, long nowNs) {
        members.forEach(member -> secrecy.strangeSpi(member.peer(), seen, nowNs));
    }

    /** Whether there is a pair that this peer's data goes under now. */
    boolean hasDataKeys(Peer peer) {
        return ring.dataPair(peer) != null;
    }

    /** Names of all peers that epoch keys were ever agreed with, and of those that were configured once. */
    Set<String> agreedPeers() {
        rememberAgreed();
        return agreed.names();
    }

    private void rememberAgreed() {
        for (Member member : members) {
            if (secrecy.everAgreed(member.peer())) {
                agreed.remember(member.peer().name());
            }
        }
    }

    /** What protects a peer's packets now. */
    public Protection protection(Peer peer, long nowNs) {
        return secrecy.protection(peer, nowNs);
    }

    /** Whether the peer has shown that it holds this certificate's private key. */
    boolean hasShownKeyOf(Member member, HostCertificate theirs) {
        return secrecy.hasShownKeyOf(member, theirs);
    }

    ForwardSecrecy secrecy() {
        return secrecy;
    }

    /** The first snapshot that will show what changes now. */
    long nextVersion() {
        return version + 1;
    }

    /**
     * The hours further away, for the diagnosis of clocks; apart since nothing waits for them, and of some peers each time.
     *
     * @return true when the last of them was done
     */
    public boolean refreshStrangeHours() {
        if (strangeHour == hour || !ring.turnStrangeTo(hour, STRANGE_PAIRS)) {
            return false;
        }
        strangeHour = hour;
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
        policy = Policy.of(allowed.rules(), site(ownCertificate(), false), sites(), flows, policy);
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
        secrecy.close();
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
        List<Examined> before = ownExamined;
        ownExamined = own.examine(trust, now);
        Examined counting = Examined.counting(ownExamined).orElseThrow();
        boolean changed = !ownExamined.equals(before) || ownNextChange.equals(Instant.MIN);
        ownProblems = counting.problems();
        ownNextChange = own.all().stream()
                .map(each -> Member.nextChangeAfter(each.certificate(), trust, now))
                .min(Comparator.naturalOrder())
                .orElseThrow();
        if (changed && !ownProblems.isEmpty()) {
            LOG.error("all peers are down: own certificate: {}", inWords(ownProblems));
        } else if (changed) {
            warnOfOthers("own certificate", ownExamined);
        }
        return changed;
    }

    /** During a change of keys one certificate may be bad while another does. */
    private static void warnOfOthers(String whose, List<Examined> all) {
        for (Examined each : all) {
            if (!each.good()) {
                LOG.warn("{} {} is not used: {}", whose, each.certificate().file(), inWords(each.problems()));
            }
        }
    }

    /** Certificates first; then the pair's secret comes or goes. */
    private boolean examine(Member member, boolean ownChanged, Instant now, long next) {
        boolean changed = false;
        boolean due = member.due(now);
        if (due) {
            boolean first = version == 0;
            changed = member.examine(trust, own, now);
            if (!member.problems().isEmpty() && (changed || first)) {
                LOG.warn("peer {} is down: {}", member.peer(), inWords(member.problems()));
            } else if (changed) {
                warnOfOthers("peer " + member.peer() + ": certificate", member.certificates());
            }
        }
        boolean settled = (due || ownChanged) && agree(member, next);
        return settled || changed;
    }

    /** The pairs' secrets come and go with the certificates. */
    private boolean agree(Member member, long next) {
        boolean before = member.pairs().any();
        try {
            List<OwnIdentity> selves = goodSelves();
            List<HostCertificate> theirs = member.goodCertificates();
            boolean changed = member.pairs()
                    .settle(selves, theirs, member.setup().secrecy().psk(), next);
            if (!selves.isEmpty() && !theirs.isEmpty() && !member.pairs().any()) {
                member.refuse(new Problem(
                        Problem.Kind.OTHER,
                        "no key of its is of the kind of one of ours, among those that are good now"));
            }
            if (!before && member.pairs().any()) {
                LOG.info(
                        "peer {} is up: certificate valid until {}",
                        member.peer(),
                        theirs.getLast().notAfter());
            }
            return changed;
        } catch (KeyAgreementException e) {
            member.refuse(new Problem(Problem.Kind.OTHER, String.valueOf(e.getMessage())));
            LOG.warn("peer {} is down: {}", member.peer(), e.getMessage());
            return true;
        }
    }

    private List<OwnIdentity> goodSelves() {
        List<OwnIdentity> good = new ArrayList<>();
        for (int i = 0; i < ownExamined.size(); i++) {
            if (ownExamined.get(i).good()) {
                good.add(own.all().get(i));
            }
        }
        return good;
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
        for (Prefix prefix : ownCertificate().networks()) {
            builder.add(prefix.high(), prefix.low(), prefix.mappedLength(), Snapshot.OWN);
        }
    }
}
