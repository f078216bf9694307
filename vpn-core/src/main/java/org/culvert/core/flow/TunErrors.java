package org.culvert.core.flow;

import org.culvert.tun.Errno;

/** Which errors of a TUN last. */
final class TunErrors {
    private TunErrors() {}

    /** EFAULT, EBADFD, EBADF: the interface was deleted under us. Others pass: EIO is a link that is down. */
    static boolean fatal(int errno) {
        return errno == Errno.EFAULT || errno == Errno.EBADFD || errno == Errno.EBADF;
    }
}
