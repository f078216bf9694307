package org.culvert.core.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.culvert.tun.Link;
import org.culvert.tun.Route;

/** What is asked of the system. A question that cannot be answered here (no such program, no permission) has an empty answer. */
interface Machine {
    boolean forwards(boolean ipv4);

    /** rp_filter in force for packets that come in there: 0 off, 1 strict, 2 loose. */
    int reversePathFilter(String interfaceName);

    List<Link> links();

    /** The main table. */
    List<Route> routes();

    /** What the kernel would do with a packet of ours; empty: refuse it. */
    Optional<Route> routeTo(InetAddress destination);

    /** All rules of nftables and, where the program is there, of the older iptables. */
    Optional<Firewall> firewall();

    /** Whether a UDP socket can be bound there, that is, nobody else has it. */
    boolean canListen(InetSocketAddress address);

    /** Whether the kernel's clock is kept by NTP. */
    boolean clockSynchronized();

    boolean hasIpsecMb();
}
