package org.culvert.core.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LoggingTest {
    @Test
    void isFoundByLogback() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        assertEquals(StderrAppender.class, root.getAppender("stderr").getClass());
    }

    @Test
    void letsLibrariesOnlyWarn() {
        assertFalse(LoggerFactory.getLogger("io.netty.channel").isInfoEnabled());
        assertTrue(LoggerFactory.getLogger("io.netty.channel").isWarnEnabled());
        assertTrue(LoggerFactory.getLogger("org.culvert.core.control").isInfoEnabled());
        assertFalse(LoggerFactory.getLogger("org.culvert.core.control").isDebugEnabled());
    }

    @Test
    void writesOneLinePerEvent() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Logger logger = loggerTo(written);
        logger.warn("peer {} is at {}", "osaka\nforged", "192.0.2.2:1640");
        logger.info("second");
        assertEquals("<4>peer osaka\\nforged is at 192.0.2.2:1640\n<6>second\n", written.toString(UTF_8));
    }

    @Test
    void writesNoMoreOfOneKindThanItsLimit() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Logger logger = loggerTo(written);
        for (int i = 0; i < 10 * LogLimit.BURST; i++) {
            logger.warn("peer osaka is at {}", i);
        }
        logger.warn("something else");
        long lines = written.toString(UTF_8).lines().count();
        assertTrue(lines > LogLimit.BURST && lines < 2 * LogLimit.BURST, lines + " lines");
        assertTrue(written.toString(UTF_8).endsWith("<4>something else\n"));
    }

    @Test
    void writesOneJsonObjectALineOnRequest() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Logger logger = loggerTo(written, false);
        ((StderrAppender) logger.getAppender(StderrAppender.NAME)).format(LogFormat.JSON);
        logger.warn("peer {} is at {}", "osaka\n\u202e\"", "192.0.2.2:1640");
        logger.error("thread {} failed", "inbound", new IllegalStateException("two\nlines"));
        String[] lines = written.toString(UTF_8).split("\n");
        assertEquals(2, lines.length, written.toString(UTF_8));
        assertTrue(written.toString(UTF_8).chars().allMatch(c -> c < 127));
        JsonNode first = new ObjectMapper().readTree(lines[0]);
        assertEquals(
                "peer osaka\n\u202e\" is at 192.0.2.2:1640",
                first.path("message").asText());
        assertEquals("warn", first.path("level").asText());
        assertEquals(4, first.path("priority").asInt());
        assertEquals("test", first.path("logger").asText());
        assertTrue(Instant.parse(first.path("time").asText()).isAfter(Instant.EPOCH));
        JsonNode second = new ObjectMapper().readTree(lines[1]);
        assertTrue(second.path("error").asText().startsWith("java.lang.IllegalStateException: two\nlines"));
    }

    /** journald takes the priority from in front of the object. */
    @Test
    void givesJournaldThePriorityOfAJsonLineToo() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Logger logger = loggerTo(written);
        ((StderrAppender) logger.getAppender(StderrAppender.NAME)).format(LogFormat.JSON);
        logger.warn("clock set");
        assertTrue(written.toString(UTF_8).startsWith("<4>{\"time\":"), written.toString(UTF_8));
    }

    @Test
    void survivesAStreamThatIsGone() {
        Logger logger = loggerTo(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        logger.error("nobody reads this");
    }

    @Test
    void knowsTheJournalByDeviceAndInode(@TempDir Path folder) throws IOException {
        Path stream = Files.createFile(folder.resolve("stream"));
        Path other = Files.createFile(folder.resolve("other"));
        Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
        String variable = file.get("dev") + ":" + file.get("ino");
        assertTrue(Journal.reads(variable, stream));
        assertFalse(Journal.reads(variable, other), "stderr was redirected");
        assertFalse(Journal.reads(null, stream), "not started by systemd");
        assertFalse(Journal.reads(variable, folder.resolve("none")));
    }

    /** A pipe or a socket behind /proc/self/fd, as systemd connects it, has both numbers too. */
    @Test
    void knowsItsOwnStderr() throws IOException {
        Map<String, Object> file = Files.readAttributes(Journal.STDERR, "unix:dev,ino");
        assertTrue(Journal.reads(file.get("dev") + ":" + file.get("ino"), Journal.STDERR));
    }

    private static Logger loggerTo(OutputStream stream) {
        return loggerTo(stream, true);
    }

    private static Logger loggerTo(OutputStream stream, boolean journal) {
        LoggerContext context = new LoggerContext();
        StderrAppender appender = new StderrAppender(stream, journal);
        appender.setContext(context);
        appender.start();
        Logger logger = context.getLogger("test");
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        return logger;
    }
}
