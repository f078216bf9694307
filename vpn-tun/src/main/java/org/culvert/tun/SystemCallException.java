package org.culvert.tun;

import java.io.IOException;

/**
 * The system refused: which call, on what, why in the kernel's words, and what usually causes that. The message is one
 * line for an administrator: {@code TUNSETIFF culvert0: operation not permitted; needs root or CAP_NET_ADMIN}.
 */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;
    private final String call;

    /**
     * @param object what the call worked on; may be empty
     * @param hint the usual cause or what to do; empty when there is no usual one
     */
    SystemCallException(String call, String object, int errno, String hint) {
        super(call
                + (object.isEmpty() ? "" : " " + object)
                + ": "
                + Errno.words(errno)
                + (hint.isEmpty() ? "" : "; " + hint));
        this.call = call;
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    public String call() {
        return call;
    }
}
