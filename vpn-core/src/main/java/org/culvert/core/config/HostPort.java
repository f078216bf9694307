package org.culvert.core.config;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.culvert.keymgmt.Prefix;
import org.jspecify.annotations.Nullable;

/** Reads "host:port" and "[IPv6]:port", strictly: what two programs could read as two addresses is refused. Asks no resolver. */
final class HostPort {
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final Pattern NUMERIC_IPV6 = Pattern.compile("[0-9A-Fa-f:.]+");
    private static final int LONGEST_NAME = 253; // RFC 1035 section 2.3.4, without the root's dot

    private HostPort() {}

    /** SKIP's discovery port (cert-responder), on every IPv4 address of the host. */
    static final InetSocketAddress ANY_IPV4 = new InetSocketAddress(address(new byte[4]), 1640);

    static EndpointConfig endpoint(String text) throws BadValue {
        String form = "write 192.0.2.2:1640, [2001:db8::2]:1640 or gw.example.org:1640";
        Parts parts = split(text, form);
        int port = port(parts, 1, form);
        InetAddress literal = literal(parts, form);
        if (literal == null) {
            return new EndpointConfig(name(parts.host, form), port);
        }
        if (literal.isAnyLocalAddress() || literal.isMulticastAddress() || isBroadcast(literal)) {
            throw new BadValue(
                    "`" + text + "` is not the address of one host", "write the address the peer listens on");
        }
        return new EndpointConfig(text(literal), port);
    }

    static InetSocketAddress listen(String text) throws BadValue {
        String form = "write 0.0.0.0:1640 for IPv4, [::]:1640 for both families, or one address of this host";
        Parts parts = split(text, form);
        int port = port(parts, 0, form);
        InetAddress literal = literal(parts, form);
        if (literal == null) {
            throw new BadValue("`" + text + "` is not an address to listen on: names are not resolved here", form);
        }
        if (literal.isMulticastAddress() || isBroadcast(literal)) {
            throw new BadValue("`" + text + "` is not an address of one host", form);
        }
        return new InetSocketAddress(literal, port);
    }

    /** The address of a dotted quad, or null. The JDK's own reading takes "10.1" for 10.0.0.1. */
    static @Nullable InetAddress ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            boolean plain = DIGITS.matcher(parts[i]).matches()
                    && parts[i].length() <= 3
                    && (parts[i].length() == 1 || parts[i].charAt(0) != '0'); // 010 is 8 to some
            int octet = plain ? Integer.parseInt(parts[i]) : 256;
            if (octet > 255) {
                return null;
            }
            bytes[i] = (byte) octet;
        }
        return address(bytes);
    }

    private record Parts(String host, String port, boolean bracketed) {}

    private static Parts split(String text, String form) throws BadValue {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0 || !text.startsWith(":", end + 1)) {
                throw new BadValue("`" + text + "` has no ]: before the port", form);
            }
            return new Parts(text.substring(1, end), text.substring(end + 2), true);
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new BadValue("`" + text + "` has no port", form);
        }
        if (text.indexOf(':') < colon) {
            if (!NUMERIC_IPV6.matcher(text).matches()) {
                throw new BadValue("`" + text + "` has more than one colon", form);
            }
            String host = text.substring(0, colon);
            throw new BadValue(
                    "`" + text + "` is an IPv6 address without brackets",
                    "write [" + host + "]:" + text.substring(colon + 1) + " if the last number is the port");
        }
        return new Parts(text.substring(0, colon), text.substring(colon + 1), false);
    }

    private static int port(Parts parts, int least, String form) throws BadValue {
        boolean plain = DIGITS.matcher(parts.port).matches() && parts.port.length() <= 5;
        int port = plain ? Integer.parseInt(parts.port) : -1;
        if (port < least || port > 65_535) {
            throw new BadValue("`" + parts.port + "` is not a port from " + least + " to 65535", form);
        }
        return port;
    }

    /** Null when the host is a name. */
    private static @Nullable InetAddress literal(Parts parts, String form) throws BadValue {
        if (!parts.bracketed) {
            InetAddress address = ipv4(parts.host);
            String last = parts.host.substring(parts.host.lastIndexOf('.') + 1);
            if (address == null && DIGITS.matcher(last).matches()) {
                // A resolver may well take 10.1.2 for 10.1.0.2; no top-level domain is a number (RFC 1123 section 2.1).
                throw new BadValue(
                        "`" + parts.host + "` is not an IPv4 address",
                        "write four numbers from 0 to 255, without leading zeros");
            }
            return address;
        }
        if (parts.host.indexOf('%') >= 0) {
            throw new BadValue("`" + parts.host + "` has a zone", "use an address that is not link-local");
        }
        try {
            InetAddress address = Inet6Address.ofLiteral(parts.host);
            if (address instanceof Inet6Address six) {
                if (six.isLinkLocalAddress()) {
                    throw new BadValue(
                            "`" + parts.host + "` is link-local, so it has no meaning without a zone",
                            "use an address that is not link-local");
                }
                return six;
            }
            throw new BadValue(
                    "`" + parts.host + "` is an IPv4 address in IPv6 form", "write it as IPv4, without brackets");
        } catch (IllegalArgumentException e) {
            throw new BadValue("`" + parts.host + "` is not an IPv6 address", form);
        }
    }

    private static String name(String host, String form) throws BadValue {
        String relative = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        boolean good = !relative.isEmpty() && relative.length() <= LONGEST_NAME;
        for (String label : relative.split("\\.", -1)) {
            good &= LABEL.matcher(label).matches();
        }
        if (!good) {
            throw new BadValue("`" + host + "` is neither an address nor a host name", form);
        }
        return host;
    }

    private static boolean isBroadcast(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1;
    }

    /** Canonical, for IPv6 as RFC 5952 writes it: so do messages everywhere. */
    static String text(InetAddress address) {
        String prefix = Prefix.of(address, address.getAddress().length * 8).toString();
        return prefix.substring(0, prefix.indexOf('/'));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return Inet4Address.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are always an address", e);
        }
    }
}
