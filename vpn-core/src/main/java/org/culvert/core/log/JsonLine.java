package org.culvert.core.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.Locale;

/**
 * One event as one JSON object on one line: {@code time} (RFC 3339, UTC), {@code level}, {@code priority} (syslog's), {@code
 * logger}, {@code message}, and where there are any {@code suppressed} (lines of this kind left out before it) and {@code error}.
 * ASCII only, so that nothing a peer named reaches the terminal of who reads it. Stateless.
 */
final class JsonLine {
    private JsonLine() {}

    static String of(ILoggingEvent event, int skipped) {
        return AsciiJson.of(json -> {
            json.writeStartObject();
            json.writeStringField("time", event.getInstant().toString());
            json.writeStringField("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
            json.writeNumberField("priority", LogLine.priority(event.getLevel()));
            json.writeStringField("logger", event.getLoggerName());
            json.writeStringField("message", cut(event.getFormattedMessage(), LogLine.MESSAGE_CHARS));
            if (skipped > 0) {
                json.writeNumberField("suppressed", skipped);
            }
            IThrowableProxy thrown = event.getThrowableProxy();
            if (thrown != null) {
                json.writeStringField("error", cut(LogLine.chain(thrown), LogLine.THROWABLE_CHARS));
            }
            json.writeEndObject();
        });
    }

    private static String cut(String text, int mostChars) {
        return text.length() <= mostChars ? text : text.substring(0, mostChars);
    }
}
