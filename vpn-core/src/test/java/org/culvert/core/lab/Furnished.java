package org.culvert.core.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.Programs;

/**
 * A host on a LAN with what daemons from Debian expect of a machine: a user alice with a password, and {@code /home},
 * {@code /run}, {@code /var/log}, {@code /var/spool} and some of {@code /etc} of its own. They are folders of the test,
 * mounted over the real ones in the mount namespace that {@code ip netns exec} makes for each program, so that nothing of
 * the machine below changes. What still runs ends with the namespace. One thread.
 */
public final class Furnished {
    public static final String USER = "alice";
    public static final String PASSWORD = "Sesame-4711-open";

    private static final Duration START = Duration.ofSeconds(15);
    private static final int UID = 2001;
    private static final List<String> ETC =
            List.of("passwd", "shadow", "group", "hosts", "resolv.conf", "nsswitch.conf", "pam.d");

    private final Namespace machine;
    private final Path root;

    private Furnished(Namespace machine, Path root) {
        this.machine = machine;
        this.root = root;
    }

    /** Makes the files below {@code root}. */
    public static Furnished create(Namespace machine, Path root) throws IOException {
        var host = new Furnished(machine, root);
        for (String folder : List.of("etc/pam.d", "run", "var/log", "var/spool/smtpd", "home/" + USER)) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.setPosixFilePermissions(
                root.resolve("var/spool/smtpd"), PosixFilePermissions.fromString("rwx--x--x")); // opensmtpd insists
        host.writeEtc();
        host.own(root.resolve("home").resolve(USER));
        return host;
    }

    private void writeEtc() throws IOException {
        String hash = Programs.run(List.of("openssl", "passwd", "-6", PASSWORD))
                .succeeded()
                .out()
                .strip();
        Path etc = root.resolve("etc");
        // The daemons' own users stay: alice comes behind them.
        append("passwd", "%s:x:%d:%d:Alice:/home/%s:/bin/sh\n".formatted(USER, UID, UID, USER));
        Files.writeString(etc.resolve("shadow"), "root:*:20000::::::\n%s:%s:20000::::::\n".formatted(USER, hash));
        Files.setPosixFilePermissions(etc.resolve("shadow"), PosixFilePermissions.fromString("rw-------"));
        append("group", "%s:x:%d:\n".formatted(USER, UID));
        Files.writeString(
                etc.resolve("hosts"), "127.0.0.1 localhost\n10.1.0.11 tokyo-host\n10.2.0.12 birlinghoven-host\n");
        Files.writeString(etc.resolve("resolv.conf"), "nameserver 10.2.0.12\n");
        Files.writeString(
                etc.resolve("nsswitch.conf"),
                "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\n");
        for (String service : List.of("login", "vsftpd")) {
            pam(service, "pam_unix.so");
        }
        for (String service : List.of("rsh", "rlogin")) {
            pam(service, "pam_rhosts.so");
        }
    }

    private void append(String name, String line) throws IOException {
        Files.writeString(root.resolve("etc").resolve(name), Files.readString(Path.of("/etc", name)) + line);
    }

    /** Debian's own files ask for more than a container has, and want root's permission for rlogin. */
    private void pam(String service, String module) throws IOException {
        Files.writeString(
                root.resolve("etc/pam.d").resolve(service),
                "auth required %s\naccount required pam_unix.so\nsession required pam_unix.so\n".formatted(module));
    }

    private void own(Path file) throws IOException {
        Files.setAttribute(file, "unix:uid", UID);
        Files.setAttribute(file, "unix:gid", UID);
    }

    public Namespace machine() {
        return machine;
    }

    /** A file that programs here see as {@code /run/NAME}. */
    public Path run(String name) {
        return root.resolve("run").resolve(name);
    }

    /** Writes a file that programs here see as {@code /run/NAME}; returns that path. */
    public String write(String name, String text) throws IOException {
        Files.writeString(run(name), text);
        return "/run/" + name;
    }

    public Path home() {
        return root.resolve("home").resolve(USER);
    }

    /** Puts a file into alice's home. */
    public void give(String name, byte[] bytes) throws IOException {
        Path file = Files.write(home().resolve(name), bytes);
        own(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** Starts a daemon in the foreground and waits until somebody listens on the TCP port. */
    public void serve(int port, String... command) throws Exception {
        Path log = root.resolve(Path.of(command[0]).getFileName() + ".log");
        Process daemon = machine.start(here(List.of(command)), log);
        Await.until("%s listens on port %d; its log: %s".formatted(command[0], port, log), START, () -> {
            if (!daemon.isAlive()) {
                throw new IOException(command[0] + " ended: " + Files.readString(log));
            }
            return machine.run("ss", "-Hltn", "sport = :" + port).out().contains(":" + port);
        });
    }

    /** Starts a program and does not wait. */
    public Process start(String... command) throws IOException {
        return machine.start(
                here(List.of(command)), root.resolve(Path.of(command[0]).getFileName() + ".log"));
    }

    public Finished call(String... command) throws IOException {
        return machine.run(here(List.of(command)));
    }

    /** As the user alice. */
    public Finished callAsUser(String... command) throws IOException {
        return call(asUser(List.of(command)).toArray(String[]::new));
    }

    /** Talks with a program that runs here as alice, on a terminal. */
    public Conversation talk(String... command) throws IOException {
        String line = String.join(" ", asUser(List.of(command)));
        return Conversation.start(inNamespace(List.of("script", "-qfec", line, "/dev/null")));
    }

    private static List<String> asUser(List<String> command) {
        var whole = new ArrayList<>(
                List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups", "env", "HOME=/home/" + USER));
        whole.addAll(command);
        return whole;
    }

    private List<String> inNamespace(List<String> command) {
        var whole = new ArrayList<>(List.of("ip", "netns", "exec", machine.name()));
        whole.addAll(here(command));
        return whole;
    }

    private List<String> here(List<String> command) {
        var mounts = new StringBuilder();
        for (String file : ETC) {
            mounts.append("mount --bind '%s/etc/%s' /etc/%s && ".formatted(root, file, file));
        }
        for (String folder : List.of("home", "var/log", "var/spool", "run")) {
            mounts.append("mount --bind '%s/%s' /%s && ".formatted(root, folder, folder));
        }
        var whole = new ArrayList<>(List.of("sh", "-c", mounts + "exec \"$@\"", "sh"));
        whole.addAll(command);
        return whole;
    }
}
