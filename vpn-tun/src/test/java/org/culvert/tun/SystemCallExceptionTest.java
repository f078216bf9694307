package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SystemCallExceptionTest {
    @Test
    void isOneLineForAnAdministrator() {
        SystemCallException e = new SystemCallException("TUNSETIFF", "culvert0", Errno.EPERM, Hints.NET_ADMIN);
        assertEquals("TUNSETIFF culvert0: operation not permitted; needs root or CAP_NET_ADMIN", e.getMessage());
        assertEquals(Errno.EPERM, e.errno());
        assertEquals("TUNSETIFF", e.call());
        assertEquals("eventfd: invalid argument", new SystemCallException("eventfd", "", 22, "").getMessage());
    }

    /** By name, so that a wrong number shows. */
    @ParameterizedTest
    @CsvSource({
        "1, operation not permitted",
        "2, no such file or directory",
        "3, no such process",
        "4, interrupted system call",
        "5, input/output error",
        "6, no such device or address",
        "9, bad file descriptor",
        "11, resource temporarily unavailable",
        "13, permission denied",
        "14, bad address",
        "16, device or resource busy",
        "17, file exists",
        "19, no such device",
        "22, invalid argument",
        "24, too many open files",
        "36, file name too long",
        "77, file descriptor in bad state",
        "90, message too long",
        "92, protocol not available",
        "95, operation not supported",
        "97, address family not supported by protocol",
        "98, address already in use",
        "99, cannot assign requested address",
        "100, network is down",
        "101, network is unreachable",
        "105, no buffer space available",
        "111, connection refused",
        "112, host is down",
        "113, no route to host",
        "72, multihop attempted",
        "85, interrupted system call should be restarted",
        "121, remote I/O error",
        "40, too many levels of symbolic links",
        "73, RFS specific error",
    })
    void errnoHasTheCLibrarysWords(int errno, String words) {
        assertEquals(words, Errno.words(errno));
    }
}
