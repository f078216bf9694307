package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Debian package on a Debian of its own, which is Tokyo's gateway: installed, started, watched, upgraded, purged. */
@Timeout(480) // with debootstrap, on a busy machine
class PackageLabTest extends TwoSiteLab {
    private static final String CONFIG = "/etc/culvert/culvert.toml";
    private static final Duration RESTART = Duration.ofSeconds(30);

    private DebianMachine debian;

    @Override
    String[] programs() {
        return new String[] {
            "ping/iputils-ping",
            "debootstrap",
            "systemd-nspawn/systemd-container",
            "nsenter/util-linux",
            "dpkg-deb/dpkg"
        };
    }

    @Override
    void prepare() throws Exception {
        configureBoth();
        birlinghoven.neverAsk(); // so what it knows of the path does not help tokyo
        birlinghoven.daemon().start();
        Certificates.issue(folder, "osaka", "osaka", List.of("10.7.0.0/24"));
        FutureTask<Void> packed = new FutureTask<>(() -> {
            pack("1.0");
            pack("1.1");
            return null;
        });
        Thread.ofPlatform().daemon().name("pack").start(packed);
        Files.writeString(folder.resolve("drop-in.conf"), "[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n");
        debian = DebianMachine.boot(tokyo.gateway(), folder, folder.resolve("console"));
        birlinghoven.daemon().awaitReady();
        packed.get();
    }

    private void pack(String version) throws IOException {
        Programs.run(List.of(
                        Path.of("src/dist/package").toAbsolutePath().toString(),
                        Product.DIST.toString(),
                        version,
                        folder.toString(),
                        "deb"))
                .succeeded();
    }

    /** One after the other: each needs what the one before left, and a machine is dear. */
    @Test
    void livesItsLife() throws Exception {
        installs();
        saysWhoseTheKeyHasToBe();
        starts();
        reloads();
        runsAsAUserWithOneCapability();
        isWatched();
        stopLeavesTheGuard();
        upgradeLeavesTheGuard();
        livesWithoutCapabilities();
        purges();
    }

    private void installs() throws Exception {
        long startNs = System.nanoTime();
        Finished install = debian.sh("dpkg -i /lab/culvert_1.0_*.deb").succeeded();
        report("dpkg -i: %d ms", (System.nanoTime() - startNs) / 1_000_000);

        assertTrue(install.out().contains("culvert: write /etc/culvert/culvert.toml"), install.out());
        assertEquals(
                "inactive\n", debian.run("systemctl", "is-active", "culvert").out());
        assertEquals(
                "750 root culvert\n",
                debian.run("stat", "-c", "%a %U %G", "/etc/culvert").out());
        assertEquals(
                0, debian.run("test", "-s", "/usr/lib/culvert/lib/culvert.aot").code(), "AOT cache made");
        assertTrue(debian.run("culvert", "--version").succeeded().out().startsWith("culvert "));
        for (String file : List.of(
                "/usr/share/man/man1/culvert-ca-sign.1.gz",
                "/usr/share/man/man5/culvert.toml.5.gz",
                "/usr/share/bash-completion/completions/culvert",
                "/usr/share/doc/culvert/service.md",
                "/usr/share/doc/culvert/culvert.cdx.json")) {
            assertEquals(0, debian.run("test", "-s", file).code(), file);
        }
    }

    /** The usual mistake: root copies the files and root's they are. What the log says to do is what helps. */
    private void saysWhoseTheKeyHasToBe() throws Exception {
        debian.sh("""
                set -e
                cp /lab/tokyo/host.key /lab/tokyo/host.crt /lab/ca/ca.crt /etc/culvert
                cp /lab/birlinghoven/host.crt /etc/culvert/peers/birlinghoven.crt
                sed -i 's/192.0.2.2:1640/198.51.100.2:1640/' %1$s
                culvert check --config %1$s
                """.formatted(CONFIG)).succeeded();

        assertNotEquals(0, debian.run("systemctl", "start", "culvert").code());
        String commands = "chown culvert: /etc/culvert/host.key; chmod 600 /etc/culvert/host.key";
        awaitJournal("host.key: permission denied: it belongs to root (mode 0600), and this runs as culvert;"
                + " if culvert is the daemon's user, run as root: " + commands);
        assertEquals("2", show("ExecMainStatus"), "not tried again and again");
        debian.sh(commands).succeeded();
    }

    private void starts() throws Exception {
        debian.sh("systemctl enable --now culvert").succeeded();

        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        assertAllAnswered(tokyo.ping6(birlinghoven, 5));
        assertTrue(debian.run("culvert", "status", "--config", CONFIG)
                .succeeded()
                .out()
                .contains("birlinghoven"));
    }

