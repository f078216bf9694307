package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.culvert.core.config.ConfigException;
import org.culvert.core.crypto.CipherUnavailableException;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * How every command fails: one line on stderr, "culvert: file: cause; hint", and an exit code that a script can rely on. A stack trace
 * means a bug of ours and nothing else.
 */
final class Failure {
    /** The answer is no. */
    static final int NO = 1;

    /** Wrong use or configuration. */
    static final int USAGE = 2;

    /** The system refused. */
    static final int SYSTEM = 3;

    private Failure() {}

    /** Takes over what picocli would print for errors of this command line and its subcommands. */
    static CommandLine handledBy(CommandLine commandLine) {
        return commandLine
                .setParameterExceptionHandler((e, args) -> usage(e))
                .setExecutionExceptionHandler((e, line, result) -> failed(e, line));
    }

    private static int usage(ParameterException e) {
        CommandLine line = e.getCommandLine();
        return say(line, e.getMessage() + "; see " + line.getCommandSpec().qualifiedName() + " --help", USAGE);
    }

    /** A line per finding: an administrator repairs a file in one go. */
    private static int findings(CommandLine line, ConfigException e) {
        e.findings().forEach(finding -> say(line, finding.toString(), USAGE));
        return USAGE;
    }

    private static int failed(Exception e, CommandLine line) throws Exception {
        return switch (e) {
            case ConfigException config -> findings(line, config);
            case CipherUnavailableException cipher -> say(line, words(cipher), SYSTEM);
            case CredentialException credential -> say(line, credential.getMessage(), code(credential));
            case IllegalArgumentException argument -> say(line, words(argument), USAGE);
            case FileAlreadyExistsException exists ->
                say(line, exists.getFile() + ": is already there; --force overwrites it", USAGE);
            case NoSuchFileException missing -> say(line, missing.getFile() + ": " + words(missing), USAGE);
            case FileSystemException file -> say(line, file.getFile() + ": " + words(file), SYSTEM);
            case IOException system -> say(line, words(system), SYSTEM);
            default -> throw e;
        };
    }

    private static int code(CredentialException e) {
        boolean system = e.getCause() instanceof IOException cause && !(cause instanceof NoSuchFileException);
        return system ? SYSTEM : USAGE;
    }

    /** What happened, without the file it happened to. */
    static String words(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException file when file.getReason() != null -> file.getReason();
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    /** A complaint that is not an exception: the answer is no. */
    static void say(CommandSpec spec, String message) {
        say(spec.commandLine(), message, NO);
    }

    /** Something that went well and should still be known. */
    static void warn(CommandSpec spec, String message) {
        say(spec.commandLine(), "warning: " + message, 0);
    }

    private static int say(CommandLine line, String message, int code) {
        PrintWriter err = line.getErr();
        err.println("culvert: " + message.replaceAll("\\R", " "));
        err.flush();
        return code;
    }
}
