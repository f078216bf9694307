package org.culvert.core.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.culvert.keymgmt.trust.Groups;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * A file that names many requests for a CA to sign in one go, a [[site]] each. As strict as a configuration: what is unknown, missing or twice is an
 * error with its line.
 */
public final class SigningTemplate {
    private static final int MOST_DAYS = 36_500;
    private static final Pattern FINGERPRINT = Pattern.compile("(?i)([0-9a-f]{2}:?){31}[0-9a-f]{2}");

    private final Path file;
    private final Path folder;
    private final Findings findings;
    private final Map<Path, Integer> requests = new HashMap<>();
    private final Map<Path, Integer> outs = new HashMap<>();

    private SigningTemplate(Path file, Findings findings) {
        this.file = file;
        this.folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        this.findings = findings;
    }

    /**
     * Reads it all.
     *
     * @throws ConfigException with everything that is wrong
     */
    public static List<SigningSite> load(Path file) throws ConfigException {
        Findings findings = new Findings(file);
        TomlTable root = ConfigFile.toml(ConfigFile.text(file, findings), findings);
        List<SigningSite> sites = new SigningTemplate(file, findings).sites(root);
        findings.throwIfAny();
        return sites;
    }

    private List<SigningSite> sites(TomlTable root) {
        for (String key : root.keySet()) {
            if (!key.equals("site")) {
                findings.add(
                        ConfigReader.lineOf(root, key), "unknown table or key `" + key + "`", "there is only [[site]]");
            }
        }
        List<SigningSite> sites = new ArrayList<>();
        if (!(root.get(List.of("site")) instanceof TomlArray array) || array.isEmpty()) {
            findings.add(1, "there is no [[site]]", "add one for each request, with request and out");
            return sites;
        }
        for (int i = 0; i < array.size(); i++) {
            int line = array.inputPositionOf(i).line();
            if (array.get(i) instanceof TomlTable table) {
                sites.add(site(new Section(Table.SITE, table, line, findings)));
            } else {
                findings.add(line, "a site is " + Section.type(array.get(i)), "write [[site]] with its keys below");
            }
        }
        return sites;
    }

    private SigningSite site(Section site) {
        site.refuseUnknownKeys();
        site.demand("request", "\"osaka/host.csr\"");
        site.demand("out", "\"osaka/host.crt\"");
        return new SigningSite(
                file,
                path(site, "request", "\"osaka/host.csr\"", requests),
                path(site, "out", "\"osaka/host.crt\"", outs),
                site.text("name", "\"osaka\"", Values::peerName),
                site.list("networks", "\"10.2.0.0/24\"", Values::network),
                site.list("groups", "\"asia\"", SigningTemplate::group),
                site.text("key", "\"AB:CD:...\"", SigningTemplate::fingerprint),
                site.number("days", "365", 1, MOST_DAYS)
                        .map(days -> OptionalInt.of(days.intValue()))
                        .orElse(OptionalInt.empty()),
                site.flag("allow-overlap").orElse(false),
                site.lines());
    }

    private Path path(Section site, String key, String example, Map<Path, Integer> taken) {
        int line = site.lineOf(key);
        return site.text(key, example, text -> {
                    Path path = Values.path(folder, text).normalize();
                    Integer first = taken.putIfAbsent(path, line);
                    if (first != null) {
                        throw new BadValue(
                                "`" + text + "` stands on line " + first + " already", "each site has its own");
                    }
                    return path;
                })
                .orElse(Path.of(""));
    }

    private static String group(String text) throws BadValue {
        Optional<String> fault = Groups.fault(text);
        if (fault.isPresent()) {
            throw new BadValue(fault.get(), "write it as `host request --group` takes it");
        }
        return text;
    }

    private static String fingerprint(String text) throws BadValue {
        if (!FINGERPRINT.matcher(text).matches()) {
            throw new BadValue(
                    "`" + text + "` is no fingerprint", "write the 32 bytes that `culvert host request` printed");
        }
        return text.replace(":", "");
    }
}
