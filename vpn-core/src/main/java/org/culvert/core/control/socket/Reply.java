package org.culvert.core.control.socket;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A daemon's answer as a command gets it.
 *
 * @param headers names are case-insensitive
 */
public record Reply(int status, Map<String, String> headers, String body) {
    static final String HEAD_END = "\r\n\r\n";

    public boolean isGood() {
        return status >= 200 && status < 300;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Reads what {@link Exchange} writes: a length, and the end of the connection behind it. */
    static Reply parse(byte[] answer, Path from) throws ControlException {
        // One char per byte, so that positions are the same in both.
        String latin = new String(answer, StandardCharsets.ISO_8859_1);
        int end = latin.indexOf(HEAD_END);
        if (end < 0) {
            throw new ControlException(
                    from + ": " + (answer.length == 0 ? "closed without an answer; try again" : NOT_OURS));
        }
        List<String> lines = latin.substring(0, end).lines().toList();
        String[] first = lines.getFirst().split(" ", 3);
        if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-5][0-9][0-9]")) {
            throw new ControlException(from + ": " + NOT_OURS);
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        int bodyBytes = answer.length - end - HEAD_END.length();
        if (!Integer.toString(bodyBytes).equals(headers.get("Content-Length"))) {
            throw new ControlException(from + ": the answer was cut off; try again");
        }
        String body = new String(answer, end + HEAD_END.length(), bodyBytes, StandardCharsets.UTF_8);
        return new Reply(Integer.parseInt(first[1]), headers, body);
    }

    static final String NOT_OURS = "this is not the answer of a culvert; name the daemon's [gateway] control";
}
