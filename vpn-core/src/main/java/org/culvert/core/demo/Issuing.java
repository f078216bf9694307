package org.culvert.core.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands that make a CA and two host certificates, as an administrator would type them in one folder. Stateless. */
public final class Issuing {
    private Issuing() {}

    public static List<String> makeAuthority(String culvert, String folder, String name) {
        return List.of(culvert, "ca", "init", "--dir", folder, "--name", name, "--no-passphrase");
    }

    /** Makes key and request in a folder of the gateway's own. */
    public static List<String> request(String culvert, String folder, String name, List<String> networks) {
        var command = new ArrayList<>(List.of(culvert, "host", "request", "--dir", folder, "--name", name));
        for (String network : networks) {
            command.add("--network");
            command.add(network);
        }
        return command;
    }

    public static List<String> sign(String culvert, String authority, String folder) {
        return List.of(
                culvert,
                "ca",
                "sign",
                "--dir",
                authority,
                "--yes",
                "--out",
                Path.of(folder, "host.crt").toString(),
                Path.of(folder, "host.csr").toString());
    }
}
