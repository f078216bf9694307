package org.culvert.tun;

/** What usually causes an error that several calls share. Empty when the words of errno say all. Stateless. */
final class Hints {
    static final String NET_ADMIN = "needs root or CAP_NET_ADMIN";

    private Hints() {}

    static String permission(int errno) {
        return errno == Errno.EPERM || errno == Errno.EACCES ? NET_ADMIN : "";
    }

    static String descriptors(int errno) {
        return errno == Errno.EMFILE ? "raise the limit on open files (LimitNOFILE)" : "";
    }
}
