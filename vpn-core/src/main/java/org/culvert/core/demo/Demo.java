package org.culvert.core.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code culvert demo}: two offices linked on this machine, real traffic, a verdict. This class makes the offices and
 * removes them, whatever happens; {@link Tour} shows what there is to see. One thread, plus a shutdown hook for Ctrl-C.
 */
public final class Demo {
    private static final int LONGEST_UNWINDING_S = 5;

    private final String culvert;
    private final Story story;
    private final String id = "cv" + ProcessHandle.current().pid();
    private final Path folder = folderOf(id);
    private final CountDownLatch removed = new CountDownLatch(1);

    /**
     * Does nothing yet.
     *
     * @param culvert the program whose commands are shown
     */
    public Demo(String culvert, PrintStream out) {
        this.culvert = culvert;
        this.story = new Story(out);
    }

    /**
     * Shows everything, then removes everything unless told to keep it.
     *
     * @return whether all of it held
     * @throws RefusedException when this machine cannot make two sites; nothing is left behind
     */
    public boolean run(boolean keep) throws RefusedException, IOException {
        var missing = Requirements.missing();
        if (missing.isPresent()) {
            throw new RefusedException(missing.get());
        }
        Thread teller = Thread.currentThread();
        Thread hook = new Thread(() -> unwind(teller), "demo-end");
        Runtime.getRuntime().addShutdownHook(hook);
        boolean kept = false;
        try {
            Tour tour = new Tour(culvert, story, build(), folder);
            show(tour, keep);
            kept = keep && !Thread.currentThread().isInterrupted();
            if (kept) {
                tour.tellHowToEnter(id);
            }
        } finally {
            if (!kept) {
                remove();
            }
            removed.countDown();
            forget(hook);
        }
        story.verdict();
        return story.allHeld();
    }

    private TwoSites build() throws RefusedException {
        story.text("""
                Two offices and the internet between them, as network namespaces of this machine:

                   tokyo                                               birlinghoven
                   host ------- gateway ------- internet ------- gateway ------- host
                   10.1.0.11    192.0.2.2                   198.51.100.2    10.2.0.12""");
        try {
            // Fails when it is there already: in /tmp it could be a stranger's.
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return TwoSites.create(id);
        } catch (Exception e) {
            throw new RefusedException("network namespaces cannot be made here: " + e.getMessage());
        }
    }

    /** What goes wrong on the way is a finding like the others: the rest is not shown. */
    private void show(Tour tour, boolean keep) {
        try {
            tour.issueCertificates();
            tour.startGateways();
            tour.pingBothWays();
            tour.fetchFile();
            tour.showStatus();
            if (!keep) {
                tour.stopGateways();
            }
        } catch (Exception e) {
            story.finding(false, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private synchronized void remove() throws IOException {
        boolean interrupted = Thread.interrupted(); // removing waits for programs
        try {
            removeKept(id);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ctrl-C: the teller removes everything on its way out; when it is stuck, this thread does. */
    private void unwind(Thread teller) {
        teller.interrupt();
        try {
            if (!removed.await(LONGEST_UNWINDING_S, TimeUnit.SECONDS)) {
                remove();
            }
        } catch (InterruptedException | IOException e) {
            System.err.println("culvert demo: " + e.getMessage());
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // Ctrl-C: it is running.
        }
    }

    /**
     * Removes what {@code --keep} left, or a demo that was killed.
     *
     * @param id as it was printed: cv and a process id
     */
    public static void removeKept(String id) throws IOException {
        for (Namespace machine : Namespace.startingWith(id + "-")) {
            machine.close();
        }
        deleteTree(folderOf(id));
    }

    private static Path folderOf(String id) {
        return Path.of(System.getProperty("java.io.tmpdir"), "culvert-demo-" + id);
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
