package org.culvert.core.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.culvert.core.demo.Gateway;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.Settings;
import org.culvert.core.demo.Site;

/** A site and the daemon on its gateway. */
record Office(Site site, Gateway daemon) {
    Office(Site site, Path folder) {
        this(site, new Gateway(Product.CULVERT, site.gateway(), folder.resolve(site.name())));
    }

    Namespace host() {
        return site.host();
    }

    Namespace gateway() {
        return site.gateway();
    }

    String name() {
        return site.name();
    }

    void configure(Office peer, String listen, String endpoint) throws IOException {
        Path config = daemon.config();
        Files.writeString(config, Settings.text(peer.site, config.resolveSibling(""), listen, endpoint));
    }

    /** Changes one line's worth of the configuration. */
    void reconfigure(String from, String to) throws IOException {
        String before = Files.readString(daemon.config());
        if (!before.contains(from)) {
            throw new IllegalArgumentException("not in the configuration: " + from);
        }
        Files.writeString(daemon.config(), before.replace(from, to));
    }

    /** Pings another site's host from this one's, IPv4. */
    Pings ping(Office other, int count, String... options) throws Exception {
        return Pings.send(host(), other.site.host4(), count, options);
    }

    Pings ping6(Office other, int count, String... options) throws Exception {
        return Pings.send(host(), other.site.host6(), count, options);
    }
}
