package org.culvert.core.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.Programs;

/**
 * A Debian of its own with systemd, booted in a namespace of the lab by systemd-nspawn. What it writes is gone at its end: its files
 * are a tree made once by debootstrap, kept in target/debian, under a layer in memory. One thread.
 */
final class DebianMachine {
    private static final Path TREE = Path.of("target/debian").toAbsolutePath();
    private static final String PACKAGES = "systemd,systemd-sysv,iproute2,libipsec-mb1";
    private static final Duration DEBOOTSTRAP = Duration.ofMinutes(5);
    private static final Duration BOOT = Duration.ofSeconds(60);
    private static final Duration COMMAND = Duration.ofSeconds(90);

    private final Process nspawn;
    private final Path log;

    private DebianMachine(Process nspawn, Path log) {
        this.nspawn = nspawn;
        this.log = log;
    }

    /** @param shared a folder that the machine sees as /lab, read-only */
    static DebianMachine boot(Namespace network, Path shared, Path log) throws Exception {
        makeTree();
        List<String> command = List.of(
                "systemd-nspawn",
                "--quiet",
                "--boot",
                "--directory=" + TREE,
                "--volatile=overlay",
                "--machine=" + network.name(),
                "--register=no",
                "--keep-unit",
                "--console=passive",
                "--network-namespace-path=/run/netns/" + network.name(),
                "--capability=CAP_NET_ADMIN",
                "--bind=/dev/net/tun",
                "--bind-ro=" + shared + ":/lab",
                "--resolv-conf=off",
                "--timezone=off");
        Process nspawn = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(log.toFile())
                .start();
        DebianMachine machine = new DebianMachine(nspawn, log);
        try {
            Await.until("the machine boots, see " + log, BOOT, machine::isBooted);
            return machine;
        } catch (Exception e) {
            machine.powerOff();
            throw e;
        }
    }

    /** From where this machine has its own packages. */
    private static void makeTree() throws IOException {
        if (Files.exists(TREE)) {
            return;
        }
        long startNs = System.nanoTime();
        String mirror = Programs.run(List.of(
                        "apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Component: main"))
                .succeeded()
                .out()
                .lines()
                .findFirst()
                .orElseThrow(() -> new IOException("apt knows no mirror"));
        String suite = Files.readAllLines(Path.of("/etc/os-release")).stream()
                .filter(line -> line.startsWith("VERSION_CODENAME="))
                .map(line -> line.substring("VERSION_CODENAME=".length()))
                .findFirst()
                .orElseThrow(() -> new IOException("/etc/os-release names no release"));
        Path unfinished = TREE.resolveSibling("debian.new");
        Programs.run(List.of("rm", "-rf", "--one-file-system", unfinished.toString()))
                .succeeded();
        Programs.run(
                        List.of(
                                "debootstrap",
                                "--variant=minbase",
                                "--include=" + PACKAGES,
                                suite,
                                unfinished.toString(),
                                mirror),
                        "",
                        DEBOOTSTRAP)
                .succeeded();
        Files.move(unfinished, TREE, StandardCopyOption.ATOMIC_MOVE);
        TwoSiteLab.report("debootstrap: %d s", (System.nanoTime() - startNs) / 1_000_000_000);
    }

    private boolean isBooted() throws IOException {
        if (!nspawn.isAlive()) {
            throw new IOException("systemd-nspawn ended: " + Files.readString(log));
        }
        return nspawn.children().findFirst().isPresent()
                && run("systemctl", "is-system-running").out().matches("(?s)(running|degraded).*");
    }

    /** Runs a program as root of the machine, in all its namespaces. */
    Finished run(String... command) throws IOException {
        long leader = nspawn.children().map(ProcessHandle::pid).findFirst().orElse(0L);
        if (leader == 0) {
            throw new IOException("the machine is down: " + Files.readString(log));
        }
        var whole = new ArrayList<>(List.of(
                "nsenter", "--target", Long.toString(leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--"));
        whole.addAll(List.of(
                "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"));
        whole.addAll(List.of(command));
        return Programs.run(whole, "", COMMAND);
    }

    /** A line of shell. */
    Finished sh(String line) throws IOException {
        return run("sh", "-c", line);
    }

    void powerOff() throws Exception {
        if (nspawn.isAlive() && nspawn.children().findFirst().isPresent()) {
            run("systemctl", "poweroff", "--force");
        }
        try {
            Await.until("the machine is off", Duration.ofSeconds(20), () -> !nspawn.isAlive());
        } finally {
            nspawn.descendants().forEach(ProcessHandle::destroyForcibly);
            nspawn.destroyForcibly();
        }
    }
}
