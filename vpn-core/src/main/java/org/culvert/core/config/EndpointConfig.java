package org.culvert.core.config;

/**
 * Where a peer is to be found.
 *
 * @param host IPv4 or IPv6 literal (no brackets), or a host name; never a name that an old resolver would take for a number
 * @param port UDP, 1 to 65535
 */
public record EndpointConfig(String host, int port) {
    /** Whether the host is an address; else a resolver has to be asked. */
    public boolean isLiteral() {
        return host.indexOf(':') >= 0 || HostPort.ipv4(host) != null;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
