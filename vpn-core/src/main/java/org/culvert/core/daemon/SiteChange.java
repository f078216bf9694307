package org.culvert.core.daemon;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.control.Conductor;
import org.culvert.core.control.Expiries;
import org.culvert.core.control.WholeFile;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.tun.LinuxUdpLink;
import org.culvert.tun.Netlink;
import org.culvert.tun.SystemCallException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a running gateway from the site it is to the one its files describe now: everything is read and validated, whatever may be
 * refused is asked of the kernel, and only then it switches. Control thread.
 */
final class SiteChange {
    private static final Logger LOG = LoggerFactory.getLogger(SiteChange.class);

    /** How long a port that is left is still listened to: peers send there until they have heard from the new one. */
    private static final Duration OLD_PORT_TIME = Duration.ofMinutes(2);

    private final Conductor control;
    private final Netlink netlink;
    private final UdpPort port;
    private final LanGroups groups;
    private final Path configFile;
    private @Nullable InetSocketAddress leftListen;
    private @Nullable FileStamp listsSeen;
    private volatile Site running;

    SiteChange(Site running, Conductor control, Netlink netlink, UdpPort port, LanGroups groups) {
        this.running = running;
        this.control = control;
        this.netlink = netlink;
        this.port = port;
        this.groups = groups;
        this.configFile = running.config().file();
    }

    /** What the gateway is at this moment. Any thread. */
    Site running() {
        return running;
    }

    /** The configuration a reload reads, whatever is on trial. */
    Path configFile() {
        return configFile;
    }

    /**
     * Reads everything anew.
     *
     * @return what is not good at this moment and does not stop a gateway: certificates that expired, peers that were revoked
     * @throws ConfigException with all that is wrong: nothing has changed
     * @throws IOException when the system refuses something: nothing has changed
     */
    List<Finding> reload() throws ConfigException, IOException {
        ServiceManager.reloading();
        try {
            Site next = Site.load(configFile);
            become(next);
            List<Finding> warnings = new ArrayList<>(next.credentials().findingsAt(Instant.now()));
            warnings.addAll(next.credentials().warnings());
            LOG.info("reloaded: {} peers", next.config().peers().size());
            return warnings;
        } catch (ConfigException | IOException e) {
            LOG.error("not reloaded, all goes on as before: {}", e.getMessage());
            throw e;
        } finally {
            ServiceManager.ready();
        }
    }

    /**
     * Called every few seconds: a revocation list that was replaced is in force without anybody asking. What cannot be used is reported
     * once, and the list in force stays.
     */
    void lookForNewLists() {
        Path file = running.config().crl().orElse(null);
        FileStamp stamp = file == null ? null : FileStamp.of(file);
        if (stamp == null || stamp.equals(listsSeen)) {
            return;
        }
        listsSeen = stamp;
        try {
            Credentials anew = running.credentials().withTrustReadAnew();
            anew.refuseOlderListsThan(running.credentials());
            if (!anew.trust().sameAs(running.credentials().trust())) {
                running = new Site(running.config(), anew);
                control.follow(running.plan());
                LOG.info("{}: the new revocation list is in force", file);
            }
        } catch (ConfigException e) {
            LOG.error("the revocation list in force stays: {}", e.getMessage());
        }
    }

    /**
     * A certificate was fetched from a peer, and is good by itself.
     *
     * @throws ConfigException when its networks are not free here: nothing has changed
     * @throws IOException when routes to them may not be made by this process: nothing has changed
     */
    void take(Credentials.PeerCredential peer, HostCertificate fetched) throws ConfigException, IOException {
        become(running.credentials().with(peer, fetched, connected()));
    }

    /**
     * A peer was heard with a certificate that was fetched from it: from now on it is the one that counts.
     *
     * @throws ConfigException when its networks are not free here any more: nothing has changed
     * @throws IOException when routes to them may not be made by this process: nothing has changed
     */
    void takeHeard(Credentials.PeerCredential peer, HostCertificate heard) throws ConfigException, IOException {
        become(running.credentials().withHeard(peer, heard, connected()));
    }

    private ConnectedNetworks connected() throws IOException {
        return ConnectedNetworks.read(netlink, running.config().tun().name());
    }

    private void become(Credentials credentials) throws ConfigException, IOException {
        Site next = new Site(running.config(), credentials);
        control.check(next.plan());
        control.follow(next.plan());
        running = next;
    }

    /**
     * A peer sent a revocation list. It is believed for its CA's signature alone, and only if it is newer than the one in force; a restart finds
     * it again. Where no list is configured none is taken.
     */
    void takeList(String peer, byte[] der) {
        Path file = Credentials.fetchedLists(running.config());
        try {
            RevocationList list = RevocationList.parse(file, der);
            Optional<Credentials> next = running.credentials().with(list);
            if (next.isEmpty()) {
                LOG.warn(
                        "peer {}: the revocation list of '{}' that it sent is not used: not signed by a CA of ours, or not newer",
                        peer,
                        list.issuerName());
                return;
            }
            running = new Site(running.config(), next.get());
            control.follow(running.plan());
            LOG.info(
                    "peer {}: sent revocation list {} of '{}', which is in force now",
                    peer,
                    list.number().orElse(BigInteger.ZERO),
                    list.issuerName());
            WholeFile.write(file, running.credentials().trust().pem());
        } catch (CredentialException e) {
            LOG.warn("peer {}: the revocation list that it sent is not used: {}", peer, e.reason());
        } catch (IOException e) {
            LOG.warn("{}: cannot be written: {}; the next start has to get the list again", file, e.toString());
        }
    }

    /** Daily, at start and after each change: what ends soon, while there is time. */
    void warnOfEnds() {
        Expiries.of(running.plan(), Instant.now()).forEach(line -> LOG.warn("{}; have it renewed", line));
    }

    /** Switches to another site, or refuses it and changes nothing. */
    void become(Site wanted) throws ConfigException, IOException {
        running.refuseFixed(wanted.config());
        wanted.credentials().refuseOlderListsThan(running.credentials());
        Site next = wanted.fitting(netlink);
        control.check(next.plan());
        LanGroups.Ready heard = groups.prepare(next);
        Optional<List<LinuxUdpLink>> elsewhere;
        try {
            elsewhere = bindElsewhere(next.config());
        } catch (ConfigException e) {
            heard.close();
            throw e;
        }
        // Above this line nothing has changed, below it nothing is refused.
        control.follow(next.plan());
        groups.become(heard);
        elsewhere.ifPresent(this::moveTo);
        running = next;
        listsSeen = null;
        warnOfEnds();
    }

    private Optional<List<LinuxUdpLink>> bindElsewhere(GatewayConfig next) throws ConfigException {
        if (next.listen().equals(running.config().listen())) {
            return Optional.empty();
        }
        if (next.listen().equals(leftListen) && port.left().isPresent()) {
            return port.left(); // back to where we still listen
        }
        control.closeRetired(); // a socket left earlier may still have that very port
        try {
            return Optional.of(UdpPort.bind(next));
        } catch (SystemCallException e) {
            throw new ConfigException(List.of(next.finding("listen", String.valueOf(e.getMessage()), "")));
        }
    }

    private void moveTo(List<LinuxUdpLink> elsewhere) {
        List<LinuxUdpLink> left = port.moveTo(elsewhere, control::retire);
        leftListen = running.config().listen();
        LOG.info(
                "listens on port {} now, and on {} for a while",
                port.number(),
                left.getFirst().port());
        var _ = control.schedule(OLD_PORT_TIME, () -> port.leave(left, control::retire));
    }
}
