package org.culvert.core.config;

import java.nio.file.Path;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/** Reads a configuration file: text, then TOML, then its tables. Changes nothing and asks nobody. */
public final class ConfigFile {
    /** Where the control socket is when nobody says otherwise. */
    public static final Path DEFAULT_CONTROL = Path.of("/run/culvert/culvert.sock");

    private static final String SEE_SAMPLE = "see the sample configuration";

    private ConfigFile() {}

    /**
     * Reads a whole configuration.
     *
     * @throws ConfigException with everything that is wrong
     */
    public static GatewayConfig load(Path file) throws ConfigException {
        Findings findings = new Findings(file);
        return load(file, text(file, findings), findings);
    }

    /**
     * The same for a text that is at hand.
     *
     * @param file what the findings name, and against what the text's paths are resolved; it need not be there
     */
    public static GatewayConfig read(Path file, String text) throws ConfigException {
        return load(file, text, new Findings(file));
    }

    /** The same for a text that is at hand; {@code file} says against what its paths are resolved. */
    static GatewayConfig load(Path file, String text, Findings findings) throws ConfigException {
        GatewayConfig config = parse(file, text, findings).config();
        findings.throwIfAny();
        return config;
    }

    /**
     * Only where the control socket is: a daemon that runs can still be asked when somebody is half way through a change of
     * its configuration.
     *
     * @throws ConfigException when the file is not TOML, or this very value is wrong
     */
    public static Path control(Path file) throws ConfigException {
        Findings findings = new Findings(file);
        ConfigReader reader = parse(file, text(file, findings), findings);
        findings.throwIfAny();
        Path control = reader.control();
        findings.throwIfAny();
        return control;
    }

    static String text(Path file, Findings findings) throws ConfigException {
        String text = Source.read(file, findings);
        if (text == null) {
            throw findings.refusal();
        }
        return text;
    }

    private static ConfigReader parse(Path file, String text, Findings findings) throws ConfigException {
        Parsed parsed = toml(text, findings, SEE_SAMPLE);
        return new ConfigReader(file, parsed.root(), parsed.complete(), findings);
    }

    /** @throws ConfigException when it is not TOML from beginning to end */
    static TomlTable toml(String text, Findings findings) throws ConfigException {
        Parsed parsed = toml(text, findings, "see `culvert ca sign --help`");
        findings.throwIfAny();
        return parsed.root();
    }

    /** @param complete false when lines were lost to syntax errors */
    private record Parsed(TomlTable root, boolean complete) {}

    /** @throws ConfigException when there is no point in reading on; other syntax errors are in the findings */
    private static Parsed toml(String text, Findings findings, String hint) throws ConfigException {
        TomlParseResult result;
        try {
            result = Toml.parse(text, TomlVersion.V1_0_0);
        } catch (StackOverflowError e) { // the parser recurses into lists and inline tables
            findings.add(0, "not TOML: lists or tables nested too deeply", hint);
            throw findings.refusal();
        } catch (RuntimeException | AssertionError e) { // found by mutation: one of its own checks can fail on nonsense
            findings.add(0, "not TOML, so far from it that no line can be named", hint);
            throw findings.refusal();
        }
        SyntaxErrors syntax = new SyntaxErrors(text.lines().toList(), findings);
        result.errors().forEach(syntax::add);
        if (syntax.structureLost()) {
            throw findings.refusal();
        }
        return new Parsed(result, !syntax.linesLost());
    }
}
