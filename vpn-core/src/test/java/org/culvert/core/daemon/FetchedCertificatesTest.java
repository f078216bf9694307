package org.culvert.core.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.culvert.core.control.TestSites;
import org.culvert.keymgmt.trust.HostCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchedCertificatesTest {
    @TempDir
    private Path folder;

    private Path kept;
    private HostCertificate bonn;

    @BeforeEach
    void oneThatWasNotHeardYet() throws Exception {
        kept = Files.createDirectory(folder.resolve("culvert0.fetched")).resolve("bonn.crt");
        HostCertificate issued =
                new TestSites(folder).identity("bonn", 30, "10.2.0.0/24").certificate();
        HostCertificate next = FetchedCertificates.as(FetchedCertificates.next(kept), issued);
        assertTrue(FetchedCertificates.keep(next));
        bonn = FetchedCertificates.as(kept, issued);
    }

    private List<Path> files() {
        return FetchedCertificates.read(kept).stream()
                .map(HostCertificate::file)
                .toList();
    }

    @Test
    void whatThePeerWasHeardWithStandsNoMoreBeside() {
        assertEquals(List.of(FetchedCertificates.next(kept)), files());
        FetchedCertificates.keepHeard(bonn);
        assertEquals(List.of(kept), files());
        assertFalse(Files.exists(FetchedCertificates.next(kept)));
    }

    @Test
    void whatCannotBeWrittenIsNotLostWhereItLies() throws Exception {
        Path inTheWay = kept.resolveSibling("bonn.crt.new"); // what it would be written to
        Files.createDirectories(inTheWay.resolve("and so no file"));
        FetchedCertificates.keepHeard(bonn);
        assertEquals(List.of(FetchedCertificates.next(kept)), files());
    }
}
