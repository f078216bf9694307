package org.culvert.core.flow;

import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.wire.SkipTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tokyo and bonn, who know each other and have keys: what most tests of the flows begin with. */
abstract class TwoGateways {
    /** 2026-07-19 around 10:20, in the middle of an hour. */
    static final long START = 276_540L * SkipTime.TICKS_PER_HOUR + 40_123_457L;

    final TestClock clock = new TestClock(START);
    TestGateway tokyo;
    TestGateway bonn;

    /** Of each gateway. */
    int lanes() {
        return 1;
    }

    /** What else is to be as it is when the first snapshots are made; they know each other already. */
    void prepare() throws Exception {}

    @BeforeEach
    final void linkTwoGateways() throws Exception {
        link(true);
    }

    /** Anew. */
    final void link(boolean vnetHeader, Suite... suites) throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, vnetHeader, "10.1.0.0/24", "fd01::/64");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, vnetHeader, "10.2.0.0/24", "fd02::/64");
        tokyo.lanes = lanes();
        bonn.lanes = lanes();
        tokyo.knows(bonn, suites);
        bonn.knows(tokyo, suites);
        prepare();
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
    }

    @AfterEach
    final void unlink() {
        if (tokyo != null) {
            tokyo.close();
            bonn.close();
        }
    }
}
