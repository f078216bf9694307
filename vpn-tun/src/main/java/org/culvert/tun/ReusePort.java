package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Several sockets of one port, and the classic BPF program that chooses among them (socket(7), linux/filter.h). Stateless. */
final class ReusePort {
    // asm-generic/socket.h
    private static final int SO_REUSEPORT = 15;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    // linux/bpf_common.h
    private static final int LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int LOAD_BYTE = 0x30; // BPF_LD | BPF_B | BPF_ABS
    private static final int SHIFT_RIGHT = 0x74; // BPF_ALU | BPF_RSH | BPF_K
    private static final int ADD_X = 0x0c; // BPF_ALU | BPF_ADD | BPF_X
    private static final int MODULO = 0x94; // BPF_ALU | BPF_MOD | BPF_K
    private static final int TO_X = 0x07; // BPF_MISC | BPF_TAX
    private static final int RETURN_A = 0x16; // BPF_RET | BPF_A

    // struct sock_filter: code (16 bits), two jumps (8 each), operand; struct sock_fprog: count, padding, pointer
    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;

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
        int[][] program = {
            {LOAD_BYTE, choice.byteOffset()},
            {SHIFT_RIGHT, 4},
            {TO_X, 0},
            {LOAD_WORD, choice.wordOffset()},
            {ADD_X, 0},
            {MODULO, sockets},
            {RETURN_A, 0},
        };
        try (Region memory = new Region(PROGRAM_BYTES + (long) program.length * INSTRUCTION_BYTES)) {
            long first = memory.address() + PROGRAM_BYTES;
            for (int i = 0; i < program.length; i++) {
                OffHeap.putNativeU16(first + (long) i * INSTRUCTION_BYTES, program[i][0]);
                OffHeap.putNativeI32(first + (long) i * INSTRUCTION_BYTES + 4, program[i][1]);
            }
            OffHeap.putNativeU16(memory.address(), program.length);
            OffHeap.putNativeI64(memory.address() + 8, first);
            if (LibC.setsockopt(fd, LibC.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, memory.address(), PROGRAM_BYTES) != 0) {
                throw new SystemCallException("setsockopt", "SO_ATTACH_REUSEPORT_CBPF", LibC.errno(), "");
            }
        }
    }
}
