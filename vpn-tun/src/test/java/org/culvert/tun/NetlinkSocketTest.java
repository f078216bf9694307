package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the kernel's answers are taken apart; needs no rights. The first question has sequence number 1. */
final class NetlinkSocketTest {
    private static final String ROUTE = "14000000 18000200 01000000 00000000 0a0b0c0d ";
    private static final String STALE = "14000000 18000200 00000000 00000000 0e0e0e0e ";
    private static final String DONE = "14000000 03000200 01000000 00000000 00000000 ";

    private final Region memory = new Region(1024);
    private final List<String> messages = new ArrayList<>();
    private NetlinkSocket socket;

    @BeforeEach
    void ask() throws SystemCallException {
        socket = NetlinkSocket.open();
        socket.request().begin(LinkMessage.RTM_GETLINK, NetlinkMessage.NLM_F_DUMP, LinkMessage.BYTES);
        assertEquals(0, socket.exchange((type, from, end) -> {}));
    }

    @AfterEach
    void close() {
        socket.close();
        socket.close();
        memory.close();
    }

    @Test
    void goesOnUntilTheEndIsTold() {
        assertEquals(-1, parse(ROUTE + ROUTE));
        assertEquals(0, parse(ROUTE + DONE));
        assertEquals(List.of("24 0a0b0c0d", "24 0a0b0c0d", "24 0a0b0c0d"), messages);
    }

    @Test
    void skipsAnswersToQuestionsThatWereGivenUp() {
        assertEquals(0, parse(STALE + ROUTE + STALE + DONE));
        assertEquals(List.of("24 0a0b0c0d"), messages);
    }

    @Test
    void tellsErrnoAndTheKernelsWords() {
        String header = "10000000 18000506 01000000 00000000 ";
        String text = "0c00 0100 " + "4e6f7065 00 000000 ";
        assertEquals(22, parse("30000000 02000003 01000000 00000000 eaffffff " + header + text));
        assertEquals("Nope", socket.kernelText(), "capped: only our header is echoed");
        String echoed = "14000000 18000506 01000000 00000000 99999999 ";
        assertEquals(22, parse("34000000 02000002 01000000 00000000 eaffffff " + echoed + text));
        assertEquals("Nope", socket.kernelText(), "all of our message is echoed");
        assertEquals(95, parse("14000000 03000200 01000000 00000000 a1ffffff"), "a dump that ends in an error");
    }

    @Test
    void findsNoWordsInAnAnswerWithoutAny() {
        assertEquals(17, parse("24000000 02000001 01000000 00000000 efffffff 10000000 18000506 01000000 00000000"));
        assertEquals("", socket.kernelText());
        assertEquals(17, parse("14000000 02000000 01000000 00000000 efffffff"));
        assertEquals("", socket.kernelText());
    }

    @Test
    void acknowledgementIsSuccess() {
        assertEquals(0, parse("24000000 02000001 01000000 00000000 00000000 10000000 18000506 01000000 00000000"));
    }

    @Test
    void noticesThatADumpChangedUnderWay() {
        assertEquals(0, parse(ROUTE + DONE));
        assertFalse(socket.interrupted());
        assertEquals(0, parse("14000000 18001200 01000000 00000000 0a0b0c0d " + DONE));
        assertTrue(socket.interrupted());
    }

    @Test
    void refusesALengthThatCannotBe() {
        assertEquals(Errno.EMSGSIZE, parse("0f000000 18000200 01000000 00000000 0a0b0c0d"));
        assertEquals(Errno.EMSGSIZE, parse("15000000 18000200 01000000 00000000 0a0b0c0d"));
        assertEquals(Errno.EMSGSIZE, parse("f0ffffff 18000200 01000000 00000000 0a0b0c0d"));
        assertTrue(messages.isEmpty());
    }

    private int parse(String hex) {
        int bytes = Packets.put(memory.address(), hex);
        return socket.parse(
                memory.address(),
                memory.address() + bytes,
                (type, from, end) -> messages.add(type + " " + Packets.hex(from, (int) (end - from))));
    }
}
