package org.culvert.tun;

import java.nio.ByteBuffer;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * A classic BPF program (linux/filter.h) that lets through only frames sent to one of some groups of one family. The kernel runs it for
 * every frame that comes in at the interface, so that what is not for a group costs a comparison and never wakes us.
 *
 * <pre>
 *   packet type == multicast, else refuse      a frame the machine itself sends has another type: our own never come back
 *   for each group: destination == group, then accept
 *   refuse
 * </pre>
 */
final class LanFilter {
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

    static final int LOAD_WORD = 0x20;
    static final int JUMP_EQUAL = 0x15;
    static final int RETURN = 0x06;

    /** SKF_AD_OFF + SKF_AD_PKTTYPE: not a byte of the frame but what the kernel knows of it. */
    static final int FRAME_TYPE = -0x1000 + 4;

    private static final int WHOLE = 0x40000; // more than any frame

    private final long memory;
    private int instructions;

    private LanFilter(long memory) {
        this.memory = memory;
    }

    /**
     * Puts the program on a socket. It is in force at once.
     *
     * @param groups 4 or 16 bytes each, of the socket's family
     * @param destinationOffset where the frame has its IP destination
     * @return 0 or errno
     */
    static int attach(int fd, List<byte[]> groups, int destinationOffset) {
        int most = 4 + groups.size() * 9;
        try (Region region = new Region(PROGRAM_BYTES + (long) most * INSTRUCTION_BYTES)) {
            LanFilter filter = new LanFilter(region.address() + PROGRAM_BYTES);
            filter.write(groups, destinationOffset);
            OffHeap.putNativeU16(region.address() + PROGRAM_LENGTH, filter.instructions);
            OffHeap.putNativeI64(region.address() + PROGRAM_ADDRESS, filter.memory);
            int result =
                    LibC.setsockopt(fd, LibC.SOL_SOCKET, LanLayout.SO_ATTACH_FILTER, region.address(), PROGRAM_BYTES);
            return result == 0 ? 0 : LibC.errno();
        }
    }

    private void write(List<byte[]> groups, int destinationOffset) {
        add(LOAD_WORD, 0, 0, FRAME_TYPE);
        add(JUMP_EQUAL, 1, 0, LanLayout.PACKET_MULTICAST);
        add(RETURN, 0, 0, 0);
        for (byte[] group : groups) {
            int words = group.length / 4;
            for (int word = 0; word < words; word++) {
                add(LOAD_WORD, 0, 0, destinationOffset + word * 4);
                int past = (words - word - 1) * 2 + 1; // the rest of this group, its acceptance included
                add(JUMP_EQUAL, 0, past, word(group, word * 4));
            }
            add(RETURN, 0, 0, WHOLE);
        }
        add(RETURN, 0, 0, 0);
    }

    private static int word(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).getInt(at);
    }

    private void add(int code, int jumpTrue, int jumpFalse, int operand) {
        long at = memory + (long) instructions * INSTRUCTION_BYTES;
        OffHeap.putNativeU16(at + CODE, code);
        OffHeap.putU8(at + JUMP_TRUE, jumpTrue);
        OffHeap.putU8(at + JUMP_FALSE, jumpFalse);
        OffHeap.putNativeI32(at + OPERAND, operand);
        instructions++;
    }
}
