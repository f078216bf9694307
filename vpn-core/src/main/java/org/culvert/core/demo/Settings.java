package org.culvert.core.demo;

import java.nio.file.Path;

/** The configuration of one gateway. Stateless. */
public final class Settings {
    private Settings() {}

    /**
     * What culvert.toml of a gateway holds whose key and certificate lie beside it, those of the peer in a folder named
     * like the peer next to its own, and the CA's in {@code ca}.
     *
     * @param folder the gateway's own, absolute
     * @param listen address and port
     * @param endpoint of the peer
     */
    public static String text(Site peer, Path folder, String listen, String endpoint) {
        return """
                [gateway]
                key         = "host.key"
                certificate = "host.crt"
                trust       = "../ca/ca.crt"
                listen      = "%s"
                control     = "%s/run/culvert.sock"
                state       = "culvert.state"

                [[peer]]
                name        = "%s"
                certificate = "../%s/host.crt"
                endpoint    = "%s"
                """.formatted(listen, folder, peer.name(), peer.name(), endpoint);
    }
}
