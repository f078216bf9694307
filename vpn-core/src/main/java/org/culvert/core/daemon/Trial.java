package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.Finding;
import org.culvert.core.control.Conductor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration on trial: it runs, and the one before comes back by itself unless somebody confirms in time, so that an administrator
 * who shuts himself out is let in again. The daemon holds the time: the terminal may go. Control thread.
 */
final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);

    private final SiteChange change;
    private final Conductor control;
    private @Nullable Running running;

    /** What is tried, and what comes back. */
    private record Running(String text, Site before, Future<?> end) {}

    Trial(SiteChange change, Conductor control) {
        this.change = change;
        this.control = control;
    }

    /**
     * Switches to a configuration for a time.
     *
     * @param name of its file, for findings; its paths are as if it stood where the daemon's configuration stands
     * @return what is not good at this moment, as {@link SiteChange#reload} says it
     * @throws ConfigException with all that is wrong, or when another one is on trial: nothing has changed
     */
    List<Finding> begin(String name, String text, Duration time) throws ConfigException, IOException {
        refuseWhileRunning();
        Path file = change.configFile().resolveSibling(Path.of(name).getFileName());
        Site next = Site.of(ConfigFile.read(file, text));
        Site before = change.running();
        change.become(next);
        running = new Running(text, before, control.schedule(time, this::lapse));
        LOG.warn("{} is on trial: back to {} in {} s unless confirmed", file, change.configFile(), time.toSeconds());
        return next.credentials().findingsAt(Instant.now());
    }

    /** A reload in the middle of a trial would end it unseen. */
    List<Finding> reload() throws ConfigException, IOException {
        if (running != null) {
            LOG.error("not reloaded: a configuration is on trial");
        }
        refuseWhileRunning();
        return change.reload();
    }

    /** For who does not wait for an answer: what there is to say goes to the log. */
    void reloadQuietly() {
        try {
            reload().forEach(warning -> LOG.warn("{}", warning));
        } catch (ConfigException | IOException e) {
            LOG.debug("in the log already", e);
        }
    }

    /**
     * What is on trial stays.
     *
     * @return its text, which is to take the place of the configuration file
     * @throws ConfigException when nothing is on trial, perhaps since its time is over
     */
    String confirm() throws ConfigException {
        Running confirmed = end();
        LOG.info("confirmed: what was on trial stays");
        return confirmed.text;
    }

    /** Goes back now. */
    void revert() throws ConfigException {
        back(end().before);
    }

    private void lapse() {
        Running over = running;
        if (over != null) {
            running = null;
            LOG.warn("not confirmed in time");
            back(over.before);
        }
    }

    /** Revocations that came meanwhile stay in force. */
    private void back(Site before) {
        Site again = new Site(
                before.config(),
                before.credentials().withTrustOf(change.running().credentials()));
        try {
            again = new Site(before.config(), before.credentials().withTrustReadAnew());
        } catch (ConfigException e) {
            LOG.error("the revocation list in force stays: {}", e.getMessage());
        }
        try {
            change.become(again);
            LOG.info("back to {}", before.config().file());
        } catch (ConfigException | IOException e) {
            LOG.error("cannot go back to {}: {}", before.config().file(), e.getMessage());
        }
    }

    private Running end() throws ConfigException {
        Running present = running;
        if (present == null) {
            throw refusal("nothing is on trial", "apply a configuration first, and confirm it before its time is over");
        }
        present.end.cancel(false);
        running = null;
        return present;
    }

    private void refuseWhileRunning() throws ConfigException {
        if (running != null) {
            throw refusal("a configuration is on trial", "`culvert confirm` it or `culvert revert` it first");
        }
    }

    private ConfigException refusal(String cause, String hint) {
        return new ConfigException(List.of(new Finding(change.configFile(), 0, cause, hint)));
    }
}
