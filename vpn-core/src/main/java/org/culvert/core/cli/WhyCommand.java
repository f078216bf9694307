package org.culvert.core.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.Reply;
import org.culvert.core.control.socket.WhyHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert why}: whether a packet would pass, and what stops it. */
@Command(
        name = "why",
        description =
                "Says whether a packet from SRC to DST would pass this gateway, check by check, both ways. Sends nothing.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:it passes, and so do the answers",
            "1:it does not",
            "2:wrong use or configuration",
            "3:no daemon runs there, it does not answer, or you may not ask it"
        })
final class WhyCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SRC", description = "source address")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private String source;

    @Parameters(index = "1", paramLabel = "DST", description = "destination address")
    @SuppressWarnings("NullAway.Init")
    private String destination;

    @Parameters(index = "2", arity = "0..1", paramLabel = "PROTO", description = "tcp, udp, icmp, icmpv6 or a number")
    private @Nullable String protocol;

    @Parameters(index = "3", arity = "0..1", paramLabel = "PORT", description = "destination port of tcp or udp")
    private @Nullable String port;

    @Option(names = "--json", description = "For programs: schema culvert.why/1, stable.")
    private boolean json;

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        Path socket = ControlOptions.socket(daemon);
        String target = WhyHandler.PATH + "?format=" + (json ? "json" : "text") + parameter("source", source)
                + parameter("destination", destination) + parameter("protocol", protocol) + parameter("port", port);
        Reply reply = Asking.get(socket, target);
        Asking.print(spec, reply);
        return reply.header(WhyHandler.PASSES_HEADER).filter("no"::equals).isPresent() ? Failure.NO : 0;
    }

    private static String parameter(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