    private void reloads() throws Exception {
        String pid = show("MainPID");
        debian.sh("""
                sed -i 's|^# up = .*|up = ["/usr/bin/id", "-un"]|' %1$s
                cp %1$s /root/good.toml
                """.formatted(CONFIG)).succeeded();
        debian.run("systemctl", "reload", "culvert").succeeded();
        awaitJournal("reloaded: 1 peers");

        debian.sh("sed -i 's/^endpoint/endpont/' " + CONFIG).succeeded();
        Finished broken = debian.run("systemctl", "reload", "culvert");

        assertNotEquals(0, broken.code(), "a refused reload is seen");
        awaitJournal("unknown key `endpont` in [[peer]]");
        assertEquals("active\n", debian.run("systemctl", "is-active", "culvert").out());
        assertEquals(pid, show("MainPID"));
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        debian.sh("cp /root/good.toml " + CONFIG).succeeded();
    }

    /** A line with all of these: what a program has said is there a moment later. */
    private void awaitJournal(String... parts) throws Exception {
        Await.until(
                "the journal has " + List.of(parts),
                RESTART,
                () -> journal().lines().anyMatch(line -> Stream.of(parts).allMatch(line::contains)));
    }

    private String journal() throws IOException {
        return debian.sh("journalctl -u culvert --no-pager -o cat").succeeded().out();
    }

    private void runsAsAUserWithOneCapability() throws Exception {
        String status = debian.sh("cat /proc/" + show("MainPID") + "/status")
                .succeeded()
                .out();
        String limits = debian.sh("cat /proc/" + show("MainPID") + "/limits")
                .succeeded()
                .out();

        String uid = debian.run("id", "-u", "culvert").out().strip();
        assertTrue(status.contains("Uid:\t" + uid + "\t" + uid), status);
        assertTrue(status.contains("CapEff:\t0000000000001000"), status); // CAP_NET_ADMIN is 12
        assertTrue(status.contains("CapBnd:\t0000000000001000"), status);
        assertTrue(status.contains("NoNewPrivs:\t1"), status);
        assertTrue(status.contains("Seccomp:\t2"), status);
        assertTrue(limits.matches("(?s).*Max core file size +0 +0 .*"), limits);
    }

    /** It reports; and when it no longer does, it is killed and started again. */
    private void isWatched() throws Exception {
        debian.sh("""
                mkdir -p /run/systemd/system/culvert.service.d
                cp /lab/drop-in.conf /run/systemd/system/culvert.service.d
                systemctl daemon-reload
                systemctl restart culvert
                """).succeeded();
        String first = show("WatchdogTimestampMonotonic");
        Await.until(
                "reports to the watchdog",
                RESTART,
                () -> !show("WatchdogTimestampMonotonic").equals(first));
        assertEquals("0", show("NRestarts"));

        debian.sh("kill -STOP " + show("MainPID")).succeeded();

        Await.until(
                "restarted by the watchdog", RESTART, () -> show("NRestarts").equals("1"));
        awaitActive();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        String journal = journal();
        assertTrue(journal.contains("Watchdog timeout"), journal);
        assertTrue(journal.contains("hook up: culvert"), "a hook runs within the fences: " + journal);
        debian.sh("rm -r /run/systemd/system/culvert.service.d; systemctl daemon-reload")
                .succeeded();
    }

