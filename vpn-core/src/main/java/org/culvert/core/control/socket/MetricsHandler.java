package org.culvert.core.control.socket;

import java.util.Map;
import org.culvert.core.status.Metrics;

/** {@code GET /metrics}: Prometheus text. */
public final class MetricsHandler implements ControlHandler {
    private final Source source;

    /** Where the text comes from. */
    public interface Source {
        String text() throws Exception;
    }

    public MetricsHandler(Source source) {
        this.source = source;
    }

    @Override
    public Resource resource() {
        return Resource.get("/metrics");
    }

    @Override
    public Answer answer(Question question) throws Exception {
        return new Answer(Answer.GOOD, Metrics.CONTENT_TYPE, Map.of(), source.text());
    }
}
