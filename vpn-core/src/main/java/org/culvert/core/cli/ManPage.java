package org.culvert.core.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The man page of one command, section 1, from what {@code --help} prints of it. */
final class ManPage {
    private static final Map<String, String> EXIT_CODES = Map.of(
            "0", "done",
            "1", "the answer is no",
            "2", "wrong use or configuration",
            "3", "the system refused");

    private final CommandSpec spec;
    private final UsageMessageSpec usage;
    private final Roff roff = new Roff();

    private ManPage(CommandSpec spec) {
        this.spec = spec;
        this.usage = spec.usageMessage();
    }

    /** "culvert-ca-sign" for {@code culvert ca sign}. */
    static String name(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    /** @param date of the product, RFC 3339 without the time */
    static String of(CommandSpec spec, String date) {
        ManPage page = new ManPage(spec);
        page.heading(date);
        page.described();
        page.terms("ARGUMENTS", spec.positionalParameters());
        page.terms("OPTIONS", spec.options());
        page.commands();
        page.exitStatus();
        if (spec.parent() == null) {
            page.files();
        }
        page.seeAlso();
        return page.roff.toString();
    }

    private void heading(String date) {
        String name = name(spec);
        roff.title(name.toUpperCase(Locale.ROOT), 1, date);
        roff.section("NAME").line(name + " - " + inShort());
        roff.section("SYNOPSIS");
        usage.width(10_000);
        String synopsis = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF))
                .synopsis(0)
                .strip();
        roff.bold(
                spec.qualifiedName(),
                synopsis.substring(spec.qualifiedName().length()).replaceAll("\\s+", " "));
    }

    /** The first sentence of the description, as a list of pages has it. */
    private String inShort() {
        String all = String.join(" ", usage.description());
        int end = all.indexOf(". ");
        String first = end < 0 ? all : all.substring(0, end);
        return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
    }

    private void described() {
        roff.section("DESCRIPTION");
        Arrays.stream(usage.description()).forEach(roff::line);
        if (usage.footer().length > 0) {
            roff.paragraph();
            Arrays.stream(usage.footer()).forEach(roff::line);
        }
    }

    private void terms(String title, List<? extends ArgSpec> arguments) {
        List<? extends ArgSpec> shown =
                arguments.stream().filter(argument -> !argument.hidden()).toList();
        if (shown.isEmpty()) {
            return;
        }
        roff.section(title);
        for (ArgSpec argument : shown) {
            List<String> meaning = List.of(argument.description());
            switch (argument) {
                case OptionSpec option ->
                    roff.item(
                            String.join(", ", option.names()),
                            option.arity().max() == 0 ? "" : "=" + option.paramLabel(),
                            meaning);
                case PositionalParamSpec positional -> roff.item(positional.paramLabel(), "", meaning);
                default -> throw new IllegalArgumentException("neither option nor parameter: " + argument);
            }
        }
    }

    /** The commands below this one that are to be seen. */
    static List<CommandSpec> below(CommandSpec spec) {
        return spec.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden())
                .toList();
    }

    private void commands() {
        List<CommandSpec> commands = below(spec);
        if (!commands.isEmpty()) {
            roff.section("COMMANDS");
            commands.forEach(command -> roff.item(
                    name(command), "(1)", List.of(command.usageMessage().description())));
        }
    }

    private void exitStatus() {
        Map<String, String> own = usage.exitCodeList();
        roff.section("EXIT STATUS");
        Stream.of("0", "1", "2", "3")
                .filter(code -> own.isEmpty() || own.containsKey(code))
                .forEach(code -> roff.item(
                        code, "", List.of(own.isEmpty() ? EXIT_CODES.getOrDefault(code, "") : own.get(code))));
    }

    private void files() {
        roff.section("FILES");
        roff.item("/etc/culvert/culvert.toml", "", List.of("The configuration of a gateway, see culvert.toml(5)."));
        roff.item("/run/culvert/culvert.sock", "", List.of("Where the running daemon is asked."));
        roff.item("/var/lib/culvert", "", List.of("What it keeps from one start to the next."));
        roff.item("/usr/share/doc/culvert", "", List.of("A page for each thing an administrator does."));
    }

    private void seeAlso() {
        List<String> others = new ArrayList<>();
        CommandSpec parent = spec.parent();
        if (parent != null) {
            others.add(name(parent) + "(1)");
            below(parent).stream()
                    .filter(command -> !command.equals(spec))
                    .forEach(command -> others.add(name(command) + "(1)"));
        }
        others.add("culvert.toml(5)");
        roff.section("SEE ALSO").line(String.join(", ", others));
    }
}
