package org.culvert.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom. A rule per sentence of the module drawing in the README, so that a wrong import fails here and not in a
 * review. Plain tests: ArchUnit's own annotations were silently not run by Surefire.
 */
class ArchitectureTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.culvert");

    /** No I/O and no native call: what these do depends on what they are given. */
    private static final String[] PURE = core(
            "wire",
            "packet",
            "crypto",
            "replay",
            "route",
            "policy",
            "peer",
            "echo",
            "pace",
            "group",
            "epoch",
            "compress");

    private static final String[] TUN = {"org.culvert.tun.."};
    private static final String[] KEYMGMT = {"org.culvert.keymgmt.."};

    @Test
    void leafModulesKnowNeitherEachOtherNorCore() {
        refuse(TUN, "org.culvert.keymgmt..", "org.culvert.core..");
        refuse(KEYMGMT, "org.culvert.tun..", "org.culvert.core..");
    }

    @Test
    void offHeapMemoryKnowsNoOtherPartOfTun() {
        check(noClasses()
                .that(resideInAPackage("org.culvert.tun.memory"))
                .should()
                .dependOnClassesThat(resideInAPackage("org.culvert.tun")));
    }

    @Test
    void eachLibraryHasOnePlace() {
        assertAll(
                () -> only("com.sun.jna..", "org.culvert.tun"),
                () -> only(
                        "org.bouncycastle..",
                        "org.culvert.keymgmt..",
                        "org.culvert.core.crypto.."), // epoch keys: the JDK's private keys cannot be erased
                () -> only("io.netty..", "org.culvert.core.control..", "org.culvert.core.cli.."),
                () -> only(
                        "org.HdrHistogram..",
                        "org.culvert.core.flow..",
                        "org.culvert.core.echo..",
                        "org.culvert.core.status.."),
                () -> only("picocli..", "org.culvert.core.cli.."),
                () -> only("org.tomlj..", "org.culvert.core.config.."),
                () -> only("javax.crypto..", "org.culvert.core.crypto..", "org.culvert.keymgmt.."));
    }

    @Test
    void purePackagesKnowNothingAboveThem() {
        refuse(PURE, core("flow", "control", "config", "status", "daemon", "cli"));
    }

    @Test
    void purePackagesDoNoInputOrOutput() {
        refuse(PURE, "java.net..", "java.nio.channels..", "java.nio.file..");
    }

    /** Off-heap memory is only an array with an address, and an endpoint only a value. */
    @Test
    void purePackagesSeeOnlyMemoryAndEndpointsOfTun() {
        check(noClasses()
                .that(resideInAnyPackage(PURE))
                .should()
                .dependOnClassesThat(resideInAPackage("org.culvert.tun").and(not(equivalentTo(Endpoint.class)))));
    }

    @Test
    void dataPathKnowsNothingAboveIt() {
        refuse(core("flow"), core("control", "config", "status", "hooks", "daemon", "cli"));
    }

    /** A gateway cannot sign: only commands reach the issuing side. */
    @Test
    void onlyTheCommandLineIssuesCertificates() {
        only("org.culvert.keymgmt.issue..", "org.culvert.keymgmt.issue..", "org.culvert.core.cli..");
    }

    @Test
    void corePackagesHaveNoCycles() {
        check(slices().matching("org.culvert.core.(*)..").should().beFreeOfCycles());
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        List<Path> unmarked = new ArrayList<>();
        for (String module : List.of("vpn-tun", "vpn-keymgmt", "vpn-core")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .map(Path::getParent)
                        .distinct()
                        .filter(folder -> !isNullMarked(folder.resolve("package-info.java")))
                        .forEach(unmarked::add);
            }
        }
        assertEquals(List.of(), unmarked, "packages without a @NullMarked package-info.java");
    }

    private static boolean isNullMarked(Path packageInfo) {
        try {
            return Files.exists(packageInfo)
                    && Files.readAllLines(packageInfo).stream().anyMatch(line -> line.equals("@NullMarked"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void only(String library, String... places) {
        check(noClasses()
                .that(not(resideInAnyPackage(places)))
                .should()
                .dependOnClassesThat(resideInAPackage(library)));
    }

    private static void refuse(String[] packages, String... unknownToThem) {
        check(noClasses()
                .that(resideInAnyPackage(packages))
                .should()
                .dependOnClassesThat(resideInAnyPackage(unknownToThem)));
    }

    /** A rule about a package that is not there yet holds. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(ALL);
    }

    private static String[] core(String... packages) {
        return Stream.of(packages)
                .map(name -> "org.culvert.core." + name + "..")
                .toArray(String[]::new);
    }
}
