package org.culvert.core.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.daemon.KernelSettings;
import org.culvert.tun.ClockSync;
import org.culvert.tun.Link;
import org.culvert.tun.Netlink;
import org.culvert.tun.Route;
import org.culvert.tun.SystemCallException;

/** The machine and network namespace this process is in. Changes nothing. */
final class LinuxMachine implements Machine, AutoCloseable {
    private static final long PROGRAM_S = 10;

    private final Netlink netlink;

    private LinuxMachine(Netlink netlink) {
        this.netlink = netlink;
    }

    static LinuxMachine open() {
        try {
            return new LinuxMachine(Netlink.open());
        } catch (SystemCallException e) {
            throw new UncheckedIOException(new IOException(e.getMessage(), e));
        }
    }

    @Override
    public boolean forwards(boolean ipv4) {
        return ipv4 ? KernelSettings.forwardsIpv4() : KernelSettings.forwardsIpv6();
    }

    @Override
    public int reversePathFilter(String interfaceName) {
        return KernelSettings.reversePathFilter(interfaceName);
    }

    @Override
    public List<Link> links() {
        try {
            return netlink.links();
        } catch (SystemCallException e) {
            return List.of();
        }
    }

    @Override
    public List<Route> routes() {
        try {
            return netlink.routes();
        } catch (SystemCallException e) {
            return List.of();
        }
    }

    @Override
    public Optional<Route> routeTo(InetAddress destination) {
        try {
            return netlink.routeTo(destination);
        } catch (SystemCallException e) {
            return Optional.empty();
        }
    }

    /** The older iptables keeps rules of its own, in the kernel's tables that nft does not show. */
    @Override
    public Optional<Firewall> firewall() {
        Optional<String> nft = output("/usr/sbin/nft", "list", "ruleset");
        Optional<String> legacy =
                output("/usr/sbin/iptables-legacy-save", "-t", "nat").map(LegacyRules::asNft);
        if (nft.isEmpty() && legacy.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Firewall.parse(nft.orElse("") + "\n" + legacy.orElse("")));
    }

    @Override
    public boolean canListen(InetSocketAddress address) {
        try (DatagramSocket _ = new DatagramSocket(address)) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    @Override
    public boolean clockSynchronized() {
        return ClockSync.isSynchronized();
    }

    @Override
    public boolean hasIpsecMb() {
        return CipherChoice.ipsecMbIsThere();
    }

    /** What a program prints; empty when it is not there, fails, or may not. */
    private static Optional<String> output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PROGRAM_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            return process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        netlink.close();
    }
}
