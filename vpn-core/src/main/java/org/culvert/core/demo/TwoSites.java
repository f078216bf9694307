package org.culvert.core.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Two offices and the internet, each machine a network namespace named {@code PREFIX-MACHINE}:
 *
 * <pre>
 *  tokyo-lan               tokyo                    wan                birlinghoven           birlinghoven-lan
 * +-----------+      +---------------+       +----------------+      +---------------+      +-----------+
 * | host eth0 |------| lan0     wan0 |-------| tokyo    birl. |------| wan0     lan0 |------| eth0 host |
 * +-----------+      +---------------+       +----------------+      +---------------+      +-----------+
 *  10.1.0.11       10.1.0.1    192.0.2.2  192.0.2.1   198.51.100.1  198.51.100.2   10.2.0.1       10.2.0.12
 *  fd00:1::11     fd00:1::1 2001:db8:1::2 ...:1::1     ...:2::1  2001:db8:2::2    fd00:2::1      fd00:2::12
 * </pre>
 *
 * The gateways forward, and everything they have no route for goes to the WAN in clear: what leaks is seen there. The
 * WAN knows the two outer networks only. Nothing outside the namespaces is touched. One thread.
 */
public final class TwoSites implements AutoCloseable {
    private final String prefix;
    private final Deque<Namespace> namespaces = new ArrayDeque<>();
    private final boolean ipv6 = Files.exists(Path.of("/proc/sys/net/ipv6"));
    private final Namespace wan;
    private final Site tokyo;
    private final Site birlinghoven;

    private TwoSites(String prefix) throws Exception {
        this.prefix = prefix;
        try {
            wan = namespace("wan");
            forward(wan);
            tokyo = site("tokyo", 1, "192.0.2");
            birlinghoven = site("birlinghoven", 2, "198.51.100");
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** Makes all of it; the prefix should carry the pid, so that two labs do not meet. */
    public static TwoSites create(String prefix) throws Exception {
        return new TwoSites(prefix);
    }

    public String prefix() {
        return prefix;
    }

    /** Between the gateways; its interfaces are named after the sites they lead to. */
    public Namespace wan() {
        return wan;
    }

    public Site tokyo() {
        return tokyo;
    }

    public Site birlinghoven() {
        return birlinghoven;
    }

    /** False on a kernel started without IPv6; then everything is IPv4 only. */
    public boolean ipv6() {
        return ipv6;
    }

    /** One more office, with its own link to the WAN. */
    public Site site(String name, int number, String outside) throws Exception {
        Site site = new Site(name, number, outside, namespace(name + "-lan"), namespace(name));
        forward(site.gateway());
        site.host().ip("""
                link add eth0 type veth peer name lan0 netns %s
                address add %s/24 dev eth0
                link set eth0 up
                """.formatted(site.gateway().name(), site.host4()));
        site.gateway().ip("""
                link add wan0 type veth peer name %s netns %s
                address add %s/24 dev lan0
                address add %s/24 dev wan0
                link set lan0 up
                link set wan0 up
                """.formatted(name, wan.name(), site.lan4(), site.wan4()));
        wan.ip("""
                address add %s/24 dev %s
                link set %s up
                """.formatted(site.router4(), name, name));
        site.host().ip("route add default via " + site.lan4());
        site.gateway().ip("route add default via " + site.router4());
        if (ipv6) {
            addIpv6(site);
        }
        return site;
    }

    private void addIpv6(Site site) throws Exception {
        site.host().ip("address add %s/64 dev eth0 nodad".formatted(site.host6()));
        site.gateway().ip("""
                address add %s/64 dev lan0 nodad
                address add %s/64 dev wan0 nodad
                """.formatted(site.lan6(), site.wan6()));
        wan.ip("address add %s/64 dev %s nodad".formatted(site.router6(), site.name()));
        site.host().ip("route add default via " + site.lan6());
        site.gateway().ip("route add default via " + site.router6());
    }

    private static void forward(Namespace namespace) throws Exception {
        namespace.sysctl("net/ipv4/ip_forward", 1);
        namespace.sysctl("net/ipv6/conf/all/forwarding", 1);
    }

    private Namespace namespace(String machine) throws Exception {
        Namespace namespace = Namespace.create(prefix + "-" + machine);
        namespaces.push(namespace);
        return namespace;
    }

    public List<Namespace> namespaces() {
        return List.copyOf(namespaces);
    }

    /** Ends every process in the namespaces and removes them. Safe to call again. */
    @Override
    public void close() throws IOException {
        while (!namespaces.isEmpty()) {
            namespaces.pop().close();
        }
    }
}
