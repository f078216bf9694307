package org.culvert.core.control.socket;

import java.util.Map;
import org.culvert.core.status.StatusPage;

/** {@code GET /}: the status page. */
public final class PageHandler implements ControlHandler {
    private final MetricsHandler.Source source;

    public PageHandler(MetricsHandler.Source source) {
        this.source = source;
    }

    @Override
    public Resource resource() {
        return Resource.get("/");
    }

    @Override
    public Answer answer(Question question) throws Exception {
        return new Answer(
                Answer.GOOD,
                "text/html; charset=utf-8",
                Map.of(
                        "Content-Security-Policy", StatusPage.SECURITY_POLICY,
                        "X-Content-Type-Options", "nosniff",
                        "Referrer-Policy", "no-referrer"),
                source.text());
    }
}
