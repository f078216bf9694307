package org.culvert.core.lab.threats;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The figures of doc/threats.md: the same floods and the same work with Culvert and without, in turns; medians are printed. */
@Tag("nightly")
@Tag("alone")
class FloodCostLabTest extends FloodLab {
    private static final int ROUNDS = 5;
    private static final int REQUEST_BYTES = 1_200;

    private final Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
    private List<byte[]> bad = List.of();

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void withAndWithoutCulvert() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            startBoth();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            bad = badTags();
            each("with Culvert");
            limit();
            note("one flow from LAN to LAN, with Culvert, limited", during(oneFlow()));
            note("TCP SYNs from LAN to LAN, with Culvert, limited", during(syns()));
            unlimit();
            stopBoth();
            each("without");
        }
        outcomes.forEach((what, runs) -> report(
                "median of %d: %s: %.0f sent; pings lost %.1f %% (%.1f to %.1f); full: tokyo's TUN %.0f, birlinghoven's socket %.0f, its TUN %.0f",
                runs.size(),
                what,
                median(runs, Outcome::sent),
                median(runs, FloodCostLabTest::lost),
                runs.stream().mapToDouble(FloodCostLabTest::lost).min().orElseThrow(),
                runs.stream().mapToDouble(FloodCostLabTest::lost).max().orElseThrow(),
                median(runs, Outcome::tokyosTun),
                median(runs, Outcome::socket),
                median(runs, Outcome::birlinghovensTun)));
    }

    private void each(String how) throws Exception {
        note("garbage, " + how, during(atTheGateway(garbage())));
        note("bad tags, " + how, during(atTheGateway(bad)));
        note("discovery requests, " + how, during(atTheGateway(List.of(request()))));
        note("one flow from LAN to LAN, " + how, during(oneFlow()));
        note("TCP SYNs from LAN to LAN, " + how, during(syns()));
    }

    private void note(String what, Outcome outcome) {
        outcomes.computeIfAbsent(what, none -> new ArrayList<>()).add(outcome);
    }

    private static double lost(Outcome outcome) {
        return 100.0
                * (outcome.pings().sent() - outcome.pings().received())
                / outcome.pings().sent();
    }

    private static double median(List<Outcome> runs, ToDoubleFunction<Outcome> figure) {
        return runs.stream()
                .map(figure::applyAsDouble)
                .sorted(Comparator.naturalOrder())
                .skip((runs.size() - 1) / 2)
                .findFirst()
                .orElseThrow();
    }

    private static byte[] request() {
        return ByteBuffer.allocate(REQUEST_BYTES)
                .put((byte) 0x13)
                .put(new byte[3])
                .putLong(SEED)
                .putLong(~SEED)
                .array();
    }
}
