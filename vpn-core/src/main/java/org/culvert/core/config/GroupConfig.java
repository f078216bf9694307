package org.culvert.core.config;

import java.net.InetAddress;
import java.util.List;

/**
 * One [[group]].
 *
 * @param address multicast, never one that hosts and routers of a link use among themselves
 * @param members names of configured peers; never empty
 * @param packetsPerSecond at most, in each direction
 * @param linkLocal the address is one that no router passes on
 */
public record GroupConfig(
        InetAddress address, List<String> members, int packetsPerSecond, boolean linkLocal, Lines lines) {
    public GroupConfig {
        members = List.copyOf(members);
    }

    /** As a configuration has it. */
    public String text() {
        return HostPort.text(address);
    }
}
