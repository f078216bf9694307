package org.culvert.core.epoch;

import static org.culvert.core.epoch.TwoEnds.MS;
import static org.culvert.core.epoch.TwoEnds.SECOND;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.culvert.core.epoch.TwoEnds.Datagram;
import org.culvert.core.epoch.TwoEnds.End;
import org.culvert.core.wire.ControlMessage;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * Two ends of the exchange, and somebody between them who has the static keys of one: says what he likes under the static pair, changes what
 * he recorded, plays it again, loses what he likes. Coverage-guided with
 * {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=ExchangeFuzzTest}.
 */
class ExchangeFuzzTest {
    private static final int MOST_STEPS = 100;
    private static final long EPOCH = 120 * SECOND;
    private static final Endpoint ELSEWHERE = Endpoint.of(new InetSocketAddress("203.0.113.9", 1640));
    private static final Terms[] TERMS = {
        new Terms(Mode.REQUIRED, 0, 1),
        new Terms(Mode.REQUIRED, Core.ML_KEM, 1),
        new Terms(Mode.PREFERRED, Core.ML_KEM, 3)
    };

    /** Bounded while he goes on, and agreed when he stops. {@link TwoEnds} asserts that no data goes under what is not agreed or forgotten. */
    @FuzzTest(maxDuration = "2m")
    void staysBoundedAndAgreesInTheEnd(byte[] data) {
        ByteBuffer in = ByteBuffer.wrap(data);
        if (in.remaining() < 4) {
            return;
        }
        TwoEnds ends = new TwoEnds(
                in.getShort(), TERMS[(in.get() & 0xff) % TERMS.length], TERMS[(in.get() & 0xff) % TERMS.length], EPOCH);
        ends.weather.recording = true;
        long begunNs = ends.nowNs;
        int starts = 1;
        for (int i = 0; i < MOST_STEPS && in.remaining() >= 3; i++) {
            int what = in.get() & 0xff;
            End victim = (what & 0x80) == 0 ? ends.a : ends.b;
            int first = in.get() & 0xff;
            int second = in.get() & 0xff;
            switch (what & 7) {
                case 0 -> say(ends, victim, message(in, 4 * first), second);
                case 1, 2 -> change(ends, victim, first, second, in);
                case 3 -> ends.run(first * 10 * MS, second * MS);
                case 4 -> ends.run(first * SECOND / 4, SECOND);
                case 5 -> ends.weather.lost = first % 101;
                case 6 -> {
                    victim.start();
                    starts++;
                }
                default -> victim.exchange.strangeSpi(first, victim.sight());
            }
            ends.run(MS, 0);
            assertBounded(ends, ends.a, begunNs, starts);
            assertBounded(ends, ends.b, begunNs, starts);
        }
        ends.weather.lost = 0;
        ends.weather.recording = false;
        ends.run(45 * SECOND, 200 * MS);
        assertNotNull(ends.a.exchange.sending());
        assertNotNull(ends.b.exchange.sending());
        long before = ends.a.delivered + ends.b.delivered;
        ends.run(2 * SECOND, 200 * MS);
        assertTrue(ends.a.delivered + ends.b.delivered - before >= 16, "data passes both ways");
    }

    private static void assertBounded(TwoEnds ends, End end, long begunNs, int starts) {
        long candidates =
                end.exchange.pairs().stream().filter(pair -> !pair.isAgreed()).count();
        assertTrue(candidates <= 2 * Exchange.CANDIDATES_SEALED_AND_OTHER, candidates + " candidates");
        long agreed = end.exchange.pairs().size() - candidates;
        assertTrue(agreed <= Exchange.MOST_AGREED, agreed + " agreed pairs");
        assertTrue(end.made <= (ends.nowNs - begunNs) / SECOND + starts, end.made + " sets of DH");
    }

    private static byte[] message(ByteBuffer in, int bytes) {
        byte[] message = new byte[ControlMessage.HEADER_BYTES + Math.min(bytes, in.remaining())];
        message[0] = ControlMessage.VERSION;
        in.get(message, ControlMessage.HEADER_BYTES, message.length - ControlMessage.HEADER_BYTES);
        return message;
    }

    /** Under the static pair, with the peer's address as its source or another. */
    private static void say(TwoEnds ends, End victim, byte[] message, int number) {
        Items items = read(message);
        if (items != null) {
            Endpoint from = number % 2 == 0 ? ends.other(victim).address : ELSEWHERE;
            ends.wire.add(new TwoEnds.Delivery(
                    ends.nowNs, -1, new Datagram(victim.isA, from, null, items, ends.random.nextLong())));
        }
    }

    /** Something recorded again: as it was, or under the static pair with one byte changed. */
    private static void change(TwoEnds ends, End victim, int which, int at, ByteBuffer in) {
        if (ends.recorded.isEmpty()) {
            return;
        }
        Datagram recorded = ends.recorded.get(which % ends.recorded.size());
        if (recorded.key() != null || recorded.items() == null || at == 0xff) {
            ends.wire.add(new TwoEnds.Delivery(ends.nowNs, -1, recorded));
            return;
        }
        byte[] message = recorded.items().write();
        message[at % message.length] ^= in.hasRemaining() ? in.get() : 1;
        say(ends, recorded.toA() ? ends.a : ends.b, message, victim.isA ? 0 : 1);
    }

    private static @Nullable Items read(byte[] bytes) {
        byte[] message = Arrays.copyOf(bytes, Math.min(bytes.length, ControlMessage.KEPT_BYTES));
        try (Region region = new Region(2 * ControlMessage.KEPT_BYTES)) {
            OffHeap.copy(message, 0, region.address(), message.length);
            return ControlMessage.readable(region.address(), message.length)
                    ? Items.read(message, ControlMessage.meaningfulBytes(region.address(), message.length))
                    : null;
        }
    }
}
