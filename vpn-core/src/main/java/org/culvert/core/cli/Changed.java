package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.Reply;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** A daemon is asked to change: warnings when it did, findings when it did not. */
final class Changed {
    /** The daemon answers within 9 s or says that it is busy. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(12);

    private Changed() {}

    /**
     * Asks for a change that needs no more words.
     *
     * @param done printed when it was made
     * @return the exit code
     */
    static int ask(CommandSpec spec, @Nullable ControlOptions daemon, String path, String done)
            throws ConfigException, IOException {
        Path socket = ControlOptions.socket(daemon);
        return show(spec, socket, new ControlClient(socket, TIME_LIMIT).ask("POST", path), done);
    }

    /** What came back: a line each for findings and warnings, on stderr. @return the exit code */
    static int show(CommandSpec spec, Path socket, Reply reply, String done) throws IOException {
        if (reply.isGood()) {
            reply.body().lines().forEach(warning -> Failure.warn(spec, warning));
            print(spec, done);
            return 0;
        }
        return refused(spec, socket, reply);
    }

    static int refused(CommandSpec spec, Path socket, Reply reply) throws IOException {
        if (reply.status() == Answer.UNPROCESSABLE) {
            reply.body().lines().forEach(finding -> Failure.say(spec, finding));
            return Failure.USAGE;
        }
        throw new IOException(socket + ": " + reply.body().strip());
    }

    static void print(CommandSpec spec, String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
