/**
 * Multicast groups that several LANs share: who is a member ({@link org.culvert.core.group.Group}), which of a LAN's packets go to the
 * others ({@link org.culvert.core.packet.GroupPacket}), how many ({@link org.culvert.core.pace.Pace}), and how a packet that comes
 * back is known ({@link org.culvert.core.group.Returned}). Pure: no I/O; vpn-core/doc/groups.md has the rules and why.
 */
@NullMarked
package org.culvert.core.group;

import org.jspecify.annotations.NullMarked;
