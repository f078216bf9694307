package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.TrustStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal against real processes: killed in the middle, two at once, and a disk that is full. */
class ViolenceTest {
    private static final int KILLS = 8;

    @TempDir
    private Path temp;

    private Path authority(Path folder) throws Exception {
        CertificateAuthority.init(
                TestCa.wanted(folder, 3650, Limits.NONE),
                NewKey.inFile(KeyType.ED25519, Optional.empty()),
                Instant::now);
        return folder;
    }

    private static List<String> java(Path folder, String name) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SignLoop.class.getName(),
                folder.toString(),
                name);
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** SIGKILL, through the handle: Process would close the pipe with what was said last. */
    private static void kill(Process process) throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    /** What it said until it ended, whole lines only: the kill may have cut one. */
    private static List<String> said(BufferedReader out) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
        }
        return lines;
    }

    /** Unbroken, and it knows what was handed out and what was taken back. */
    private static void assertKnown(Path folder, List<String> said, String when) throws Exception {
        Register register = CertificateAuthority.open(folder, Instant::now).register();
        for (String line : said) {
            String[] words = line.split(" ", 2);
            if (words.length < 2 || !(words[0].equals("signed") || words[0].equals("revoked"))) {
                continue;
            }
            Issued issued = register.issued().stream()
                    .filter(one -> one.serialText().equals(words[1]))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(when + ": the journal does not know " + line));
            assertTrue(words[0].equals("signed") || issued.revocation().isPresent(), when + ": " + line);
        }
        assertFalse(said.stream().anyMatch(line -> line.startsWith("BROKEN")), when + ": " + said);
    }

    /** No certificate that lies about is cut short, and the journal knows each. */
    private static void assertEveryCertificateWhole(Path folder, String when) throws Exception {
        Register register = CertificateAuthority.open(folder, Instant::now).register();
        TrustStore trust = TrustStore.of(CaCertificate.read(folder.resolve("ca.crt")));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".crt")
                            && !one.endsWith("ca.crt")
                            && !one.getFileName().toString().startsWith("."))
                    .toList()) {
                HostCertificate host = HostCertificate.read(file);
                assertEquals(List.of(), trust.check(host, Instant.now()), when);
                assertTrue(
                        register.issued().stream().anyMatch(one -> one.serial().equals(host.serial())), when);
            }
        }
    }

    @Test
    void aKilledProcessLeavesAnUnbrokenJournalThatKnowsEverySerial() throws Exception {
        Path folder = authority(temp.resolve("ca"));
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int signed = 0;
        for (int round = 0; round < KILLS; round++) {
            Process process = start(java(folder, "r" + round + "-"));
            List<String> said = new ArrayList<>();
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                // After a random number of certificates, and then a random moment within the next one.
                for (int wanted = random.nextInt(6); wanted >= 0; ) {
                    String line = out.readLine();
                    assertTrue(line != null, () -> "ended by itself: " + said);
                    said.add(line);
                    wanted -= line.startsWith("ready") || line.startsWith("signed") ? 1 : 0;
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                kill(process);
                said.addAll(said(out));
            }
            String when = "seed " + seed + ", round " + round;
            assertKnown(folder, said, when);
            assertEveryCertificateWhole(folder, when);
            signed += (int)
                    said.stream().filter(line -> line.startsWith("signed")).count();
        }
        assertTrue(signed > KILLS, "signed " + signed);
        new Revocations(folder, Instant::now).list(30, TestCa.NOBODY_ASKS);
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of(),
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.startsWith(".journal"))
                            .toList(),
                    "the next command clears up after the killed ones");
        }
    }

    @Test
    void twoAdministratorsAtOnceLoseNothing() throws Exception {
        Path folder = authority(temp.resolve("ca"));
        Process one = start(java(folder, "one-"));
        Process two = start(java(folder, "two-"));
        List<String> said = new ArrayList<>();
        try (BufferedReader first = one.inputReader(StandardCharsets.UTF_8);
                BufferedReader second = two.inputReader(StandardCharsets.UTF_8)) {
            for (BufferedReader out : List.of(first, second)) {
                for (int signed = 0; signed < 8; ) {
                    String line = out.readLine();
                    assertTrue(line != null, () -> "ended by itself: " + said);
                    said.add(line);
                    signed += line.startsWith("signed") ? 1 : 0;
                }
            }
            kill(one);
            kill(two);
            said.addAll(said(first));
            said.addAll(said(second));
        }
        assertKnown(folder, said, "two at once");
        assertEveryCertificateWhole(folder, "two at once");
    }

    /** A file system of its own with 96 KiB, in a mount namespace of its own. */
    @Test
    void aFullDiskRefusesAndNothingIsLost() throws Exception {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        assertTrue(root || !"true".equals(System.getenv("CI")), "CI must not skip this");
        assumeTrue(root, "only root may mount");
        Path folder = Files.createDirectories(temp.resolve("small"));
        authority(temp.resolve("ca"));
        Path after = Files.createDirectories(temp.resolve("after"));
        String script = "mount -t tmpfs -o size=96k,mode=700 tmpfs '" + folder + "' && cp -a '" + temp.resolve("ca")
                + "' '" + folder + "/ca' && " + String.join(" ", java(folder.resolve("ca"), "full-")) + "; cp -a '"
                + folder + "/ca/.' '" + after + "'";
        Process process = start(List.of("unshare", "--mount", "sh", "-c", script));
        List<String> said;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            said = said(out);
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "hangs");
        String last = said.getLast();
        assertTrue(last.startsWith("refused ") && last.contains("No space left"), said::toString);
        assertTrue(last.contains("make room"), "says what to do: " + last);
        assertTrue(said.stream().filter(line -> line.startsWith("signed")).count() > 3, said::toString);
        assertKnown(after, said, "full disk");
        assertEveryCertificateWhole(after, "full disk");
        try (Stream<Path> files = Files.list(after)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".tmp")).toList(),
                    "no half-written file stays");
        }
    }
}
