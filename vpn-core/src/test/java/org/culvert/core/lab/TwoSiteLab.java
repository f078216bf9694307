package org.culvert.core.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.culvert.core.demo.TwoSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/**
 * A test class with two sites of its own, shared by its tests:
 *
 * <pre>
 *  tokyo-lan               tokyo                    wan                birlinghoven           birlinghoven-lan
 * +-----------+      +---------------+       +----------------+      +---------------+      +-----------+
 * | host eth0 |------| lan0     wan0 |-------| tokyo    birl. |------| wan0     lan0 |------| eth0 host |
 * +-----------+      +---------------+       +----------------+      +---------------+      +-----------+
 *  10.1.0.11       10.1.0.1    192.0.2.2  192.0.2.1   198.51.100.1  198.51.100.2   10.2.0.1       10.2.0.12
 *  fd00:1::11     fd00:1::1 2001:db8:1::2 ...:1::1     ...:2::1  2001:db8:2::2    fd00:2::1      fd00:2::12
 * </pre>
 *
 * Configuration and logs stay in target/lab/CLASS. Everything else goes at the end, whatever happened.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TwoSiteLab {
    static final int PORT = 1640;

    Path folder;
    TwoSites sites;
    Office tokyo;
    Office birlinghoven;

    /** Programs the class calls beside {@code ip}, as {@link LabMachine#require} wants them. */
    String[] programs() {
        return new String[] {"ping/iputils-ping"};
    }

    @BeforeAll
    final void build() throws Exception {
        LabMachine.require(programs());
        folder = Path.of("target/lab", getClass().getSimpleName()).toAbsolutePath();
        Product.deleteTree(folder);
        Files.createDirectories(folder);
        Certificates.copyTo(folder);
        sites = TwoSites.create("cv" + ProcessHandle.current().pid());
        Runtime.getRuntime().addShutdownHook(new Thread(this::removeQuietly));
        tokyo = new Office(sites.tokyo(), folder);
        birlinghoven = new Office(sites.birlinghoven(), folder);
        prepare();
    }

    /** What the class does before its first test: by default both daemons run, IPv4 outside. */
    void prepare() throws Exception {
        tokyo.configure(birlinghoven, "0.0.0.0:1640", "198.51.100.2:1640");
        birlinghoven.configure(tokyo, "0.0.0.0:1640", "192.0.2.2:1640");
        startBoth();
    }

    final void startBoth() throws Exception {
        tokyo.daemon().start();
        birlinghoven.daemon().start();
        tokyo.daemon().awaitReady();
        birlinghoven.daemon().awaitReady();
    }

    @AfterAll
    final void remove() throws IOException {
        if (sites != null) {
            sites.close();
        }
    }

    private void removeQuietly() {
        try {
            remove();
        } catch (IOException e) {
            System.err.println("the lab was not removed: " + e.getMessage());
        }
    }
}
