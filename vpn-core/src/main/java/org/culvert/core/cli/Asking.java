package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.Reply;
import picocli.CommandLine.Model.CommandSpec;

/** How commands ask a running daemon: what it refuses ends the command with the daemon's own words. */
final class Asking {
    /** The daemon answers within 2 s or says that it is busy. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(5);

    private Asking() {}

    /**
     * A good answer.
     *
     * @throws IllegalArgumentException when the question was wrong or names what is not there
     * @throws IOException when there is no daemon, or it cannot answer
     */
    static Reply get(Path socket, String target) throws IOException {
        Reply reply = new ControlClient(socket, TIME_LIMIT).ask("GET", target);
        if (reply.status() == Answer.BAD_REQUEST || reply.status() == Answer.NOT_FOUND) {
            throw new IllegalArgumentException(reply.body().strip());
        }
        if (!reply.isGood()) {
            throw new IOException(socket + ": " + reply.body().strip());
        }
        return reply;
    }

    static void print(CommandSpec spec, Reply reply) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(reply.body());
        out.flush();
    }
}
