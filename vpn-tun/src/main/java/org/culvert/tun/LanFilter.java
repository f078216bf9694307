package org.culvert.tun;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Lets through only frames sent to one of some groups of one family. The kernel runs it for every frame that comes in at the interface,
 * so that what is not for a group costs a comparison and never wakes us.
 *
 * <pre>
 *   packet type == multicast, else refuse      a frame the machine itself sends has another type: our own never come back
 *   for each group: destination == group, then accept
 *   refuse
 * </pre>
 *
 * Stateless.
 */
final class LanFilter {
    /** SKF_AD_OFF + SKF_AD_PKTTYPE: not a byte of the frame but what the kernel knows of it. */
    static final int FRAME_TYPE = -0x1000 + 4;

    private static final int WHOLE = 0x40000; // more than any frame

    private LanFilter() {}

    /**
     * Puts the program on a socket. It is in force at once.
     *
     * @param groups 4 or 16 bytes each, of the socket's family
     * @param destinationOffset where the frame has its IP destination
     * @return 0 or errno
     */
    static int attach(int fd, List<byte[]> groups, int destinationOffset) {
        try (FilterProgram program = new FilterProgram(4 + groups.size() * 9)) {
            write(program, groups, destinationOffset);
            return program.attach(fd, LanLayout.SO_ATTACH_FILTER);
        }
    }

    private static void write(FilterProgram program, List<byte[]> groups, int destinationOffset) {
        program.add(FilterProgram.LOAD_WORD, FRAME_TYPE);
        program.add(FilterProgram.JUMP_EQUAL, 1, 0, LanLayout.PACKET_MULTICAST);
        program.add(FilterProgram.RETURN, 0);
        for (byte[] group : groups) {
            int words = group.length / 4;
            for (int word = 0; word < words; word++) {
                program.add(FilterProgram.LOAD_WORD, destinationOffset + word * 4);
                int past = (words - word - 1) * 2 + 1; // the rest of this group, its acceptance included
                program.add(
                        FilterProgram.JUMP_EQUAL,
                        0,
                        past,
                        ByteBuffer.wrap(group).getInt(word * 4));
            }
            program.add(FilterProgram.RETURN, WHOLE);
        }
        program.add(FilterProgram.RETURN, 0);
    }
}
