package org.culvert.core.control.socket;

/** Answers one resource of the control socket. */
public interface ControlHandler {
    Resource resource();

    /**
     * Called on the socket's only thread: others wait meanwhile, so it takes a second at most. What it throws becomes a 503
     * (TimeoutException) or a 500, and is logged.
     */
    Answer answer(Question question) throws Exception;
}
