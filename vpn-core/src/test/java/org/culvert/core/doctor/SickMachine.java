package org.culvert.core.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.culvert.tun.Link;
import org.culvert.tun.Route;

/** A machine that has what the test gives it. */
final class SickMachine implements Machine {
    boolean clockSynchronized = true;
    boolean hasIpsecMb = true;

    @Override
    public boolean forwards(boolean ipv4) {
        return true;
    }

    @Override
    public int reversePathFilter(String interfaceName) {
        return 0;
    }

    @Override
    public List<Link> links() {
        return List.of();
    }

    @Override
    public List<Route> routes() {
        return List.of();
    }

    @Override
    public Optional<Route> routeTo(InetAddress destination) {
        return Optional.empty();
    }

    @Override
    public Optional<Firewall> firewall() {
        return Optional.empty();
    }

    @Override
    public boolean canListen(InetSocketAddress address) {
        return true;
    }

    @Override
    public boolean clockSynchronized() {
        return clockSynchronized;
    }

    @Override
    public boolean hasIpsecMb() {
        return hasIpsecMb;
    }
}
