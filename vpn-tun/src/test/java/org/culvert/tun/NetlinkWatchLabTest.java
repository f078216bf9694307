package org.culvert.tun;

import static org.culvert.tun.LabExtension.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

@Lab
final class NetlinkWatchLabTest {
    @Test
    void seesLinksAddressesAndRoutesOfBothFamiliesChange() throws Exception {
        ip("link add lan0 type veth peer name far0");
        ip("link set lan0 addrgenmode none");
        ip("link set far0 up addrgenmode none");
        try (NetlinkWatch watch = NetlinkWatch.open()) {
            assertEquals(0, watch.awaitChange(0), "nothing yet");
            for (String change : new String[] {
                "link set lan0 up",
                "address add 10.1.0.1/24 dev lan0",
                "route add 10.2.0.0/16 dev lan0 proto 148",
                "route del 10.2.0.0/16 dev lan0 proto 148",
                "address add 2001:db8::5/64 dev lan0 nodad",
                "route add unreachable 2001:db8:2::/48 proto 148",
                "route del unreachable 2001:db8:2::/48 proto 148",
                "link set lan0 down",
            }) {
                ip(change);
                assertTrue(watch.awaitChange(-1) > 0, change);
                settle(watch);
            }
        }
    }

    @Test
    void wakes() throws Exception {
        try (NetlinkWatch watch = NetlinkWatch.open()) {
            watch.wake();
            assertEquals(0, watch.awaitChange(-1));
            Thread waker = new Thread(watch::wake);
            waker.start();
            assertEquals(0, watch.awaitChange(-1));
            waker.join();
        }
    }

    /** More notifications than the socket's buffer holds: the kernel drops some, which is a change like any other. */
    @Test
    void countsAnOverrunAsAChangeAndGoesOn() throws Exception {
        ip("link add lan0 up type veth peer name far0");
        ip("link set far0 up addrgenmode none");
        try (NetlinkWatch watch = NetlinkWatch.open()) {
            settle(watch);
            StringBuilder batch = new StringBuilder();
            for (int i = 0; i < 3000; i++) {
                batch.append("route add 10.")
                        .append(i / 256)
                        .append('.')
                        .append(i % 256)
                        .append(".0/24 dev lan0\n");
            }
            java.nio.file.Path file = java.nio.file.Files.createTempFile("routes", ".batch");
            try {
                java.nio.file.Files.writeString(file, batch);
                ip("-batch " + file);
            } finally {
                java.nio.file.Files.delete(file);
            }
            int seen = settle(watch);
            assertTrue(seen > 0 && seen < 3000, "some were dropped, " + seen + " seen");
            ip("route del 10.2.7.0/24 dev lan0");
            assertEquals(1, watch.awaitChange(-1));
        }
    }

    private static int settle(NetlinkWatch watch) {
        int all = 0;
        for (int seen = watch.awaitChange(0); seen > 0; seen = watch.awaitChange(0)) {
            all += seen;
        }
        return all;
    }
}
