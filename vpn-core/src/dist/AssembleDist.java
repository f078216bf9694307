import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Puts the product together in vpn-core/target/dist: bin/, lib/, runtime/, conf/, doc/, man/, completion/, sbom/. Maven's package
 * phase runs this file as it stands on the toolchain's JDK 25, whose jlink makes the runtime, whatever JDK runs Maven.
 *
 * <p>Arguments: the dist folder, the vpn-core jar, the runtime class path, the project's folder, the bill of materials, the time of
 * the build (RFC 3339). What is already right is left alone, and a file is replaced by renaming, so a daemon may go on running from
 * the old one. But for lib/culvert.aot the same sources, JDK and time give the same bytes.
 */
final class AssembleDist {
    /**
     * What jdeps finds in our jars, less java.sql and java.desktop (Bouncy Castle's LDAP store and JNA's window handles,
     * never loaded here), plus jdk.net (who is at the other end of the control socket), jdk.crypto.cryptoki (keys in tokens), and jdk.management with jdk.jfr
     * (allocation counters, flight recordings).
     */
    private static final String MODULES =
            "java.base,java.logging,java.naming,java.xml,jdk.crypto.cryptoki,jdk.jfr,jdk.management,jdk.net,jdk.unsupported";

    /** Java's debug attributes only: stripping native symbols would need binutils, and the shipped ones have none. */
    private static final List<String> JLINK_OPTIONS = List.of(
            "--add-modules",
            MODULES,
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--compress=zip-6");

    public static void main(String[] args) throws Exception {
        Path dist = Path.of(args[0]);
        Path coreJar = Path.of(args[1]);
        String classPath = args[2];
        assembleLib(dist.resolve("lib"), coreJar, classPath);
        assembleRuntime(dist.resolve("runtime"));
        Path project = Path.of(args[3]);
        mirror(project.resolve("vpn-core/src/dist/bin"), dist.resolve("bin"));
        mirror(project.resolve("conf"), dist.resolve("conf"));
        deleteOthers(
                dist.resolve("doc"),
                PackagedPages.put(
                        List.of(project.resolve("vpn-core/doc"), project.resolve("vpn-keymgmt/doc")),
                        dist.resolve("doc")));
        billOfMaterials(Path.of(args[4]), dist);
        String time = args[5];
        manual(dist, time.substring(0, "2026-11-27".length()));
        Files.writeString(dist.resolve("build-time"), time + "\n");
        rehearse(dist);
    }

    /** Man pages and completion, as the program itself knows them. */
    private static void manual(Path dist, String date) throws Exception {
        deleteTree(dist.resolve("man"));
        deleteTree(dist.resolve("completion"));
        run(List.of(
                dist.resolve("bin/culvert").toString(),
                "manual",
                "--out",
                dist.toString(),
                "--config",
                dist.resolve("conf/culvert.toml").toString(),
                "--date",
                date));
    }

    /** Maven knows the libraries; the Java runtime, which is the largest part of what we ship, it does not. */
    private static void billOfMaterials(Path libraries, Path dist) throws IOException {
        String version = Runtime.version().toString();
        String start = "\"components\" : [\n    {\n      \"";
        String text = Files.readString(libraries);
        int first = text.indexOf(start, text.indexOf("\"bom-ref\""));
        if (first < 0) {
            throw new IOException(libraries + ": no list of components where one was expected");
        }
        String runtime = """
                "components" : [
                    {
                      "type" : "platform",
                      "bom-ref" : "java-runtime",
                      "name" : "OpenJDK runtime, %s",
                      "version" : "%s",
                      "description" : "runtime/, made by jlink from the modules %s"
                    },
                """.formatted(System.getProperty("java.vendor"), version, MODULES);
        String withRuntime =
                text.substring(0, first) + runtime + "    {\n      \"" + text.substring(first + start.length());
        Files.createDirectories(dist.resolve("sbom"));
        Files.writeString(dist.resolve("sbom/culvert.cdx.json"), withRuntime);
    }

    /**
     * The ahead-of-time cache (JEP 483, 514, 515): classes as loaded and linked, and what the JVM learned about them, by one run of
     * what a start does. Made anew when a jar or the runtime is newer; a product without it only starts more slowly.
     */
    private static void rehearse(Path dist) throws Exception {
        Path cache = dist.resolve("lib/culvert.aot");
        Path jar = dist.resolve("lib/culvert.jar");
        Path launcher = dist.resolve("bin/culvert");
        if (Files.exists(cache)
                && newer(cache, jar)
                && newer(cache, launcher)
                && newer(cache, dist.resolve("runtime/culvert-made-by"))) {
            return;
        }
        Files.deleteIfExists(cache);
        try {
            run(List.of(launcher.toString(), "rehearse"));
        } catch (IOException e) {
            System.err.println("no ahead-of-time cache, the product starts more slowly: " + e.getMessage());
        }
    }

    /** culvert.jar names the others in its manifest, so they keep their names; what is no longer named goes. */
    private static void assembleLib(Path lib, Path coreJar, String classPath) throws IOException {
        Files.createDirectories(lib);
        Set<Path> wanted = new HashSet<>();
        wanted.add(copy(coreJar, lib.resolve("culvert.jar")));
        for (String entry : classPath.split(":")) {
            Path jar = Path.of(entry);
            if (Files.isDirectory(jar)) {
                continue; // vpn-core's own target/classes, which is in culvert.jar
            }
            wanted.add(copy(jar, lib.resolve(jar.getFileName())));
            if (jar.getFileName().toString().startsWith("jna-")) {
                wanted.add(extractJnaNative(jar, lib));
            }
        }
        wanted.add(lib.resolve("culvert.aot"));
        deleteOthers(lib, wanted);
    }

    private static Path extractJnaNative(Path jar, Path lib) throws IOException {
        String arch = System.getProperty("os.arch").equals("amd64") ? "x86-64" : System.getProperty("os.arch");
        String name = "libjnidispatch.so";
        Path target = lib.resolve(name);
        if (Files.exists(target) && newer(target, jar)) {
            return target;
        }
        try (var files = java.nio.file.FileSystems.newFileSystem(jar)) {
            Path source = files.getPath("com/sun/jna/linux-" + arch, name);
            try (InputStream in = Files.newInputStream(source)) {
                Path fresh = target.resolveSibling(name + ".new");
                Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (NoSuchFileException e) {
            throw new IOException("JNA has no native part for linux-" + arch, e);
        }
        return target;
    }

    /** jlink takes seconds, so its result stays until the JDK or the options change. */
    private static void assembleRuntime(Path runtime) throws Exception {
        String made = Runtime.version() + " " + String.join(" ", JLINK_OPTIONS) + "\n";
        Path note = runtime.resolve("culvert-made-by");
        if (Files.exists(note) && Files.readString(note).equals(made)) {
            return;
        }
        Path fresh = runtime.resolveSibling("runtime.new");
        deleteTree(fresh);
        // As a process: within ours its result differed from one time to the next.
        List<String> command =
                new ArrayList<>(List.of(jdk().resolve("bin/jlink").toString()));
        command.addAll(JLINK_OPTIONS);
        command.addAll(List.of("--output", fresh.toString()));
        run(command);
        archiveClasses(fresh);
        Files.writeString(fresh.resolve(note.getFileName()), made);
        deleteTree(runtime);
        Files.move(fresh, runtime);
    }

    private static Path jdk() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        if (!Files.exists(home.resolve("bin/jlink"))) {
            throw new IOException(home + " has no jlink: install the full JDK, not a JRE");
        }
        return home;
    }

    /** The JDK's classes in mapped form for the collector and object headers that bin/culvert asks for. */
    private static void archiveClasses(Path runtime) throws Exception {
        run(List.of(
                runtime.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Xshare:dump",
                "-Xlog:disable"));
    }

    /** Under one language and time zone: the archive of classes holds what the JVM makes of them. */
    private static void run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "TZ", "UTC"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + said);
        }
    }

    private static void mirror(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        Set<Path> wanted = new HashSet<>();
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                wanted.add(copy(file, to.resolve(from.relativize(file))));
            }
        }
        deleteOthers(to, wanted);
    }

    static Path copy(Path from, Path to) throws IOException {
        if (Files.exists(to) && Files.size(to) == Files.size(from) && newer(to, from)) {
            return to;
        }
        Files.createDirectories(to.getParent());
        Path fresh = to.resolveSibling(to.getFileName() + ".new");
        Files.copy(
                from,
                fresh,
                StandardCopyOption.REPLACE_EXISTING); // the mode, with it the x of bin/culvert, comes along
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
        return to;
    }

    private static boolean newer(Path made, Path source) throws IOException {
        return Files.getLastModifiedTime(made).compareTo(Files.getLastModifiedTime(source)) >= 0;
    }

    private static void deleteOthers(Path folder, Set<Path> wanted) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(f -> !wanted.contains(f))
                    .toList()) {
                Files.delete(file);
            }
        }
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
