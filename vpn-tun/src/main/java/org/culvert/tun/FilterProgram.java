package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** A classic BPF program (linux/filter.h) that is written instruction by instruction and handed to the kernel, which copies it. */
final class FilterProgram implements AutoCloseable {
    // struct sock_filter
    static final int CODE = 0;
    static final int JUMP_TRUE = 2;
    static final int JUMP_FALSE = 3;
    static final int OPERAND = 4;
    static final int INSTRUCTION_BYTES = 8;

    // struct sock_fprog
    static final int PROGRAM_LENGTH = 0;
    static final int PROGRAM_ADDRESS = 8;
    static final int PROGRAM_BYTES = 16;

    // linux/bpf_common.h
    static final int LOAD_WORD = 0x20;
    static final int LOAD_BYTE = 0x30;
    static final int SHIFT_RIGHT = 0x74;
    static final int ADD_X = 0x0c;
    static final int MODULO = 0x94;
    static final int TO_X = 0x07;
    static final int JUMP_EQUAL = 0x15;
    static final int RETURN = 0x06;
    static final int RETURN_A = 0x16;

    private final Region memory;
    private int instructions;

    /** @param most as many instructions as may be added */
    FilterProgram(int most) {
        memory = new Region(PROGRAM_BYTES + (long) most * INSTRUCTION_BYTES);
    }

    void add(int code, int operand) {
        add(code, 0, 0, operand);
    }

    /** @param jumpTrue how many instructions to pass over when the comparison holds, {@code jumpFalse} when not */
    void add(int code, int jumpTrue, int jumpFalse, int operand) {
        long at = first() + (long) instructions * INSTRUCTION_BYTES;
        OffHeap.putNativeU16(at + CODE, code);
        OffHeap.putU8(at + JUMP_TRUE, jumpTrue);
        OffHeap.putU8(at + JUMP_FALSE, jumpFalse);
        OffHeap.putNativeI32(at + OPERAND, operand);
        instructions++;
    }

    /**
     * Puts it on a socket. It is in force at once.
     *
     * @param option of level SOL_SOCKET, that takes a struct sock_fprog
     * @return 0 or errno
     */
    int attach(int fd, int option) {
        OffHeap.putNativeU16(memory.address() + PROGRAM_LENGTH, instructions);
        OffHeap.putNativeI64(memory.address() + PROGRAM_ADDRESS, first());
        int result = LibC.setsockopt(fd, LibC.SOL_SOCKET, option, memory.address(), PROGRAM_BYTES);
        return result == 0 ? 0 : LibC.errno();
    }

    private long first() {
        return memory.address() + PROGRAM_BYTES;
    }

    @Override
    public void close() {
        memory.close();
    }
}
