package org.culvert.core.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes what packaging installs beside the program: a man page for each command and for the configuration, and completion. */
@Command(name = "manual", hidden = true, description = "What packaging runs to write man pages and shell completion.")
final class ManualCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, description = "Gets the folders man and completion.")
    @SuppressWarnings("NullAway.Init") // required
    private Path out;

    @Option(names = "--config", required = true, description = "The sample configuration, which explains each key.")
    @SuppressWarnings("NullAway.Init") // required
    private Path sample;

    @Option(names = "--date", required = true, description = "Of the product, YYYY-MM-DD.")
    @SuppressWarnings("NullAway.Init") // required
    private String date;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path man = Files.createDirectories(out.resolve("man"));
        CommandSpec culvert = spec.root();
        write(man, culvert);
        Files.writeString(man.resolve("culvert.toml.5"), configuration());
        Path completion = Files.createDirectories(out.resolve("completion"));
        Files.writeString(completion.resolve("culvert"), AutoComplete.bash("culvert", culvert.commandLine()));
        return 0;
    }

    private void write(Path man, CommandSpec command) throws IOException {
        Files.writeString(man.resolve(ManPage.name(command) + ".1"), ManPage.of(command, date));
        for (CommandSpec each : ManPage.below(command)) {
            write(man, each);
        }
    }

    /** The sample says of each key what it means: there is no second text that could say otherwise. */
    private String configuration() throws IOException {
        List<String> lines = Files.readAllLines(sample);
        return new Roff()
                .title("CULVERT.TOML", 5, date)
                .section("NAME")
                .line("culvert.toml - configuration of a Culvert gateway")
                .section("DESCRIPTION")
                .line(
                        "Read by culvert-run(1), and again at culvert-reload(1); culvert-check(1) says what is wrong in it.")
                .line("A key stands here with its default, unless its comment says that it is an example.")
                .section("FILE")
                .verbatim(lines)
                .section("SEE ALSO")
                .line("culvert(1), culvert-check(1), culvert-apply(1)")
                .toString();
    }
}
