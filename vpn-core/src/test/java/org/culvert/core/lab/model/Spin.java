package org.culvert.core.lab.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.demo.Programs;

/** Has spin search all states of a model: spin writes a C program, gcc compiles it, it runs. Immutable. */
record Spin(Path folder, String model, Duration longest, String optimization) {
    private static final Pattern ERRORS = Pattern.compile("errors: (\\d+)");
    private static final Pattern ASSERTION = Pattern.compile("pan:1: assertion violated (.*) \\(at depth");

    static Spin of(String model, Path folder, Duration longest) throws IOException {
        return new Spin(folder, Files.readString(Path.of("src/model", model)), longest, "-O1");
    }

    /**
     * The same with another line, which is wrong: found so soon that it would be a waste to optimize the search. The line must be there once,
     * or the model has changed and the test has not.
     */
    Spin with(String line, String instead) {
        assertEquals(2, model.split(Pattern.quote(line), -1).length, "the model does not have this once: " + line);
        return new Spin(folder, model.replace(line, instead), longest, "-O0");
    }

    /** Searches for a violated assertion. Empty when there is none in any state. */
    String assertions(String... defines) throws IOException {
        return search(List.of("-DSAFETY"), List.of("-noclaim"), defines);
    }

    /** Searches for a run that goes on for ever and does not do what the model's claim says, or violates an assertion. */
    String claim(String... defines) throws IOException {
        return search(List.of(), List.of("-a"), defines);
    }

    private String search(List<String> kind, List<String> run, String... defines) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("model.pml"), model);
        command(List.of("spin", "-a"), List.of(defines), List.of("model.pml"));
        command(List.of("gcc", optimization, "-w"), kind, List.of("-DMEMLIM=16000", "-o", "pan", "pan.c"));
        // States are found again in a table of 2^22 lines; the search is at most a million steps deep.
        String said =
                command(List.of("timeout", longest.toSeconds() + "s", "./pan", "-m1000000", "-w22"), run, List.of());
        Matcher errors = ERRORS.matcher(said);
        if (!errors.find() || said.contains("max search depth too small") || said.contains("reached -DMEMLIM")) {
            throw new IOException("the search was not completed: " + said);
        }
        Matcher assertion = ASSERTION.matcher(said);
        String violated = assertion.find() ? assertion.group(1) : "the claim";
        return errors.group(1).equals("0") ? "" : violated;
    }

    private String command(List<String> program, List<String> options, List<String> rest) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(options);
        command.addAll(rest);
        return Programs.runIn(folder, command, longest).succeeded().out();
    }
}
