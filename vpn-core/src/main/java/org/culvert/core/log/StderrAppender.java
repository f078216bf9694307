package org.culvert.core.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.ZoneId;

/** One write per line, so that lines of two threads never mix. A stream that cannot be written to is no reason to stop. */
final class StderrAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final OutputStream stream;
    private final boolean journal;

    StderrAppender(OutputStream stream, boolean journal) {
        this.stream = stream;
        this.journal = journal;
        setName("stderr");
    }

    @Override
    protected void append(ILoggingEvent event) {
        String line = journal
                ? LogLine.forJournal(event.getLevel(), event.getFormattedMessage(), event.getThrowableProxy())
                : LogLine.forPeople(
                        LocalTime.ofInstant(event.getInstant(), ZoneId.systemDefault()),
                        event.getLevel(),
                        event.getFormattedMessage(),
                        event.getThrowableProxy());
        byte[] bytes = (line + '\n').getBytes(StandardCharsets.UTF_8);
        synchronized (stream) {
            try {
                stream.write(bytes);
                stream.flush();
            } catch (IOException e) {
                // Nobody reads any more; there is no other place to say so, and the tunnel matters more.
            }
        }
    }
}
