package org.culvert.core.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.Reply;
import picocli.CommandLine.Model.CommandSpec;

/** What a daemon says that was asked to change: warnings when it did, findings when it did not. */
final class Changed {
    private Changed() {}

    /** Prints it to stderr, a line each. @return the exit code */
    static int show(CommandSpec spec, Path socket, Reply reply) throws IOException {
        if (reply.isGood()) {
            reply.body().lines().forEach(warning -> Failure.warn(spec, warning));
            return 0;
        }
        if (reply.status() == Answer.UNPROCESSABLE) {
            reply.body().lines().forEach(finding -> Failure.say(spec, finding));
            return Failure.USAGE;
        }
        throw new IOException(socket + ": " + reply.body().strip());
    }
}
