package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Switches below /proc/sys that decide whether hosts behind the gateway are served. Of the network namespace we run in. */
public final class KernelSettings {
    /** rp_filter: the way back must lead through the interface the packet came from. */
    public static final int STRICT = 1;

    private static final Path IPV4 = Path.of("/proc/sys/net/ipv4");
    private static final Path IPV6 = Path.of("/proc/sys/net/ipv6");

    private KernelSettings() {}

    public static boolean forwardsIpv4() {
        return number(IPV4.resolve("ip_forward")) == 1;
    }

    public static boolean forwardsIpv6() {
        return number(IPV6.resolve("conf/all/forwarding")) == 1;
    }

    /** What holds for packets that come in there: the kernel takes the larger of the two (ip-sysctl.rst). */
    public static int reversePathFilter(String interfaceName) {
        return Math.max(
                number(IPV4.resolve("conf/all/rp_filter")),
                number(IPV4.resolve("conf").resolve(interfaceName).resolve("rp_filter")));
    }

    /** 0 where there is no such switch. */
    private static int number(Path setting) {
        try {
            return Integer.parseInt(Files.readString(setting).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
