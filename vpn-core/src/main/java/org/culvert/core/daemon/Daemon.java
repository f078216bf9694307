package org.culvert.core.daemon;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.TunConfig;
import org.culvert.core.control.Conductor;
import org.culvert.core.control.Member;
import org.culvert.core.control.MissingRoutesException;
import org.culvert.core.control.MtuPlan;
import org.culvert.core.control.PeerBook;
import org.culvert.core.control.SiteRoutes;
import org.culvert.core.control.StateFile;
import org.culvert.core.control.socket.ControlHandler;
import org.culvert.core.control.socket.ControlSocket;
import org.culvert.core.control.socket.StatusListener;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.Suite;
import org.culvert.core.discovery.Discovery;
import org.culvert.core.flow.Published;
import org.culvert.core.hooks.Hooks;
import org.culvert.core.peer.Counters;
import org.culvert.tun.Errno;
import org.culvert.tun.LinuxTun;
import org.culvert.tun.Netlink;
import org.culvert.tun.NetlinkWatch;
import org.culvert.tun.ProcessGuard;
import org.culvert.tun.SystemCallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway. {@link #start} validates first and touches the system after; what it opened is closed in reverse by
 * {@link #close}, also when a later step of the start fails.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /** Measured: see native-notes/jvm.md. */
    private static final long WARM_UP_NS = 150_000_000L;

    private static final long REHEARSAL_NS = 1_500_000_000L;
    private static final Duration HOOK_TIME = Duration.ofSeconds(10);

    /** A thousand certificates are checked in a second or two. */
    private static final Duration RELOAD_TIME = Duration.ofSeconds(9);

    /** A revoked peer is to be shut out within ten seconds of its CA's list arriving. */
    private static final Duration LISTS_INTERVAL = Duration.ofSeconds(5);

    private static final Duration DAILY = Duration.ofDays(1);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private boolean started;
    private volatile boolean failed;
    private volatile Runnable onReload = () -> {};

    private Daemon() {}

    /**
     * Starts a gateway; it runs when this returns.
     *
     * @throws ConfigException when configuration, key or a certificate file is bad: nothing was touched
     * @throws IOException when the system refuses something: the message names it, and all is as before
     */
    public static Daemon start(GatewayConfig config) throws ConfigException, IOException {
        Site site = Site.of(config);
        // Above this line nothing touches the system.
        Daemon daemon = new Daemon();
        try {
            daemon.open(site);
            return daemon;
        } catch (Throwable e) {
            daemon.close();
            throw e;
        }
    }

    private void open(Site loaded) throws ConfigException, IOException {
        GatewayConfig config = loaded.config();
        forbidDumps();
        keep(RunLock.take(config.control(), config.tun().name()));
        CipherChoice ciphers = CipherChoice.choose(config.cipherBackend());
        LOG.info("cipher backend: {}", ciphers.reason());
        WarmUp.run(backends(ciphers), WARM_UP_NS);

        Netlink netlink = keep(Netlink.open());
        Site site = loaded.fitting(netlink);
        MtuPlan mtus = new MtuPlan(netlink, config.tun().mtuBytes());
        DataPath path = openDataPath(site, ciphers, netlink, mtus);
        Conductor control = openControl(site, path, netlink, mtus);
        SiteChange change = new SiteChange(site, control, netlink, path.port(), path.groups());
        Hooks hooks =
                new Hooks(() -> change.running().config().hooks(), config.tun().name(), HOOK_TIME);
        control.tell(hooks);
        run(path, control);

        Trial trial = new Trial(change, control);
        StatusReport.Parts parts = keepUpToDate(path, control, change, ciphers, mtus);
        answer(path, control, change, trial, parts, netlink);
        onReload = () -> control.submit(trial::reloadQuietly);
        started = true;
        ready(site);
        keep(hooks).up();
    }

    /** What packets pass through, and what is known of the peers. */
    private record DataPath(
            PeerBook book,
            Published published,
            Counters unattributed,
            UdpPort port,
            LinuxTun tun,
            LanGroups groups,
            FlowThreads flows) {}

    /** The TUN is up and the socket bound; no packet passes yet. */
    private DataPath openDataPath(Site site, CipherChoice ciphers, Netlink netlink, MtuPlan mtus) throws IOException {
        GatewayConfig config = site.config();
        PeerBook book = keep(new PeerBook(
                site.plan(),
                StateFile.readOrNone(config.state()),
                () -> new SecureRandom().nextInt(1 << 16),
                Instant.now(),
                System.nanoTime(),
                config.tun().queues()));
        Counters unattributed = new Counters(config.tun().queues());
        Published published = new Published(book.first(Instant.now(), System.nanoTime()));
        published.dscp(config.dscp());
        UdpPort port = keep(new UdpPort(UdpPort.bind(config)));
        List<LinuxTun> queues = openQueues(config.tun());
        LinuxTun tun = queues.getFirst();
        TunDevice.bringUp(
                netlink,
                tun.name(),
                mtus.ofTun(book.members().stream().map(Member::peer).toList()),
                ProcessGuard.mayChangeNetworks());
        LanGroups groups = keep(new LanGroups(published, book, netlink, tun::wake, this::flowEnded));
        groups.become(groups.prepare(site));
        FlowThreads flows = new FlowThreads(queues, port, published, backends(ciphers), unattributed, this::flowEnded);
        return new DataPath(book, published, unattributed, port, tun, groups, flows);
    }

    /** The routes to the peers' networks lead into the TUN; the thread that keeps them there does not run yet. */
    private Conductor openControl(Site site, DataPath path, Netlink netlink, MtuPlan mtus) throws IOException {
        GatewayConfig config = site.config();
        SiteRoutes routes = new SiteRoutes(
                netlink,
                path.tun().name(),
                path.tun().interfaceIndex(),
                site.credentials().ownNetworks(),
                ProcessGuard.mayChangeNetworks());
        if (!config.tun().persistent()) {
            removeAtEnd(routes);
        }
        Conductor control = new Conductor(
                path.book(),
                path.published(),
                path.flows()::wake,
                new Conductor.Kernel(netlink, routes, mtus, path.port()::number, this::routesMissing),
                config.state(),
                InstantSource.system());
        control.fitTun();
        control.restoreRoutes();
        return control;
    }

    /** From here on packets pass. */
    private void run(DataPath path, Conductor control) throws IOException {
        keep(path.flows()).start();
        keep(control).start();
        keep(new RouteWatch(NetlinkWatch.open(), () -> {
            control.kernelChanged();
            control.submit(path.groups()::kernelChanged);
        }));
    }

    /** Certificates and revocation lists that come from peers or appear on the disk are taken. @return what there is to tell about */
    private StatusReport.Parts keepUpToDate(
            DataPath path, Conductor control, SiteChange change, CipherChoice ciphers, MtuPlan mtus) {
        control.takesLists(change::takeList);
        Discoverer discoverer = new Discoverer(change, control);
        Discovery discovery = new Discovery(
                path.published(), path.port().link(0), discoverer, path.unattributed(), new SecureRandom()::nextBytes);
        discoverer.asks(discovery);
        keep(discovery).start();
        control.every(
                Duration.ofSeconds(1), () -> discoverer.everySecond(path.book().members()));
        control.every(LISTS_INTERVAL, change::lookForNewLists);
        control.every(DAILY, change::warnOfEnds);
        return new StatusReport.Parts(
                path.book(),
                path.published(),
                path.port(),
                path.tun(),
                ciphers,
                path.unattributed(),
                peer -> peer == null ? control.tunMtuBytes() : mtus.of(peer),
                control::report,
                control::refusals,
                control::enforcedLists,
                discoverer,
                discovery.counts(),
                path.groups()::status);
    }

    /** Commands are answered at the control socket, and who may read the status at its address. */
    private void answer(
            DataPath path, Conductor control, SiteChange change, Trial trial, StatusReport.Parts parts, Netlink netlink)
            throws IOException {
        GatewayConfig config = change.running().config();
        Views views = keep(new Views(
                        control,
                        new StatusReport(change::running, parts),
                        new WhyReport(change::running, netlink, parts),
                        new PingReport(change::running, netlink, parts, control),
                        path.flows(),
                        config.tun().name()))
                .start();
        List<ControlHandler> handlers = new ArrayList<>(views.all());
        handlers.add(new ReloadHandler(() -> control.ask(trial::reload, RELOAD_TIME)));
        handlers.addAll(TrialHandler.of(trial, change, new TrialHandler.OnControl() {
            @Override
            public <T> T ask(Callable<T> question) throws Exception {
                return control.ask(question, RELOAD_TIME);
            }
        }));
        keep(ControlSocket.open(config.control(), handlers));
        if (config.statusListen().isPresent()) {
            keep(StatusListener.open(config.statusListen().get(), views.open()));
        }
    }

    private List<LinuxTun> openQueues(TunConfig config) throws IOException {
        List<LinuxTun> queues = new ArrayList<>();
        queues.add(keep(TunDevice.open(config)));
        while (queues.size() < config.queues()) {
            queues.add(keep(queues.getFirst().openQueue()));
        }
        return queues;
    }

    /**
     * Told to end, a daemon opens the way again that it had closed. One that fails does not, and neither does a start that fails after
     * finding the guards of a daemon that was killed.
     */
    private void removeAtEnd(SiteRoutes routes) throws SystemCallException {
        boolean stoodBefore = routes.areThere();
        keep(() -> {
            if (!failed && (started || !stoodBefore)) {
                routes.remove();
            }
        });
    }

    private static void ready(Site site) {
        site.credentials().warnings().forEach(warning -> LOG.warn("{}", warning));
        LOG.info(
                "ready: {} listens on {}, {} peers through {}",
                site.credentials().own().name(),
                site.config().listenText(),
                site.config().peers().size(),
                site.config().tun().name());
        if (!KernelSettings.forwardsIpv4()) {
            LOG.warn("IPv4 forwarding is off, hosts of the LAN are not served: sysctl -w net.ipv4.ip_forward=1");
        }
        ServiceManager.ready();
    }

    /** Keys are in this process: neither a core file nor another process of this user shall see them. */
    private static void forbidDumps() {
        try {
            ProcessGuard.forbidDumps();
        } catch (SystemCallException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    /** Everything of a start that touches neither system nor files, for the ahead-of-time cache. */
    public static void rehearse() {
        for (String backend : List.of("jce", "auto")) {
            WarmUp.run(backends(CipherChoice.choose(backend)), REHEARSAL_NS);
        }
    }

    private static Map<Suite, CipherBackend> backends(CipherChoice choice) {
        Map<Suite, CipherBackend> backends = new EnumMap<>(Suite.class);
        for (Suite suite : Suite.values()) {
            backends.put(suite, choice.backend(suite));
        }
        return backends;
    }

    /** A flow thread ended by itself: without it the gateway is no gateway. */
    private void flowEnded(String thread, int errno) {
        LOG.error(
                "thread {} ended: {}; the daemon ends too",
                thread,
                errno == 0 ? "a bug, see above" : "the TUN is gone: " + Errno.words(errno));
        failed = true;
        end.countDown();
    }

    /** Not allowed to restore them, it makes room for one that starts after `culvert up` did. */
    private void routesMissing(MissingRoutesException e) {
        LOG.error("{}; the daemon ends", e.getMessage());
        failed = true;
        end.countDown();
    }

    /** Waits until the daemon is told to end, or ends by itself, and gives the exit code. */
    public int await() throws InterruptedException {
        end.await();
        return failed ? 3 : 0;
    }

    /** Reads configuration, keys and certificates anew; the log says what came of it. Any thread, also a signal's. */
    public void reload() {
        onReload.run();
    }

    /** Any thread, also a shutdown hook. */
    public void stop() {
        end.countDown();
    }

    @Override
    public void close() {
        ServiceManager.stopping();
        while (!opened.isEmpty()) {
            AutoCloseable next = opened.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.warn("while stopping: {}", e.getMessage());
            }
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }
}
