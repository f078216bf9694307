package org.culvert.core.control.socket;

import java.util.Optional;
import java.util.stream.Collectors;
import org.culvert.core.status.GatewayStatus;
import org.culvert.core.status.PeerStatus;
import org.culvert.core.status.StatusJson;
import org.culvert.core.status.StatusText;

/** {@code GET /v1/status}: JSON, or text with {@code format=text}; one peer with {@code peer=NAME}. */
public final class StatusHandler implements ControlHandler {
    public static final String PATH = "/v1/status";

    /** Whether the one peer asked for is up, for a command's exit code. */
    public static final String STATE_HEADER = "Culvert-Peer-State";

    private static final int MOST_NAMES = 20;

    private final Source source;

    /** Where the snapshot comes from. */
    public interface Source {
        GatewayStatus now() throws Exception;
    }

    public StatusHandler(Source source) {
        this.source = source;
    }

    @Override
    public Resource resource() {
        return Resource.get(PATH);
    }

    @Override
    public Answer answer(Question question) throws Exception {
        String format = question.parameter("format").orElse("json");
        if (!format.equals("json") && !format.equals("text")) {
            return Answer.refusal(Answer.BAD_REQUEST, "format is json or text");
        }
        boolean asText = format.equals("text");
        GatewayStatus status = source.now();
        Optional<String> name = question.parameter("peer");
        if (name.isEmpty()) {
            return answer(status, asText);
        }
        Optional<PeerStatus> peer = status.peer(name.get());
        if (peer.isEmpty()) {
            return Answer.refusal(Answer.NOT_FOUND, name.get() + ": no such peer; " + names(status));
        }
        return answer(status.only(peer.get()), asText)
                .with(STATE_HEADER, peer.get().up() ? "up" : "down");
    }

    private static Answer answer(GatewayStatus status, boolean asText) {
        return asText ? Answer.text(StatusText.of(status)) : Answer.json(StatusJson.of(status));
    }

    private static String names(GatewayStatus status) {
        if (status.peers().isEmpty()) {
            return "none is configured";
        }
        String names =
                status.peers().stream().limit(MOST_NAMES).map(PeerStatus::name).collect(Collectors.joining(", "));
        int more = status.peers().size() - MOST_NAMES;
        return "there are " + names + (more > 0 ? " and " + more + " more" : "");
    }
}
