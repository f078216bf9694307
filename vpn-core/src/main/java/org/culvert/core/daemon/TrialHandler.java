package org.culvert.core.daemon;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.culvert.core.config.Finding;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.ControlHandler;
import org.culvert.core.control.socket.Question;
import org.culvert.core.control.socket.Resource;

/**
 * {@code POST /v1/apply?seconds=60&name=FILE} with a configuration as body, {@code POST /v1/confirm}, {@code POST /v1/revert}; answers as
 * {@link ReloadHandler} gives them. Root only.
 */
public final class TrialHandler implements ControlHandler {
    public static final String APPLY = "/v1/apply";
    public static final String CONFIRM = "/v1/confirm";
    public static final String REVERT = "/v1/revert";

    /** Where the text that {@link #CONFIRM} answers with is to go. */
    public static final String FILE_HEADER = "Culvert-Config";

    /** An hour: who needs longer to look has forgotten. */
    public static final int LONGEST_SECONDS = 3_600;

    private final String path;
    private final Answering answering;

    private interface Answering {
        Answer to(Question question) throws Exception;
    }

    /** Runs something on the control thread. */
    interface OnControl {
        <T> T ask(Callable<T> question) throws Exception;
    }

    private TrialHandler(String path, Answering answering) {
        this.path = path;
        this.answering = answering;
    }

    static List<ControlHandler> of(Trial trial, SiteChange change, OnControl control) {
        return List.of(
                new TrialHandler(APPLY, question -> apply(question, trial, control)),
                new TrialHandler(
                        CONFIRM,
                        question -> ReloadHandler.guarded(() -> {
                            String text = control.ask(trial::confirm);
                            return Answer.text(text)
                                    .with(
                                            FILE_HEADER,
                                            change.configFile().toAbsolutePath().toString());
                        })),
                new TrialHandler(
                        REVERT,
                        question -> ReloadHandler.guarded(() -> {
                            control.ask(() -> {
                                trial.revert();
                                return true;
                            });
                            return Answer.text("");
                        })));
    }

    private static Answer apply(Question question, Trial trial, OnControl control) throws Exception {
        Optional<Integer> seconds = question.parameter("seconds")
                .filter(text -> text.matches("[0-9]{1,5}"))
                .map(Integer::valueOf);
        if (seconds.isEmpty() || seconds.get() < 1 || seconds.get() > LONGEST_SECONDS) {
            return Answer.refusal(Answer.BAD_REQUEST, "seconds is a number from 1 to " + LONGEST_SECONDS);
        }
        String name = question.parameter("name").filter(text -> !text.isBlank()).orElse("applied.toml");
        return ReloadHandler.guarded(() -> {
            List<Finding> warnings =
                    control.ask(() -> trial.begin(name, question.body(), Duration.ofSeconds(seconds.get())));
            return ReloadHandler.lines(warnings);
        });
    }

    @Override
    public Resource resource() {
        return Resource.postAsRoot(path);
    }

    @Override
    public Answer answer(Question question) throws Exception {
        return answering.to(question);
    }
}
