package org.culvert.core.discovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.culvert.core.wire.DiscoveryMessage;
import org.junit.jupiter.api.Test;

class ChainTest {
    @Test
    void comesBackAsItWent() {
        byte[] leaf = bytes(381, 1);
        byte[] between = bytes(512, 2);

        Chain chain = Chain.parse(Chain.of(List.of(leaf, between)).orElseThrow().bytes())
                .orElseThrow();

        assertEquals(2, chain.certificates().size());
        assertArrayEquals(leaf, chain.certificates().get(0));
        assertArrayEquals(between, chain.certificates().get(1));
    }

    @Test
    void eightAreAChainAndNineAreNot() {
        byte[] one = bytes(17, 3);
        assertTrue(Chain.of(Collections.nCopies(8, one)).isPresent());
        assertTrue(Chain.of(Collections.nCopies(9, one)).isEmpty());
        assertTrue(Chain.of(List.of()).isEmpty());
    }

    @Test
    void oneByteMoreThanFitsIsRefused() {
        int most = DiscoveryMessage.MAX_CHAIN_BYTES - 2;
        assertTrue(Chain.of(List.of(bytes(most, 4))).isPresent());
        assertTrue(Chain.of(List.of(bytes(most + 1, 4))).isEmpty());
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] whole = Chain.of(List.of(bytes(40, 5))).orElseThrow().bytes();
        for (int length = 0; length < whole.length; length++) {
            assertTrue(Chain.parse(Arrays.copyOf(whole, length)).isEmpty(), "of " + length + " bytes");
        }
        assertTrue(Chain.parse(Arrays.copyOf(whole, whole.length + 1)).isEmpty(), "half a length behind it");
        assertTrue(Chain.parse(Arrays.copyOf(whole, whole.length + 2)).isEmpty(), "an empty certificate behind it");
    }

    /** What is accepted is exactly what would be written for it. */
    @Test
    void garbageIsRefusedOrReadWithoutRest() {
        Random random = new Random(20_261_127);
        for (int i = 0; i < 50_000; i++) {
            byte[] garbage = new byte[random.nextInt(24)];
            random.nextBytes(garbage);
            for (int at = 0; at < garbage.length; at += 2) {
                garbage[at] = 0; // lengths that may even fit
            }
            Chain.parse(garbage)
                    .ifPresent(chain -> assertArrayEquals(
                            garbage,
                            Chain.of(chain.certificates()).orElseThrow().bytes()));
        }
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
