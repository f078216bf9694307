package org.culvert.core.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.culvert.tun.NetworkNamespace;

/** One machine of the lab: a network namespace made with {@code ip netns}. Any thread. */
public final class Namespace implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final String name;

    private Namespace(String name) {
        this.name = name;
    }

    /** Makes a namespace with only a loopback interface, up, and without IPv6 address detection, which takes seconds. */
    public static Namespace create(String name) throws Exception {
        Programs.run(List.of(ip(), "netns", "add", name)).succeeded();
        var namespace = new Namespace(name);
        try {
            namespace.ip("link set lo up");
            namespace.sysctl("net/ipv6/conf/default/accept_dad", 0);
            namespace.sysctl("net/ipv6/conf/all/accept_dad", 0);
        } catch (Exception e) {
            namespace.close();
            throw e;
        }
        return namespace;
    }

    /** Those that exist now with such a name, whoever made them. */
    static List<Namespace> startingWith(String prefix) throws IOException {
        return Programs.run(List.of(ip(), "netns", "list"))
                .out()
                .lines()
                .map(line -> line.split(" ", 2)[0]) // behind it may stand "(id: 3)"
                .filter(name -> name.startsWith(prefix))
                .map(Namespace::new)
                .toList();
    }

    static String ip() {
        return Programs.find("ip").map(Path::toString).orElse("ip");
    }

    public String name() {
        return name;
    }

    /** Runs a script of {@code ip} commands, one a line, without the word ip. */
    public void ip(String script) throws IOException {
        Programs.run(List.of(ip(), "-n", name, "-batch", "-"), script + "\n", LONGEST)
                .succeeded();
    }

    /** Runs a program here and waits for its end. */
    public Finished run(List<String> command) throws IOException {
        return Programs.run(here(command));
    }

    public Finished run(String... command) throws IOException {
        return run(List.of(command));
    }

    /** Starts a program here; what it says on both streams goes to {@code log}. The Process is the program itself. */
    public Process start(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(here(command))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private List<String> here(List<String> command) {
        return command(name, command);
    }

    /** How to call a program in a namespace. */
    static List<String> command(String namespace, List<String> command) {
        var whole = new ArrayList<>(List.of(ip(), "netns", "exec", namespace));
        whole.addAll(command);
        return whole;
    }

    /** Runs code on a thread inside. A socket it makes stays inside and may be used by any thread. */
    public <T> T inside(Callable<T> work) throws Exception {
        var task = new FutureTask<>(() -> {
            NetworkNamespace.enter(Path.of("/run/netns", name));
            return work.call();
        });
        Thread.ofPlatform().daemon().name("in-" + name).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Sets a number below /proc/sys; what the kernel has no switch for needs no switching. */
    public void sysctl(String path, int value) throws Exception {
        inside(() -> {
            Path file = Path.of("/proc/sys").resolve(path);
            return Files.exists(file) ? Files.writeString(file, Integer.toString(value)) : file;
        });
    }

    /** Processes that live here. */
    List<ProcessHandle> processes() throws IOException {
        return Programs.run(List.of(ip(), "netns", "pids", name))
                .out()
                .lines()
                .map(pid -> ProcessHandle.of(Long.parseLong(pid.strip())))
                .flatMap(Optional::stream)
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .toList();
    }

    /** Ends what still runs here and removes the namespace with its interfaces and routes. */
    @Override
    public void close() throws IOException {
        processes().forEach(ProcessHandle::destroyForcibly);
        Programs.run(List.of(ip(), "netns", "delete", name)).succeeded();
    }
}
