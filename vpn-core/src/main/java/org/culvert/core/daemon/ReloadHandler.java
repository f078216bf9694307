package org.culvert.core.daemon;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.Finding;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.ControlHandler;
import org.culvert.core.control.socket.Question;
import org.culvert.core.control.socket.Resource;

/** {@code POST /v1/reload}: 200 with a line per warning, 422 with a line per finding, 500 when the system refused. Root only. */
public final class ReloadHandler implements ControlHandler {
    public static final String PATH = "/v1/reload";

    private final Change change;

    /** Something that changes the gateway or refuses to, on the control thread. */
    interface Change {
        List<Finding> run() throws Exception;
    }

    ReloadHandler(Change change) {
        this.change = change;
    }

    @Override
    public Resource resource() {
        return Resource.postAsRoot(PATH);
    }

    @Override
    public Answer answer(Question question) throws Exception {
        return guarded(() -> lines(change.run()));
    }

    /** What the control thread refuses is an answer, not a failure. */
    static Answer guarded(Callable<Answer> work) throws Exception {
        try {
            return work.call();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConfigException refused) {
                return Answer.refusal(Answer.UNPROCESSABLE, String.valueOf(refused.getMessage()));
            }
            if (e.getCause() instanceof IOException system) {
                return Answer.refusal(Answer.SYSTEM_REFUSED, String.valueOf(system.getMessage()));
            }
            throw e;
        }
    }

    static Answer lines(List<Finding> findings) {
        return Answer.text(findings.stream().map(finding -> finding + "\n").collect(Collectors.joining()));
    }
}
