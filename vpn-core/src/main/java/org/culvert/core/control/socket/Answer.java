package org.culvert.core.control.socket;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is answered.
 *
 * @param status of HTTP
 * @param headers beyond those of every answer
 * @param feed comes in place of the body; null: the body is all
 */
public record Answer(
        int status,
        String contentType,
        Map<String, String> headers,
        String body,
        @Nullable Feed feed) {
    public static final int GOOD = 200;
    public static final int BAD_REQUEST = 400;
    public static final int FORBIDDEN = 403;
    public static final int NOT_FOUND = 404;

    /** Understood and refused, with a line for each thing that is wrong. */
    public static final int UNPROCESSABLE = 422;

    public static final int SYSTEM_REFUSED = 500;

    private static final String TEXT = "text/plain; charset=utf-8";

    public Answer(int status, String contentType, Map<String, String> headers, String body) {
        this(status, contentType, headers, body, null);
    }

    /** Goes on until the feed ends or the reader goes away. */
    public static Answer stream(String contentType, Feed feed) {
        return new Answer(GOOD, contentType, Map.of(), "", feed);
    }

    public static Answer json(String body) {
        return new Answer(GOOD, "application/json", Map.of(), body);
    }

    public static Answer text(String body) {
        return new Answer(GOOD, TEXT, Map.of(), body);
    }

    /** A refusal in one line, which a command shows as it is. */
    public static Answer refusal(int status, String why) {
        return new Answer(status, TEXT, Map.of(), why + "\n");
    }

    public Answer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, contentType, more, body, feed);
    }
}
