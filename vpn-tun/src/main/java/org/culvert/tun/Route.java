package org.culvert.tun;

import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A route of the main table.
 *
 * @param destination network address, host bits zero
 * @param prefixLength 0 to 32 or 0 to 128
 * @param interfaceIndex 0: none, as for {@link Kind#UNREACHABLE}
 * @param preferredSource address the machine itself uses when it sends there; null: the kernel chooses
 * @param gateway next hop; null: directly connected
 * @param metric 0 to 2^32-1, lower wins. 0 is the kernel's default, which for IPv6 is 1024 and is read back as such
 * @param protocol who made it: {@link Netlink#PROTOCOL_CULVERT}, 2 the kernel, 4 an administrator (rtnetlink.h)
 * @param mtuBytes 0: the interface's
 */
public record Route(
        InetAddress destination,
        int prefixLength,
        Kind kind,
        int interfaceIndex,
        @Nullable InetAddress preferredSource,
        @Nullable InetAddress gateway,
        long metric,
        int protocol,
        int mtuBytes) {

    /** What happens to a packet that takes the route. */
    public enum Kind {
        /** Leaves by the interface. */
        UNICAST,
        /** Is for this machine itself; only from {@link Netlink#routeTo}. */
        LOCAL,
        /** Is refused with an ICMP host unreachable. */
        UNREACHABLE,
        /** Anything else the kernel knows: blackhole, prohibit, throw, multicast ... Read, never written. */
        OTHER
    }

    public Route {
        int addressBits = destination.getAddress().length * 8;
        if (prefixLength < 0 || prefixLength > addressBits) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + destination);
        }
        if (metric < 0 || metric > 0xffff_ffffL) {
            throw new IllegalArgumentException("metric " + metric + " is not within 0 to 4294967295");
        }
    }

    /** As {@code ip route} writes it: {@code unreachable 10.2.0.0/24 metric 4294967295 proto 148}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (kind != Kind.UNICAST) {
            text.append(kind.name().toLowerCase(Locale.ROOT)).append(' ');
        }
        text.append(AddressText.of(destination)).append('/').append(prefixLength);
        if (gateway != null) {
            text.append(" via ").append(AddressText.of(gateway));
        }
        append(text, " dev #", interfaceIndex);
        if (preferredSource != null) {
            text.append(" src ").append(AddressText.of(preferredSource));
        }
        append(text, " metric ", metric);
        append(text, " mtu ", mtuBytes);
        append(text, " proto ", protocol);
        return text.toString();
    }

    private static void append(StringBuilder text, String word, long value) {
        if (value != 0) {
            text.append(word).append(value);
        }
    }
}
