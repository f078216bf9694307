package org.culvert.core.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.culvert.core.demo.Await;

/** A program that asks and is answered, as a person at a terminal would. One thread talks, another listens. */
public final class Conversation implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private final Process process;
    private final StringBuffer heard = new StringBuffer();
    private int understood; // up to here in what was heard

    private Conversation(Process process) {
        this.process = process;
    }

    static Conversation start(List<String> command) throws IOException {
        var conversation = new Conversation(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        Thread.ofPlatform().daemon().name("listens-to-" + command.getLast()).start(conversation::listen);
        return conversation;
    }

    private void listen() {
        try (InputStream out = process.getInputStream()) {
            byte[] buffer = new byte[4096];
            for (int bytes = out.read(buffer); bytes >= 0; bytes = out.read(buffer)) {
                heard.append(new String(buffer, 0, bytes, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException closed) {
            // The program was ended while we listened.
        }
    }

    /** Waits until it says this, after what it said before. */
    public Conversation hear(String text) throws Exception {
        await("\"" + text + "\"", () -> heard.indexOf(text, understood) >= 0);
        understood = heard.indexOf(text, understood) + text.length();
        return this;
    }

    /** Types a line and Enter. */
    public Conversation say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return this;
    }

    /** Waits for the program's end. */
    public void awaitEnd() throws Exception {
        await("the end", () -> !process.isAlive());
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        try {
            Await.until(what, LONGEST, condition);
        } catch (IOException late) {
            throw new IOException(late.getMessage() + ", it said: " + heard, late);
        }
    }

    public boolean isOver() {
        return !process.isAlive();
    }

    public String heard() {
        return heard.toString();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
