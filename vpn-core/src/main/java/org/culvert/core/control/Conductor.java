package org.culvert.core.control;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import org.culvert.core.control.SiteRoutes.PeerNetwork;
import org.culvert.core.echo.EchoReport;
import org.culvert.core.flow.Published;
import org.culvert.core.flow.StrangeSpi;
import org.culvert.core.peer.ClockSkew;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.route.RouteTable;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.tun.Address;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.Netlink;
import org.culvert.tun.SystemCallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control thread: everything that changes while the daemon runs happens here, once a second or when the kernel reports a change.
 * Others ask through {@link #ask}.
 */
public final class Conductor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);
    private static final long STATE_INTERVAL_S = 60;
    private static final long FILES_INTERVAL_S = 10;
    private static final long RESOLVE_INTERVAL_S = 30;
    private static final long RESOLVE_INTERVAL_WHEN_DEAD_S = 5;
    private static final long BUSY_INTERVAL_MS = 100;

    private final PeerBook book;
    private final Published published;
    private final Runnable wakeFlows;
    private final Netlink netlink;
    private final SiteRoutes routes;
    private final Correspondence correspondence;
    private final Places places = new Places(this::onControlThread, this::leadsIntoTunnel, InetAddress::getAllByName);
    private final Thread mail;
    private final MtuPlan mtus;
    private final Consumer<MissingRoutesException> onMissingRoutes;
    private final Path stateFile;
    private final InstantSource wall;
    private final WallClock wallClock;
    private final PeerReports reports = new PeerReports();
    private final Watchdog watchdog;
    private final Map<Path, Long> refusedFiles = new HashMap<>();
    private final Map<Peer, Endpoint> measuredWays = new HashMap<>();
    private boolean askingSoon;
    private boolean exchanged;
    private Set<String> savedAgreed = Set.of();
    private boolean tickingSoon;
    private final ScheduledExecutorService thread;
    private PeerWatch peers = new PeerWatch(PeerListener.NOBODY);
    private List<InetAddress> localAddresses = List.of();
    private long seconds;
    private int tunMtuBytes;

    /** @param wakeFlows makes idle flow threads look at the snapshot just published */
    public Conductor(
            PeerBook book, Published published, Runnable wakeFlows, Kernel kernel, Path stateFile, InstantSource wall) {
        this.book = book;
        this.published = published;
        this.wakeFlows = wakeFlows;
        this.netlink = kernel.netlink();
        this.routes = kernel.routes();
        this.mtus = kernel.mtus();
        this.onMissingRoutes = kernel.onMissingRoutes();
        this.correspondence = new Correspondence(published, wakeFlows, kernel.port(), this::readExchange);
        this.mail = Thread.ofPlatform().name("control-mail").daemon().unstarted(this::awaitMail);
        this.watchdog = Watchdog.ofThisProcess(published, wakeFlows);
        this.stateFile = stateFile;
        this.wall = wall;
        this.wallClock = new WallClock(wall.instant(), System.nanoTime());
        this.thread = new ControlThread(published::atWork, published::atRest);
    }

    /** Before the start: who is to know when peers come and go. */
    public void tell(PeerListener listener) {
        peers = new PeerWatch(listener);
    }

    /**
     * The kernel's side of the control thread's work.
     *
     * @param port that our socket is bound to now
     * @param onMissingRoutes called when routes went that this process may not restore: who supervises it can
     */
    public record Kernel(
            Netlink netlink,
            SiteRoutes routes,
            MtuPlan mtus,
            IntSupplier port,
            Consumer<MissingRoutesException> onMissingRoutes) {}

    /**
     * Goes from the present plan to the next. Control thread. The flow threads see all of it at once, with one snapshot; what had to
     * refuse it has done so before. New networks are closed before they are opened: their guards stand when the snapshot comes, their
     * routes follow.
     */
    public void follow(Plan next) {
        Instant now = wall.instant();
        long nowNs = System.nanoTime();
        book.follow(next, now, nowNs);
        book.refresh(now, nowNs);
        mtus.configured(next.tunMtuBytes());
        routes.ownNetworks(book.ownCertificate().networks());
        guarded(() -> routes.guard(peerNetworks()));
        publish(now);
        guarded(this::fitTun);
        guarded(this::restoreRoutes);
        correspondence.follow(book.members());
        measuredWays.clear();
        reports.keepOnly(book.members().stream().map(Member::peer).toList());
        places.keepOnly(book.members());
        book.members().forEach(places::resolve);
        saveState(now);
    }

    /**
     * Whether a plan can be followed.
     *
     * @throws MissingRoutesException when it takes routes that this process has no right to add
     */
    public void check(Plan next) throws SystemCallException, MissingRoutesException {
        List<PeerNetwork> coming = new ArrayList<>();
        for (Plan.PeerPlan peer : next.peers()) {
            List<Prefix> routed = peer.routed(next, wall.instant());
            if (!routed.isEmpty()) {
                int mtuBytes = next.tunMtuBytes().isPresent()
                        ? next.tunMtuBytes().getAsInt()
                        : mtus.of(
                                peer.setup().literalEndpoint().orElse(null),
                                peer.setup().suites().getFirst());
                routed.forEach(prefix -> coming.add(new PeerNetwork(prefix, mtuBytes)));
            }
        }
        routes.require(coming);
    }

    /** The TUN's own MTU as the present peers need it: no route may carry more than its device. */
    public void fitTun() throws SystemCallException {
        tunMtuBytes = routes.fitTun(
                mtus.ofTun(book.members().stream().map(Member::peer).toList()));
    }

    /** As {@link #fitTun} left it. */
    public int tunMtuBytes() {
        return tunMtuBytes;
    }

    /** Closes something as soon as no flow thread can be inside it. Control thread. */
    public void retire(AutoCloseable what) {
        book.retire(what);
        publish(wall.instant());
    }

    /** Closes what was retired and no flow thread can be inside any more; else that happens within a second. Control thread. */
    public void closeRetired() {
        book.eraseRetired(published.oldestVersionInUse());
    }

    /** Does something on the control thread, at once. */
    public void submit(Runnable work) {
        thread.execute(() -> guarded(work::run));
    }

    /** Does something on the control thread, later, unless cancelled or ended before. */
    public Future<?> schedule(Duration delay, Runnable work) {
        return thread.schedule(() -> guarded(work::run), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Does something on the control thread at once and then again and again. */
    public void every(Duration interval, Runnable work) {
        var _ = thread.scheduleAtFixedRate(() -> guarded(work::run), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    public void start() {
        mail.start();
        var _ = thread.scheduleAtFixedRate(this::everySecond, 0, 1, TimeUnit.SECONDS);
    }

    /**
     * Runs a question on the control thread.
     *
     * @throws TimeoutException when it is busy for longer than {@code atMost}
     */
    public <T> T ask(Callable<T> question, Duration atMost)
            throws ExecutionException, TimeoutException, InterruptedException {
        return thread.submit(question).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** From the thread that watches rtnetlink: links, addresses or routes changed. */
    public void kernelChanged() {
        thread.execute(() -> guarded(() -> {
            measuredWays.clear(); // the egress link of each may be another, or have another MTU
            restoreRoutes();
        }));
    }

    // What the gateways say to each other

    /** The life of a thread that only waits for the bell: the control thread itself has other work. */
    private void awaitMail() {
        while (!thread.isShutdown()) {
            published.controlArrived().await();
            runSoon(() -> {
                published.look(this::readMail);
                takeMeasured();
            });
        }
    }

    private void readMail() {
        correspondence.serve(book.members(), System.nanoTime());
        exchanged |= book.choosePairs();
        exchanged |= book.lookAtEpochs(System.nanoTime());
        for (StrangeSpi.Seen seen = published.strangeSpi().take();
                seen != null;
                seen = published.strangeSpi().take()) {
            book.takeStrangeSpi(seen, System.nanoTime());
        }
        sayExchange();
    }

    private void onControlThread(Runnable work) {
        runSoon(work::run);
    }

    private void runSoon(ThrowingRunnable work) {
        try {
            thread.execute(() -> guarded(work));
        } catch (RejectedExecutionException ending) {
            // The daemon stops: nobody is to be answered any more.
        }
    }

    private void beforeTheNextSecond(ThrowingRunnable work) {
        try {
            var _ = thread.schedule(() -> guarded(work), BUSY_INTERVAL_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException ending) {
            // The daemon stops: there is no next second.
        }
    }

    // Epoch keys

    private boolean readExchange(Peer peer, ControlRing.Slot slot, long nowNs) {
        Boolean changed = book.secrecy().received(peer, slot, nowNs, book.nextVersion());
        exchanged |= changed != null && changed;
        return changed != null;
    }

    private void tickEpochs() {
        exchanged |= book.tickEpochs(System.nanoTime());
        sayExchange();
    }

    /** What the exchange has changed is published before anything is said that leads to an answer. */
    private void sayExchange() {
        if (exchanged) {
            exchanged = false;
            publish(wall.instant());
        }
        if (book.secrecy().flush(published)) {
            wakeFlows.run();
        }
        if (book.secrecy().busy() && !tickingSoon) {
            tickingSoon = true;
            beforeTheNextSecond(() -> {
                tickingSoon = false;
                tickEpochs();
            });
        }
    }

    /** Asks the peers; while a search is under way, again before the second is over. */
    private void askPeers() throws SystemCallException, MissingRoutesException {
        for (Member member : book.members()) {
            Endpoint endpoint = member.peer().endpoint();
            if (endpoint != null && !endpoint.equals(measuredWays.put(member.peer(), endpoint))) {
                boundSearch(member, endpoint);
            }
        }
        List<Endpoint> everywhere = new ArrayList<>();
        for (Member member : book.members()) {
            List<List<Endpoint>> all = places.of(member);
            correspondence.places(member, all);
            List<Endpoint> flat = all.stream().flatMap(List::stream).toList();
            book.secrecy().places(member.peer(), flat);
            everywhere.addAll(flat);
            Endpoint endpoint = member.peer().endpoint();
            if (endpoint != null) {
                everywhere.add(endpoint);
            }
        }
        published.strangeSpi().places(everywhere);
        correspondence.tick(book.members(), book::hasDataKeys, System.nanoTime());
        takeMeasured();
        if (correspondence.busy() && !askingSoon) {
            askingSoon = true;
            beforeTheNextSecond(() -> {
                askingSoon = false;
                askPeers();
            });
        }
    }

    private void boundSearch(Member member, Endpoint endpoint) throws SystemCallException {
        MtuPlan.Bounds bounds = mtus.bounds(endpoint, member.peer().sendingSuite());
        correspondence.way(member, endpoint, bounds);
    }

    /** What was found out about a path becomes the MTU of its routes. */
    private void takeMeasured() throws SystemCallException, MissingRoutesException {
        boolean changed = false;
        for (Member member : book.members()) {
            int bytes = correspondence.pathBytes(member);
            if (bytes != member.peer().pathBytes()) {
                member.peer().pathBytes(bytes);
                changed = true;
            }
        }
        if (changed) {
            makeRoutes();
            published.fragmentation(fragmentation());
        }
    }

    /** Nobody fragments where every path was measured; anybody may where one is too narrow for what IPv6 must carry. */
    private Fragmentation fragmentation() {
        boolean allMeasured = true;
        for (Member member : book.members()) {
            Endpoint endpoint = member.peer().endpoint();
            int bytes = member.peer().pathBytes();
            if (endpoint != null && bytes == 0) {
                allMeasured = false;
            } else if (endpoint != null
                    && bytes < MtuPlan.floorBytes(member.peer().sendingSuite())) {
                return Fragmentation.ANYWHERE;
            }
        }
        return allMeasured ? Fragmentation.NEVER : Fragmentation.KERNEL;
    }

    /** Who looks at revocation lists that peers send; before {@link #start}. */
    public void takesLists(ListExchange.Taker taker) {
        correspondence.lists().taker(taker);
    }

    /** Which revocation lists a peer enforces, as it says. Control thread. */
    public List<ListExchange.Enforced> enforcedLists(Member member) {
        return correspondence.lists().enforced(member.peer());
    }

    /** What is refused of a peer's, and what it refuses of ours. Control thread. */
    public List<Refusals.Report> refusals(Member member) {
        return correspondence.refusals().reports(member.peer(), System.nanoTime());
    }

    /** What is known of the way to a peer. Control thread. */
    public EchoReport report(Member member) {
        return correspondence.report(member, System.nanoTime());
    }

    /** Whether a peer has shown that it holds this certificate's private key, so far as its mode lets us know. Control thread. */
    public boolean hasShownKeyOf(Member member, HostCertificate theirs) {
        return book.hasShownKeyOf(member, theirs);
    }

    /** Asks a peer now, whatever else is asked of it; the answer's round-trip time comes on the control thread, or never. Control thread. */
    public void ping(Member member, LongConsumer answeredAfterNs) {
        correspondence.ping(member, System.nanoTime(), answeredAfterNs);
    }

    /** Waits for work under way, then saves the state. */
    @Override
    public void close() {
        thread.shutdown();
        mail.interrupt();
        try {
            if (!thread.awaitTermination(500, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        places.close();
        correspondence.close();
        saveState(wall.instant());
    }

    private void everySecond() {
        guarded(() -> {
            Instant now = wall.instant();
            long nowNs = System.nanoTime();
            noticeStep(now, nowNs);
            if (seconds % FILES_INTERVAL_S == 0) {
                rereadRefusedFiles();
            }
            boolean changed = book.refresh(now, nowNs);
            changed |= book.refreshStrangeHours();
            if (changed) {
                publish(now);
                restoreRoutes();
            }
            book.raiseFloors(now, nowNs);
            book.eraseRetired(published.oldestVersionInUse());
            tickEpochs();
            askPeers();
            correspondence.refusals().tick(book.members(), now, nowNs);
            correspondence.lists().tick(book.members(), book.trust().lists(), nowNs);
            peers.keepOnly(book.members());
            for (Member member : book.members()) {
                EchoReport echo = report(member);
                reports.look(member.peer(), echo, now, nowNs);
                peers.look(member, echo.state(), nowNs);
            }
            resolveNames();
            if (seconds % STATE_INTERVAL_S == 0 || !book.agreedPeers().equals(savedAgreed)) {
                saveState(now);
            }
            seconds++;
            watchdog.report(nowNs);
        });
    }

    /** An exception here is a bug, and must not end the thread: the gateway would run on with yesterday's keys. */
    private void guarded(ThrowingRunnable work) {
        try {
            work.run();
        } catch (MissingRoutesException e) {
            onMissingRoutes.accept(e);
        } catch (Exception e) {
            LOG.error("control thread: {}", e.getMessage(), e);
        }
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    private void noticeStep(Instant now, long nowNs) {
        Duration step = wallClock.step(now, nowNs);
        if (!step.isZero()) {
            LOG.warn(
                    "the clock was set {} by {} s; keys of the hour are made anew",
                    step.isNegative() ? "back" : "forward",
                    step.abs().toMillis() / 1000.0);
            book.clockStepped(step.isNegative());
        }
    }

    private void publish(Instant now) {
        Snapshot snapshot = book.build(now);
        published.publish(snapshot);
        wakeFlows.run();
    }

    // Certificates

    /** A certificate that is refused is looked at again when its file is replaced. */
    private void rereadRefusedFiles() {
        for (Member member : book.members()) {
            List<Path> refused = member.refusedFiles();
            for (Examined each : member.certificates()) {
                if (!refused.contains(each.certificate().file())) {
                    refusedFiles.remove(each.certificate().file());
                }
            }
            refused.forEach(file -> rereadIfReplaced(member, file));
        }
    }

    private void rereadIfReplaced(Member member, Path file) {
        long modified = file.toFile().lastModified();
        Long known = refusedFiles.put(file, modified);
        if (known != null && known != modified) {
            try {
                member.reload(file);
            } catch (CredentialException e) {
                LOG.warn("peer {} stays down: {}", member.peer(), e.getMessage());
            }
        }
    }

    // Routes and addresses

    /** The kernel's routes as they should be: see {@link SiteRoutes}. Also learns our own addresses anew. */
    public void restoreRoutes() throws SystemCallException, MissingRoutesException {
        int restored = makeRoutes();
        if (restored > 0 && seconds > 0) {
            LOG.warn("{} routes to peers' networks were missing and have been restored", restored);
        }
        learnLocalAddresses();
    }

    /** Gives each route to a peer's networks the peer's MTU; says how many had to be added or corrected. */
    private int makeRoutes() throws SystemCallException, MissingRoutesException {
        routes.networks(peerNetworks());
        return routes.restore();
    }

    private void learnLocalAddresses() throws SystemCallException {
        RouteTable.Builder local = RouteTable.builder();
        List<InetAddress> addresses = new ArrayList<>();
        for (Address address : netlink.addresses()) {
            Prefix host = Prefix.of(address.address(), address.address().getAddress().length * 8);
            local.add(host.high(), host.low(), host.mappedLength(), Snapshot.OWN);
            addresses.add(address.address());
        }
        if (!addresses.equals(localAddresses)) {
            localAddresses = addresses;
            book.localAddresses(local.build());
            publish(wall.instant());
        }
    }

    private List<PeerNetwork> peerNetworks() throws SystemCallException {
        List<PeerNetwork> networks = new ArrayList<>();
        for (Member member : book.members()) {
            if (member.isRouted()) {
                int mtuBytes = mtus.of(member.peer());
                member.peer().mtuBytes(mtuBytes);
                member.networks().forEach(prefix -> networks.add(new PeerNetwork(prefix, mtuBytes)));
            }
        }
        return networks;
    }

    // Endpoints

    private void resolveNames() {
        for (Member member : book.members()) {
            boolean dead = member.peer().endpoint() == null || correspondence.wayIsDead(member, System.nanoTime());
            if (seconds % (dead ? RESOLVE_INTERVAL_WHEN_DEAD_S : RESOLVE_INTERVAL_S) == 0) {
                places.resolve(member);
            }
        }
    }

    private boolean leadsIntoTunnel(Endpoint endpoint) {
        return Snapshot.isPeer(published.current().routes().lookup(endpoint.remoteHigh(), endpoint.remoteLow()));
    }

    // State

    private void saveState(Instant now) {
        Map<String, Long> skew = new HashMap<>();
        long nowNs = System.nanoTime();
        for (Member member : book.members()) {
            long ticks = member.peer().skew().largestTicks(nowNs);
            if (ticks != ClockSkew.UNKNOWN) {
                skew.put(member.peer().name(), ticks);
            } else {
                book.knownSkew(member.peer())
                        .ifPresent(known -> skew.put(member.peer().name(), known));
            }
        }
        savedAgreed = book.agreedPeers();
        try {
            new StateFile(SkipTime.ticks(now), skew, savedAgreed).write(stateFile);
        } catch (IOException e) {
            LOG.warn(
                    "{}: the state file cannot be written: {}; a restart will forget with which peers in mode \"preferred\""
                            + " epoch keys were agreed on, and send to them under static keys until they are again;"
                            + " forward-secrecy = \"required\" needs nothing remembered",
                    stateFile,
                    e.toString());
        }
    }
}
