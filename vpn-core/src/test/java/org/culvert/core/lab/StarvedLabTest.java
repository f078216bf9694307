package org.culvert.core.lab;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** F33: the machine has something else to do. */
@Tag("alone")
class StarvedLabTest extends TwoSiteLab {
    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping"};
    }

    /** Twenty programs that want the processor all the time, 5 s of them. Packets wait longer; none is lost, nothing ends. */
    @Test
    void processorIsWantedByTwentyOthers() throws Exception {
        awaitReached();
        List<Process> others = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                others.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
            Pings slow = Pings.steadily(tokyo.host(), birlinghoven.site().host4(), 50, 100, 10);
            report("20 programs want the processor: %d of %d answered", slow.received(), slow.sent());
            assertAllAnswered(slow);
        } finally {
            others.forEach(Process::destroyForcibly);
        }
        assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 3));
    }
}
