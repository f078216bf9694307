package org.culvert.core.status;

import java.util.List;
import java.util.Map;

/**
 * A multicast group.
 *
 * @param members names of peers
 * @param interfaces on which it is joined; empty: nothing is heard
 * @param packetsPerSecond at most, in each direction
 * @param sent heard on the LAN and handed on to be sealed for each member
 * @param received from members and sent on the LAN
 * @param drops by reason: all reasons, zero included
 */
public record GroupStatus(
        String address,
        List<String> members,
        List<String> interfaces,
        int packetsPerSecond,
        Traffic sent,
        Traffic received,
        Map<String, Long> drops) {
    public GroupStatus {
        members = List.copyOf(members);
        interfaces = List.copyOf(interfaces);
        drops = GatewayStatus.ordered(drops);
    }

    /** Packets and their bytes. */
    public record Traffic(long packets, long bytes) {}
}
