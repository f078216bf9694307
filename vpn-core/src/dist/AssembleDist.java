import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Puts the product together in vpn-core/target/dist: bin/, lib/, runtime/, conf/. Maven's package phase runs this file as
 * it stands on the toolchain's JDK 25, whose jlink makes the runtime, whatever JDK runs Maven.
 *
 * <p>Arguments: the dist folder, the vpn-core jar, the runtime class path, the folder with bin/, the folder conf/. What
 * is already right is left alone, and a file is replaced by renaming, so a daemon may go on running from the old one.
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
        mirror(Path.of(args[3]), dist.resolve("bin"));
        mirror(Path.of(args[4]), dist.resolve("conf"));
        rehearse(dist);
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
        Process run = new ProcessBuilder(launcher.toString(), "rehearse")
                .redirectErrorStream(true)
                .start();
        String said = new String(run.getInputStream().readAllBytes());
        if (run.waitFor() != 0 || !Files.exists(cache)) {
            System.err.println("no ahead-of-time cache, the product starts more slowly: " + said);
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
        List<String> options = new ArrayList<>(JLINK_OPTIONS);
        options.addAll(List.of("--output", fresh.toString()));
        run("jlink", options);
        archiveClasses(fresh);
        Files.writeString(fresh.resolve(note.getFileName()), made);
        deleteTree(runtime);
        Files.move(fresh, runtime);
    }

    /** The JDK's classes in mapped form for the collector and object headers that bin/culvert asks for. */
    private static void archiveClasses(Path runtime) throws Exception {
        Process dump = new ProcessBuilder(
                        runtime.resolve("bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-Xshare:dump",
                        "-Xlog:disable")
                .redirectErrorStream(true)
                .start();
        String said = new String(dump.getInputStream().readAllBytes());
        if (dump.waitFor() != 0) {
            throw new IOException("java -Xshare:dump failed: " + said);
        }
    }

    private static void run(String tool, List<String> options) throws IOException {
        var said = new java.io.ByteArrayOutputStream();
        var out = new PrintStream(said, true);
        int code = ToolProvider.findFirst(tool)
                .orElseThrow(() -> new IOException("this JDK has no " + tool + ": install the full JDK, not a JRE"))
                .run(out, out, options.toArray(String[]::new));
        if (code != 0) {
            throw new IOException(tool + " failed: " + said);
        }
    }

    private static void mirror(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        Set<Path> wanted = new HashSet<>();
        if (Files.isDirectory(from)) {
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    wanted.add(copy(file, to.resolve(from.relativize(file))));
                }
            }
        }
        deleteOthers(to, wanted);
    }

    private static Path copy(Path from, Path to) throws IOException {
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
