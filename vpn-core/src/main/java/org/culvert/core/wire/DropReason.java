package org.culvert.core.wire;

import java.util.Locale;

/**
 * Why a packet went no further. Each received datagram ends in exactly one of "ok" or one inbound reason, each packet
 * from the TUN in "ok" or one outbound reason, so that the counters add up. In the order of the
 * checks.
 */
public enum DropReason {
    /** Shorter than header, inner word and tag of any suite, or than its own suite's. */
    SHORT,
    /** Not version 1: another protocol, or a peer from the future. */
    VERSION,
    /** No message of version 1. */
    TYPE,
    /** A discovery message that found the ring to its thread full. */
    DISCOVERY_BUSY,
    /** A discovery message that cannot be read, or a request shorter than what it would bring. */
    DISCOVERY_MALFORMED,
    /** A request for certificates that are not handed out here. */
    DISCOVERY_OFF,
    /** A request beyond what is answered, of one source or of all. */
    DISCOVERY_LIMITED,
    /** A reply to nothing that we asked, or that was answered already. */
    DISCOVERY_UNASKED,
    /** A chain that came whole, or nearly, and is not what the peer should have. */
    DISCOVERY_REFUSED,
    /** No peer of ours sends under this SPI in these hours: a stranger, a revoked or expired certificate, or a clock that is hours off. */
    UNKNOWN_SPI,
    /** The header's suite is not the one its SPI was computed for. */
    SUITE,
    /** This packet number of this instance was received before, or is too far behind the newest to tell. */
    REPLAY,
    /** The tag is wrong: forged, damaged on the way, or sealed under another key. */
    AUTH,
    /** The time inside is beyond the end of its hour. */
    TIME,
    /** Sent before the oldest moment this gateway still accepts from that peer: an old recording, or a clock that went back. */
    BEFORE_FLOOR,
    /** Opened, but held back on the way for more than a minute. */
    LATE,
    /** It opened under static keys, which carry no data with this peer: recorded, forged with a stolen key, or from a peer in mode off. */
    NO_FORWARD_SECRECY,
    /** Compressed, which this peer's configuration here does not have; or damaged, or larger than a packet can be. */
    COMPRESSED,
    /** The inner word names no kind we know, or another IP version than the packet has. */
    INNER_VERSION,
    /** The IP header's length or total length is not exactly what arrived. */
    INNER_LENGTH,
    /** Marked as having a partial checksum, but it is no unfragmented TCP or UDP packet. */
    BAD_PARTIAL,
    /** The source address does not belong to the peer that sent it. */
    INNER_SOURCE,
    /** The destination is not in our own networks, and this peer has no transit. */
    NOT_FOR_US,
    /** For a multicast group of ours that does not name the sender as a member. */
    NOT_A_MEMBER,
    /** For a multicast group, but there was no room on its way to the LAN. */
    GROUP_FULL,
    /** No rule allows it, and it answers nothing that one allowed. */
    POLICY_IN,
    /** Marked "congestion experienced" on the way, but its sender knows no other sign of congestion than loss (RFC 6040). */
    CONGESTION,
    /** A control message for which the peer's queue had no room. */
    CONTROL_FULL,
    /** A control message that cannot be read, or that answers nothing we asked. */
    CONTROL_UNEXPECTED,
    /** The kernel refused the packet at the TUN device. */
    TUN_WRITE,

    /** What the TUN gave is no whole IP packet, or a super-packet that cannot be cut. */
    TX_MALFORMED,
    /** For this link, for many or for nobody: what a kernel says on every interface (MLD, where it forwards IPv6), no peer's. */
    TX_LOCAL,
    /** No peer's networks contain the destination. */
    TX_NO_ROUTE,
    /** The source is outside our own certificate's networks, so that the peer would refuse it: NAT is missing, or a LAN is not certified. */
    TX_SOURCE,
    /** No rule allows it to leave for that peer, and it answers nothing that one allowed. */
    TX_POLICY,
    /** The peer has no address configured and has not been heard from. */
    TX_NO_ENDPOINT,
    /** No keys with this peer: its certificate or ours is expired, revoked or refused. */
    TX_NO_KEYS,
    /** Sealed, it does not fit the path to the peer and may not be fragmented. */
    TX_TOO_BIG,
    /** The kernel refused the datagram. */
    TX_SOCKET,
    /** The socket's buffer stayed full. */
    TX_BUSY;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in counters, JSON and documents; it never changes. */
    public String label() {
        return label;
    }

    /** Whether it befalls what came from a peer; otherwise what came from our own LAN. */
    public boolean inbound() {
        return compareTo(TX_MALFORMED) < 0;
    }
}
