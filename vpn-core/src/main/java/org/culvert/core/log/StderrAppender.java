package org.culvert.core.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.ZoneId;

/**
 * One write per line, so that lines of two threads never mix, and no more lines of one kind than {@link LogLimit} allows. A stream
 * that cannot be written to is no reason to stop.
 */
final class StderrAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    static final String NAME = "stderr";

    private final OutputStream stream;
    private final boolean journal;
    private final LogLimit limit = new LogLimit();
    private volatile LogFormat format = LogFormat.TEXT;

    StderrAppender(OutputStream stream, boolean journal) {
        this.stream = stream;
        this.journal = journal;
        setName(NAME);
    }

    void format(LogFormat next) {
        format = next;
    }

    @Override
    protected void append(ILoggingEvent event) {
        int skipped = limit.admit(event.getMessage(), System.nanoTime());
        if (skipped == LogLimit.REFUSED) {
            return;
        }
        byte[] bytes = (line(event, skipped) + '\n').getBytes(StandardCharsets.UTF_8);
        synchronized (stream) {
            try {
                stream.write(bytes);
                stream.flush();
            } catch (IOException e) {
                // Nobody reads any more; there is no other place to say so, and the tunnel matters more.
            }
        }
    }

    private String line(ILoggingEvent event, int skipped) {
        if (format == LogFormat.JSON) {
            String json = JsonLine.of(event, skipped);
            return journal ? LogLine.priorityMark(event.getLevel()) + json : json;
        }
        String message = event.getFormattedMessage() + LogLimit.suppressed(skipped);
        return journal
                ? LogLine.forJournal(event.getLevel(), message, event.getThrowableProxy())
                : LogLine.forPeople(
                        LocalTime.ofInstant(event.getInstant(), ZoneId.systemDefault()),
                        event.getLevel(),
                        message,
                        event.getThrowableProxy());
    }
}