    private void stopLeavesTheGuard() throws Exception {
        try (Capture wan = Capture.start(sites.wan(), "tokyo")) {
            debian.run("systemctl", "stop", "culvert").succeeded();
            assertEquals(0, tokyo.ping(birlinghoven, 20, "-W", "1").received());
            assertEquals(0, tokyo.ping6(birlinghoven, 20, "-W", "1").received());
            assertNoClearFrames(wan.stop());
        }
        assertTrue(tokyo.network().contains("unreachable 10.2.0.0/24"), tokyo.network());
        debian.run("systemctl", "start", "culvert").succeeded();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    private void upgradeLeavesTheGuard() throws Exception {
        String before = show("MainPID");
        String config = debian.run("cat", CONFIG).out();
        try (Capture wan = Capture.start(sites.wan(), "tokyo")) {
            Process stream =
                    tokyo.host().start(List.of("ping", "-n", "-i", "0.01", "10.2.0.12"), folder.resolve("pings"));
            try {
                debian.sh("dpkg -i /lab/culvert_1.1_*.deb").succeeded();
            } finally {
                stream.destroy();
            }
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertNoClearFrames(wan.stop());
        }
        assertEquals(
                "1.1",
                debian.run("dpkg-query", "-W", "-f", "${Version}", "culvert").out());
        assertNotEquals(before, show("MainPID"));
        assertEquals(config, debian.run("cat", CONFIG).out(), "what the administrator wrote stays");
    }

    private void livesWithoutCapabilities() throws Exception {
        debian.sh("""
                mkdir -p /run/systemd/system/culvert.service.d
                cp /usr/share/doc/culvert/no-capabilities.conf /run/systemd/system/culvert.service.d
                systemctl daemon-reload
                systemctl restart culvert
                """).succeeded();
        String pid = show("MainPID");
        String status = debian.sh("cat /proc/" + pid + "/status").out();
        assertTrue(status.contains("CapEff:\t0000000000000000"), status);
        assertTrue(status.contains("CapBnd:\t0000000000000000"), status);
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        refusesByNameWhatNeedsRoutes();
        connectionsFitANarrowPath();

        tokyo.gateway().ip("route delete 10.2.0.0/24 dev culvert0");

        Await.until(
                "started again, with its route",
                RESTART,
                () -> !show("MainPID").equals(pid) && tokyo.network().contains("10.2.0.0/24 dev culvert0"));
        awaitActive();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    private void refusesByNameWhatNeedsRoutes() throws Exception {
        debian.sh("""
                set -e
                cp /lab/osaka/host.crt /etc/culvert/peers/osaka.crt
                printf '\n[[peer]]\nname = "osaka"\ncertificate = "peers/osaka.crt"\n' >> %s
                """.formatted(CONFIG)).succeeded();

        assertNotEquals(0, debian.run("systemctl", "reload", "culvert").code());

        awaitJournal("10.7.0.0/24", ": missing at culvert0, and without CAP_NET_ADMIN");
        assertFalse(tokyo.network().contains("10.7.0.0/24"), tokyo.network());
        debian.sh("cp /root/good.toml %s; systemctl reload culvert".formatted(CONFIG))
                .succeeded();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    /** It may not give the route another MTU; the segment size it may. */
    private void connectionsFitANarrowPath() throws Exception {
        sites.wan().ip("link set birlinghoven mtu 1400");
        try {
            Await.until("tokyo finds the path", RESTART, () -> {
                tokyo.ping(birlinghoven, 1, "-W", "1"); // a path that carries nothing is not looked at again
                return debian.run("culvert", "status", "--json", "--config", CONFIG)
                        .out()
                        .replace(" ", "")
                        .contains("\"path_bytes\":1372,\"path_found\":true");
            });
            byte[] file = TrafficLabTest.noise(400_000, 37);
            for (String address : List.of(tokyo.site().host4(), tokyo.site().host6())) {
                try (FileServer server = FileServer.start(tokyo.host(), address, file)) {
                    assertArrayEquals(file, FileClient.fetch(birlinghoven.host(), server.address()), address);
                }
            }
            assertFalse(tokyo.gateway()
                    .run("ip", "route", "show", "10.2.0.0/24")
                    .out()
                    .contains("mtu 1320"));
        } finally {
            sites.wan().ip("link set birlinghoven mtu 1500");
        }
    }

    private void purges() throws Exception {
        Finished purge = debian.run("dpkg", "--purge", "culvert").succeeded();

        assertTrue(purge.out().contains("culvert0: removed"), purge.out());
        assertTrue(purge.out().contains("keys and certificates in /etc/culvert are yours to remove"), purge.out());
        assertFalse(tokyo.network().contains("culvert0"), tokyo.network());
        assertFalse(tokyo.network().contains("proto 148"), tokyo.network());
        String left = debian.sh("find / -xdev -path '*culvert*' ! -path '/proc/*' ! -path '/lab*' ! -path '/var/log/*'")
                .out();
        assertTrue(left.lines().allMatch(file -> file.startsWith("/etc/culvert")), left);
        assertTrue(left.contains("/etc/culvert/host.key"), left);
        assertFalse(left.contains("culvert.toml"), left);
    }

    private String show(String property) throws IOException {
        return debian.run("systemctl", "show", "--value", "--property=" + property, "culvert")
                .succeeded()
                .out()
                .strip();
    }

    private void awaitActive() throws Exception {
        Await.until(
                "active",
                RESTART,
                () -> debian.run("systemctl", "is-active", "culvert").out().equals("active\n"));
    }

    @AfterAll
    void powerOff() throws Exception {
        if (debian != null) {
            debian.powerOff();
        }
    }
}
