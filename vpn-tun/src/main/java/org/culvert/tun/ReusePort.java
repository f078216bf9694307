package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;

/** Several sockets of one port, and the program that chooses among them (socket(7)). Stateless. */
final class ReusePort {
    // asm-generic/socket.h
    static final int SO_REUSEPORT = 15;
    static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    private ReusePort() {}

    /** From now on other sockets of this user that ask for the same may have the port too. */
    static void allow(int fd, long scratch) throws SystemCallException {
        OffHeap.putNativeI32(scratch, 1);
        if (LibC.setsockopt(fd, LibC.SOL_SOCKET, SO_REUSEPORT, scratch, Integer.BYTES) != 0) {
            throw new SystemCallException("setsockopt", "SO_REUSEPORT", LibC.errno(), "");
        }
    }

    /** For all sockets of the port, {@code sockets} in number; they are numbered in the order in which they were bound. */
    static void choose(int fd, SocketChoice choice, int sockets) throws SystemCallException {
        try (FilterProgram program = new FilterProgram(7)) {
            program.add(FilterProgram.LOAD_BYTE, choice.byteOffset());
            program.add(FilterProgram.SHIFT_RIGHT, 4);
            program.add(FilterProgram.TO_X, 0);
            program.add(FilterProgram.LOAD_WORD, choice.wordOffset());
            program.add(FilterProgram.ADD_X, 0);
            program.add(FilterProgram.MODULO, sockets);
            program.add(FilterProgram.RETURN_A, 0);
            int errno = program.attach(fd, SO_ATTACH_REUSEPORT_CBPF);
            if (errno != 0) {
                throw new SystemCallException("setsockopt", "SO_ATTACH_REUSEPORT_CBPF", errno, "");
            }
        }
    }
}
