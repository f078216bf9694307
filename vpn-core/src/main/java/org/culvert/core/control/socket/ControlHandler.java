package org.culvert.core.control.socket;

/** Answers one path of the control socket. */
public interface ControlHandler {
    /** "GET" or "POST". */
    String method();

    /** As "/v1/status". */
    String path();

    /** Whether only root may ask, whoever else may open the socket. */
    default boolean rootOnly() {
        return false;
    }

    /**
     * Called on the socket's only thread: others wait meanwhile, so it takes a second at most. What it throws becomes a 503
     * (TimeoutException) or a 500, and is logged.
     */
    Answer answer(Question question) throws Exception;
}
