import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The doc folders of the repository as one folder of the product. A link from one page to another leads to it there; one to what is not
 * shipped, sources and tests, becomes its text and the file's name, for nobody who installed a package has them.
 */
final class PackagedPages {
    private static final Pattern LINK = Pattern.compile("\\[([^\\]]*)\\]\\((?!https?:)([^)#\\s]*)(#[^)\\s]*)?\\)");

    private PackagedPages() {}

    /** @return what now is there; fails on a link that leads nowhere */
    static Set<Path> put(List<Path> folders, Path to) throws IOException {
        Set<Path> put = new HashSet<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path target = to.resolve(folder.relativize(file));
                    put.add(
                            file.toString().endsWith(".md")
                                    ? write(page(file, folders), target)
                                    : AssembleDist.copy(file, target));
                }
            }
        }
        for (Path page : put) {
            if (page.toString().endsWith(".md")) {
                checkLinks(page);
            }
        }
        return put;
    }

    private static String page(Path file, List<Path> folders) throws IOException {
        return LINK.matcher(Files.readString(file))
                .replaceAll(link -> Matcher.quoteReplacement(packaged(link, file, folders)));
    }

    private static String packaged(MatchResult link, Path page, List<Path> folders) {
        if (link.group(2).isEmpty()) {
            return link.group();
        }
        Path target = page.resolveSibling(link.group(2)).normalize();
        for (Path folder : folders) {
            if (target.startsWith(folder.normalize())) {
                String anchor = link.group(3) == null ? "" : link.group(3);
                return "[" + link.group(1) + "](" + folder.normalize().relativize(target) + anchor + ")";
            }
        }
        String name = target.getFileName().toString().replaceFirst("\\.java$", "");
        return link.group(1).contains(name) ? link.group(1) : link.group(1) + " (" + name + ")";
    }

    private static void checkLinks(Path page) throws IOException {
        for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
            if (!Files.exists(page.resolveSibling(link.group(2)))) {
                throw new IOException(page + ": a link that leads nowhere: " + link.group());
            }
        }
    }

    private static Path write(String text, Path target) throws IOException {
        if (!Files.exists(target) || !Files.readString(target).equals(text)) {
            Files.createDirectories(target.getParent());
            Path fresh = target.resolveSibling(target.getFileName() + ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        }
        return target;
    }
}
