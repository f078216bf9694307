package org.culvert.tun;

/** Whether what a UDP socket sends may be fragmented: IP_MTU_DISCOVER and IPV6_MTU_DISCOVER (ip(7), ipv6(7)). */
public enum Fragmentation {
    /** By the kernel, to what it learned of the path from ICMP, which anybody can forge; "don't fragment" on what fits. */
    KERNEL(1),
    /** By nobody: "don't fragment" on all, ICMP is not believed, and only what the egress link cannot carry is refused (EMSGSIZE). */
    NEVER(3),
    /** By anybody on the way (IPv6: by the kernel only). */
    ANYWHERE(0);

    private final int option;

    Fragmentation(int option) {
        this.option = option;
    }

    /** IP_PMTUDISC_WANT, _PROBE and _DONT of linux/in.h; linux/in6.h has the same numbers. */
    int option() {
        return option;
    }
}
