package org.culvert.tun;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP way to a peer: its address and port, and the address and interface of ours to send from. Immutable.
 *
 * @param remoteHigh peer's address, IPv4 as v4-mapped IPv6 (RFC 4291 section 2.5.5.2): here 0
 * @param remoteLow second half of it: for IPv4 0xffff and the four bytes
 * @param remotePort 1 to 65535, or 0 as a stranger's datagram may claim: sending there fails, nothing else does
 * @param remoteScope interface index of a link-local address, else 0
 * @param localHigh our address in the same form; both halves zero: the kernel chooses
 * @param localInterface interface index that goes with a link-local address of ours, else 0: routing decides
 */
public record Endpoint(
        long remoteHigh,
        long remoteLow,
        int remotePort,
        int remoteScope,
        long localHigh,
        long localLow,
        int localInterface) {

    private static final long MAPPED = 0xffff_0000_0000L;

    public Endpoint {
        if (remotePort < 0 || remotePort > 0xffff) {
            throw new IllegalArgumentException("port " + remotePort + " is not within 0 to 65535");
        }
    }

    /** A way whose local side the kernel chooses. */
    public static Endpoint of(InetSocketAddress remote) {
        InetAddress address = remote.getAddress();
        if (address == null) {
            throw new IllegalArgumentException(remote.getHostString() + " is not resolved");
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        if (bytes.remaining() == 4) {
            return new Endpoint(0, MAPPED | Integer.toUnsignedLong(bytes.getInt()), remote.getPort(), 0, 0, 0, 0);
        }
        int scope = ((Inet6Address) address).getScopeId();
        return new Endpoint(bytes.getLong(), bytes.getLong(), remote.getPort(), scope, 0, 0, 0);
    }

    public InetSocketAddress remote() {
        byte[] bytes =
                ByteBuffer.allocate(16).putLong(remoteHigh).putLong(remoteLow).array();
        try {
            InetAddress address = remoteScope == 0
                    ? InetAddress.getByAddress(bytes)
                    : Inet6Address.getByAddress(null, bytes, remoteScope);
            return new InetSocketAddress(address, remotePort);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("16 bytes are an address", impossible);
        }
    }

    /** Whether our side of the way is set. */
    public boolean hasLocal() {
        return localLow != 0 || localHigh != 0;
    }

    /** The same way with our side left to the kernel. */
    public Endpoint fromAnyLocal() {
        return new Endpoint(remoteHigh, remoteLow, remotePort, remoteScope, 0, 0, 0);
    }

    /** Whether the other end has the same address and port, wherever we are spoken to. */
    public boolean sameRemote(@Nullable Endpoint other) {
        return other != null
                && remoteHigh == other.remoteHigh
                && remoteLow == other.remoteLow
                && remotePort == other.remotePort;
    }

    public boolean ipv4() {
        return mapped(remoteHigh, remoteLow);
    }

    /** {@code 192.0.2.2} or {@code 2001:db8::1}: the peer's address alone, canonical. */
    public String address() {
        return ipv4() ? AddressText.ipv4((int) remoteLow) : AddressText.ipv6(remoteHigh, remoteLow);
    }

    /** {@code 192.0.2.2:1640} or {@code [2001:db8::1]:1640}, canonical as RFC 5952 wants it; ours is not shown. */
    @Override
    public String toString() {
        if (ipv4()) {
            return AddressText.ipv4((int) remoteLow) + ":" + remotePort;
        }
        String scope = remoteScope == 0 ? "" : "%" + remoteScope;
        return "[" + AddressText.ipv6(remoteHigh, remoteLow) + scope + "]:" + remotePort;
    }

    static boolean mapped(long high, long low) {
        return high == 0 && (low >>> 32) == 0xffff;
    }
}
