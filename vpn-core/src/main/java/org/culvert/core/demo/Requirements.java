package org.culvert.core.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What two sites on one machine need from it. Stateless. */
public final class Requirements {
    private Requirements() {}

    /** The first thing that is missing, with its remedy; empty when two sites can be made here. */
    public static Optional<String> missing() throws IOException {
        if (!isRoot()) {
            return Optional.of("not root: network namespaces and TUN devices need it; run it with sudo");
        }
        if (Programs.find("ip").isEmpty()) {
            return Optional.of("there is no command `ip`: install the package iproute2");
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            return Optional.of(
                    "there is no /dev/net/tun: run `modprobe tun`; a container needs --device /dev/net/tun and"
                            + " --cap-add NET_ADMIN,SYS_ADMIN");
        }
        return Optional.empty();
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0); // the effective user's
    }
}
