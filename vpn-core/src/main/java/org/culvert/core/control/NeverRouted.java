package org.culvert.core.control;

import java.util.List;
import java.util.stream.Stream;
import org.culvert.keymgmt.Prefix;

/**
 * Sources that no peer may ever use, whatever its certificate says (design.md section 4): a packet "from" one of these would be
 * taken for the gateway's own, or for everybody's.
 */
final class NeverRouted {
    static final List<Prefix> PREFIXES = Stream.of(
                    "0.0.0.0/8", // "this host" (RFC 6890)
                    "127.0.0.0/8", // loopback
                    "169.254.0.0/16", // link-local
                    "224.0.0.0/4", // multicast
                    "255.255.255.255/32", // broadcast
                    "::/128", // unspecified
                    "::1/128", // loopback
                    "fe80::/10", // link-local
                    "ff00::/8") // multicast
            .map(Prefix::parse)
            .toList();

    private NeverRouted() {}
}
