package org.culvert.tun;

import org.jspecify.annotations.Nullable;

/**
 * What one {@link UdpLink#receive} brought: one datagram or several of equal size from one sender. Reused from call to
 * call by one thread, which is why its fields are open.
 */
public final class Datagrams {
    /** Bytes of each datagram but the last, which may be shorter; all bytes received when there is one. */
    public int segmentBytes;

    /** Sender's address, IPv4 as v4-mapped IPv6. */
    public long remoteHigh;

    public long remoteLow;
    public int remotePort;

    /** Interface index of a link-local sender, else 0. */
    public int remoteScope;

    /** The address the datagrams were sent to, from IP_PKTINFO or IPV6_PKTINFO, in the same form. */
    public long localHigh;

    public long localLow;

    /** Interface index the datagrams arrived at when the local address is link-local, else 0. */
    public int localInterface;

    /** DSCP and ECN of the outer header; datagrams that differ in it are not put together. */
    public int trafficClass;

    private @Nullable Endpoint last;

    /** Whether these datagrams came over this way: same sender, same address and interface on our side. */
    public boolean sameRemote(Endpoint e) {
        return e.remoteLow() == remoteLow
                && e.remotePort() == remotePort
                && e.remoteHigh() == remoteHigh
                && e.remoteScope() == remoteScope
                && e.localLow() == localLow
                && e.localHigh() == localHigh
                && e.localInterface() == localInterface;
    }

    /** The way back to the sender. Allocates only when it differs from the last one asked for. */
    public Endpoint endpoint() {
        Endpoint e = last;
        if (e == null || !sameRemote(e)) {
            e = new Endpoint(remoteHigh, remoteLow, remotePort, remoteScope, localHigh, localLow, localInterface);
            last = e;
        }
        return e;
    }
}
