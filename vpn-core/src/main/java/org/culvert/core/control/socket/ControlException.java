package org.culvert.core.control.socket;

import java.io.IOException;

/** No daemon could be asked. The message says which socket, why, and what to do. */
public final class ControlException extends IOException {
    private static final long serialVersionUID = 1L;

    ControlException(String message, Throwable cause) {
        super(message, cause);
    }

    ControlException(String message) {
        super(message);
    }
}
