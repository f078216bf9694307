package org.culvert.core.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.culvert.keymgmt.Prefix;

/** What the peers read so far have, because no two may have the same. Networks inside one another are fine: the longest wins. */
final class Claims {
    private final Map<String, Integer> names = new HashMap<>();
    private final Map<Prefix, String> networks = new HashMap<>();
    private final Map<Path, String> certificates = new HashMap<>();

    String name(String name, int line) throws BadValue {
        Integer first = names.putIfAbsent(name, line);
        if (first != null) {
            throw new BadValue(
                    "there is a peer `" + name + "` already, on line " + first,
                    "give each peer the name in its certificate");
        }
        return name;
    }

    Prefix network(Prefix network, String peer) throws BadValue {
        String owner = networks.putIfAbsent(network, peer);
        if (owner != null && !owner.equals(peer)) {
            throw new BadValue(
                    network + " is a network of peer `" + owner + "` already", "a network is behind one peer");
        }
        return network;
    }

    Path certificate(Path certificate, String peer) throws BadValue {
        String owner = certificates.putIfAbsent(certificate, peer);
        if (owner != null) {
            throw new BadValue(
                    "`" + certificate.getFileName() + "` is the certificate of peer `" + owner + "` already",
                    "name this peer's own");
        }
        return certificate;
    }
}
