package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.culvert.core.wire.ListItems.Held;
import org.culvert.core.wire.ListItems.Place;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * A target for each item of a control message that stands for itself (those of the exchange: ItemsFuzzTest). Whatever its value is, it is
 * refused before, or read within its bounds, and what was read is written as it came. Coverage-guided with
 * {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=ControlItemsFuzzTest#refusal}.
 */
class ControlItemsFuzzTest {
    private static final int ROOM_BYTES = 4 * ControlMessage.KEPT_BYTES;

    /** Writes an item. @return where the next one goes */
    private interface Writer<T> {
        long write(long at, T item);
    }

    @FuzzTest(maxDuration = "2m")
    void echo(byte[] value) {
        same(ControlMessage.ECHO, value, ControlMessage::echoId, ControlMessage::putEcho);
    }

    private record Reply(long id, long heldUs, int askedBytes, long variationUs) {}

    @FuzzTest(maxDuration = "2m")
    void echoReply(byte[] value) {
        same(
                ControlMessage.ECHO_REPLY,
                value,
                at -> new Reply(
                        ControlMessage.echoId(at),
                        ControlMessage.heldUs(at),
                        ControlMessage.askedBytes(at),
                        ControlMessage.variationUs(at)),
                (at, reply) -> ControlMessage.putEchoReply(
                        at, reply.id(), reply.heldUs(), reply.askedBytes(), reply.variationUs()));
    }

    private record Address(long high, long low, int port) {}

    @FuzzTest(maxDuration = "2m")
    void address(byte[] value) {
        for (int type : new int[] {ControlMessage.SEEN_FROM, ControlMessage.SENT_FROM}) {
            same(
                    type,
                    value,
                    at -> new Address(
                            ControlMessage.addressHigh(at), ControlMessage.addressLow(at), ControlMessage.port(at)),
                    (at, from) -> ControlMessage.putAddress(at, type, from.high(), from.low(), from.port()));
        }
    }

    @FuzzTest(maxDuration = "2m")
    void pairs(byte[] value) {
        same(
                ControlMessage.PAIRS,
                value,
                at -> IntStream.range(0, ControlMessage.pairs(at))
                        .mapToObj(i -> ControlMessage.pairTag(at, i))
                        .toList(),
                (at, tags) -> ControlMessage.putPairs(
                        at, tags.stream().mapToLong(Long::longValue).toArray()));
    }

    private record Refused(Refusal refusal, Refusal.Detail detail) {}

    @FuzzTest(maxDuration = "2m")
    void refusal(byte[] value) {
        Optional<Refused> read = read(
                ControlMessage.REFUSAL,
                value,
                at -> new Refused(Refusal.of(at), Refusal.of(at).detail(at)));
        read.filter(refused -> refused.refusal() != Refusal.OF_LATER_VERSION)
                .ifPresent(refused -> assertWritten(
                        ControlMessage.REFUSAL,
                        value,
                        refused,
                        (at, item) -> ControlMessage.putRefusal(at, item.refusal(), item.detail())));
    }

    @FuzzTest(maxDuration = "2m")
    void listsHeld(byte[] value) {
        Optional<List<Held>> lists = same(ListItems.HELD, value, ListItems::held, ListItems::putHeld);
        assertTrue(lists.map(List::size).orElse(0) <= ListItems.MOST_LISTS);
    }

    @FuzzTest(maxDuration = "2m")
    void listWanted(byte[] value) {
        same(ListItems.WANTED, value, ListItems::place, ListItems::putWanted);
    }

    private record Piece(Place place, List<Byte> bytes) {}

    @FuzzTest(maxDuration = "2m")
    void listPart(byte[] value) {
        Optional<Piece> read =
                read(ListItems.PART, value, at -> new Piece(ListItems.place(at), boxed(ListItems.piece(at))));
        read.ifPresent(piece ->
                assertEquals(boxed(Arrays.copyOfRange(value, ListItems.WANTED_BYTES, value.length)), piece.bytes()));
    }

    private static List<Byte> boxed(byte[] bytes) {
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
    }

    private static <T> Optional<T> same(int type, byte[] value, LongFunction<T> reader, Writer<T> writer) {
        Optional<T> read = read(type, value, reader);
        read.ifPresent(item -> assertWritten(type, value, item, writer));
        return read;
    }

    /** Nothing when the message is refused. What lies behind the item must not matter. */
    private static <T> Optional<T> read(int type, byte[] value, LongFunction<T> reader) {
        if (value.length > 2 * ControlMessage.KEPT_BYTES) {
            return Optional.empty();
        }
        int bytes = ControlMessage.HEADER_BYTES + ControlMessage.ITEM_HEADER_BYTES + value.length;
        try (Region region = new Region(ROOM_BYTES)) {
            Optional<T> first = Optional.empty();
            for (int fill : new int[] {0, 0xff}) {
                OffHeap.fill(region.address(), ROOM_BYTES, fill);
                long at = ControlMessage.putHeader(ControlMessage.begin(region.address()), type, value.length);
                OffHeap.copy(value, 0, at, value.length);
                if (!ControlMessage.readable(region.address(), bytes)) {
                    return Optional.empty();
                }
                assertEquals(at, ControlMessage.find(region.address(), bytes, type));
                Optional<T> item = Optional.of(reader.apply(at));
                assertTrue(fill == 0 || first.equals(item), "read beyond its end");
                first = item;
            }
            return first;
        }
    }

    private static <T> void assertWritten(int type, byte[] value, T item, Writer<T> writer) {
        try (Region region = new Region(ROOM_BYTES)) {
            long end = writer.write(region.address(), item);
            byte[] written = new byte[(int) (end - region.address()) - ControlMessage.ITEM_HEADER_BYTES];
            assertEquals(type, OffHeap.u16(region.address()));
            assertEquals(written.length, OffHeap.u16(region.address() + 2));
            OffHeap.copy(region.address() + ControlMessage.ITEM_HEADER_BYTES, written, 0, written.length);
            assertArrayEquals(Arrays.copyOf(value, written.length), written);
        }
    }
}
