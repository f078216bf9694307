package org.culvert.core.control.socket;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.core.why.Passage;
import org.culvert.core.why.Verdict;
import org.culvert.core.why.WhyJson;
import org.culvert.core.why.WhyText;

/** {@code GET /v1/why?source=A&destination=B}: whether such a packet passes; with {@code protocol}, {@code port}, {@code format=text}. */
public final class WhyHandler implements ControlHandler {
    public static final String PATH = "/v1/why";

    /** "yes" or "no", for a command's exit code. */
    public static final String PASSES_HEADER = "Culvert-Passes";

    private final Source source;

    /** Who knows. */
    public interface Source {
        Verdict of(Passage passage) throws Exception;
    }

    public WhyHandler(Source source) {
        this.source = source;
    }

    @Override
    public Resource resource() {
        return Resource.get(PATH);
    }

    @Override
    public Answer answer(Question question) throws Exception {
        Passage passage;
        try {
            passage = new Passage(
                    address(question, "source"),
                    address(question, "destination"),
                    question.parameter("protocol").map(Passage.Protocol::of),
                    port(question.parameter("port")));
        } catch (IllegalArgumentException e) {
            return Answer.refusal(Answer.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        Verdict verdict = source.of(passage);
        boolean asText = question.parameter("format").filter("text"::equals).isPresent();
        return (asText ? Answer.text(WhyText.of(verdict)) : Answer.json(WhyJson.of(verdict)))
                .with(PASSES_HEADER, verdict.passes() ? "yes" : "no");
    }

    private static InetAddress address(Question question, String name) {
        String text = question.parameter(name)
                .orElseThrow(() -> new IllegalArgumentException("there is no " + name + "; give an address"));
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + " is not an address; names are not resolved here", e);
        }
    }

    private static OptionalInt port(Optional<String> text) {
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!text.get().matches("[0-9]{1,5}") || Integer.parseInt(text.get()) > 65_535) {
            throw new IllegalArgumentException(text.get() + " is not a port from 0 to 65535");
        }
        return OptionalInt.of(Integer.parseInt(text.get()));
    }
}
