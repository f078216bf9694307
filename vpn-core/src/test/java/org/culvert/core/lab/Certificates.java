package org.culvert.core.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.culvert.core.demo.Issuing;
import org.culvert.core.demo.Programs;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostKey;

/** A CA and certificates for both sites, made once in each JVM of the tests by the real commands, and copied from then on. */
public final class Certificates {
    private static final Path MADE = Path.of("target/lab-certificates-" + System.getProperty("lab.fork", "0"))
            .toAbsolutePath();
    private static boolean made;

    private Certificates() {}

    /** Puts {@code ca/}, {@code tokyo/} and {@code birlinghoven/} into a folder. */
    public static synchronized void copyTo(Path folder) throws IOException {
        if (!made) {
            Product.deleteTree(MADE);
            Files.createDirectories(MADE);
            make(MADE, "Big Bucks CA");
            made = true;
        }
        try (Stream<Path> files = Files.walk(MADE)) {
            for (Path file : files.toList()) {
                Path to = folder.resolve(MADE.relativize(file).toString());
                if (!Files.isDirectory(to)) {
                    Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** A CA of its own in {@code folder/ca}, and both sites' certificates beside it. */
    public static void make(Path folder, String authority) throws IOException {
        Programs.runIn(folder, Issuing.makeAuthority(Product.CULVERT, "ca", authority))
                .succeeded();
        issue(folder, "tokyo", "tokyo", List.of("10.1.0.0/24", "fd00:1::/64"));
        issue(folder, "birlinghoven", "birlinghoven", List.of("10.2.0.0/24", "fd00:2::/64"));
    }

    /** A certificate with other networks for the key that lies in {@code folder/place} already. */
    public static void renew(Path folder, String place, String name, List<String> networks)
            throws IOException, CredentialException {
        HostRequest.create(
                        name,
                        networks.stream().map(Prefix::parse).toList(),
                        List.of(),
                        HostKey.read(folder.resolve(place).resolve("host.key")))
                .write(folder.resolve(place).resolve("host.csr"), true);
        Programs.runIn(folder, Issuing.sign(Product.CULVERT, "ca", place)).succeeded();
    }

    /**
     * A certificate for the key in {@code folder/place} that ended a day ago, into {@code folder/old}, from an authority
     * {@code folder/old-ca} of its own: the others' are too young to have signed it.
     */
    public static void expired(Path folder, String place) throws IOException {
        Path old = Files.createDirectories(folder.resolve("old"));
        Files.copy(
                folder.resolve(place).resolve("host.csr"),
                old.resolve("host.csr"),
                StandardCopyOption.REPLACE_EXISTING);
        var make = new ArrayList<>(List.of("faketime", "-f", "-3d"));
        make.addAll(Issuing.makeAuthority(Product.CULVERT, "old-ca", "Old Bucks CA"));
        var sign = new ArrayList<>(List.of("faketime", "-f", "-2d"));
        sign.addAll(Issuing.sign(Product.CULVERT, "old-ca", "old"));
        sign.add("--days=1");
        Programs.runIn(folder, make).succeeded();
        Programs.runIn(folder, sign).succeeded();
    }

    /** One more certificate from the CA in {@code folder/ca}, into {@code folder/place}. */
    public static void issue(Path folder, String place, String name, List<String> networks) throws IOException {
        Programs.runIn(folder, Issuing.request(Product.CULVERT, place, name, networks))
                .succeeded();
        Programs.runIn(folder, Issuing.sign(Product.CULVERT, "ca", place)).succeeded();
    }
}
