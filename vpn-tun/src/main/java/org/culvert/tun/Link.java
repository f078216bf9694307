package org.culvert.tun;

/**
 * A network interface as the kernel describes it.
 *
 * @param up set up by the administrator (IFF_UP)
 * @param carrier something is connected (IFF_LOWER_UP): a TUN that is up has it while a process holds it
 * @param ethernet its frames begin with an Ethernet header: also veth, bridge, VLAN, bond
 * @param kind which driver made it: "tun" (also for TAP), "veth", "bridge"; empty for hardware and loopback
 */
public record Link(
        int index,
        String name,
        int mtuBytes,
        boolean up,
        boolean carrier,
        boolean loopback,
        boolean ethernet,
        String kind) {}
