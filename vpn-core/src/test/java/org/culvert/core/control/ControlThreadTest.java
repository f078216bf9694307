package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ControlThreadTest {
    @Test
    void saysWhenItIsAtWorkAlsoOfTasksThatFailOrComeLater() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        try (ControlThread thread = new ControlThread(nowNs -> said.add("begins"), () -> said.add("ends"))) {
            thread.submit(() -> said.add("task")).get();
            assertThrows(
                    ExecutionException.class,
                    () -> thread.submit(() -> {
                                throw new IllegalStateException("expected by this test");
                            })
                            .get());
            thread.schedule(() -> said.add("later"), 1, TimeUnit.MILLISECONDS).get();
            thread.shutdown();
            assertTrue(thread.awaitTermination(20, TimeUnit.SECONDS));
        }
        assertEquals(List.of("begins", "task", "ends", "begins", "ends", "begins", "later", "ends"), said);
    }
}
