package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.culvert.keymgmt.trust.CredentialException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    private Path folder;

    private TestCa threeHosts() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        ca.sign("tokyo", "10.1.0.0/24");
        ca.sign("bonn", "10.2.0.0/24");
        ca.sign("lima", "10.3.0.0/24");
        return ca;
    }

    @Test
    void remembersEverythingIssued() throws Exception {
        Register register = threeHosts().open().register();
        assertEquals(
                List.of("tokyo", "bonn", "lima"),
                register.issued().stream().map(Issued::name).toList());
        assertEquals(4, register.journal().entries().size());
        assertEquals("init", register.journal().entries().getFirst().event());
    }

    @Test
    void everyChangedByteIsFound() throws Exception {
        TestCa ca = threeHosts();
        Path file = ca.folder.resolve("journal");
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length - 1; i += 7) {
            byte[] changed = good.clone();
            changed[i] ^= 1;
            Files.write(file, changed);
            int at = i;
            assertThrows(CredentialException.class, ca::open, () -> "byte " + at);
        }
    }

    @Test
    void aRemovedOrSwappedLineIsFound() throws Exception {
        TestCa ca = threeHosts();
        Path file = ca.folder.resolve("journal");
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size() - 1; i++) {
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(i);
            Files.write(file, fewer);
            assertThrows(CredentialException.class, ca::open);
            List<String> swapped = new ArrayList<>(lines);
            swapped.set(i, lines.get(i + 1));
            swapped.set(i + 1, lines.get(i));
            Files.write(file, swapped);
            var refusal = assertThrows(CredentialException.class, ca::open);
            assertTrue(refusal.reason().contains("line " + (i + 1)), refusal.getMessage());
        }
    }

    /** The chain alone cannot show a lost tail; its newest hash, kept elsewhere, can. */
    @Test
    void theHeadChangesWithEveryEntry() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        String before = ca.open().register().journal().head();
        ca.sign("tokyo", "10.1.0.0/24");
        String after = ca.open().register().journal().head();
        assertTrue(before.matches("[0-9a-f]{64}") && after.matches("[0-9a-f]{64}") && !before.equals(after));
    }

    @Test
    void twoAdministratorsAtOnceLoseNothing() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        try (var pool = Executors.newFixedThreadPool(4)) {
            List<Callable<Object>> work = IntStream.range(0, 24)
                    .mapToObj(i -> (Callable<Object>) () -> ca.sign("host-" + i, "10." + i + ".3.0/24"))
                    .toList();
            for (var done : pool.invokeAll(work)) {
                done.get();
            }
        }
        Register register = ca.open().register();
        assertEquals(24, register.issued().size());
        assertEquals(
                24, register.issued().stream().map(Issued::serial).distinct().count());
    }

    @Test
    void twoAdministratorsCannotGiveOneNetworkTwice() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        CertificateAuthority one = ca.open();
        CertificateAuthority two = ca.open();
        HostRequest tokyo = TestCa.request("tokyo", org.culvert.keymgmt.Forge.key("X25519"), "10.1.0.0/24");
        HostRequest bonn = TestCa.request("bonn", org.culvert.keymgmt.Forge.key("X25519"), "10.1.0.0/25");
        Path file = Path.of("x.csr");
        Draft first = one.draft(file, tokyo, 9, false);
        Draft second = two.draft(file, bonn, 9, false);
        one.sign(first, TestCa.NOBODY_ASKS);
        assertThrows(CredentialException.class, () -> two.sign(second, TestCa.NOBODY_ASKS));
    }

    @Test
    void aDiskThatCannotBeWrittenIssuesNothing() throws Exception {
        TestCa ca = threeHosts();
        byte[] before = Files.readAllBytes(ca.folder.resolve("journal"));
        // A folder where the temporary file must go fails like a full disk does: before the rename. Root ignores modes.
        Path temporary = ca.folder.resolve(".journal." + ProcessHandle.current().pid() + "."
                + Thread.currentThread().threadId() + ".tmp");
        Files.createDirectories(temporary.resolve("occupied"));
        assertThrows(java.io.IOException.class, () -> ca.sign("oslo", "10.4.0.0/24"));
        assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(ca.folder.resolve("journal"))));
        Files.delete(temporary.resolve("occupied"));
        Files.delete(temporary);
        ca.sign("oslo", "10.4.0.0/24");
        assertEquals(4, ca.open().register().issued().size());
    }

    @Test
    void aTemporaryFileOfAKilledProcessDisturbsNobody() throws Exception {
        TestCa ca = threeHosts();
        Files.writeString(ca.folder.resolve(".journal.99999999.1.tmp"), "4 2027-03-05T06:07:08Z si");
        Files.setPosixFilePermissions(
                ca.folder.resolve(".journal.99999999.1.tmp"), PosixFilePermissions.fromString("rw-------"));
        ca.sign("oslo", "10.4.0.0/24");
        assertEquals(4, ca.open().register().issued().size());
    }
}
