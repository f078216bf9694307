package org.culvert.core.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Locale;

/** ICMP echo of our own, so that the demo needs no program for it. Stateless. */
final class Ping {
    private static final int TIMES = 5;
    private static final int LONGEST_MS = 2_000;

    private Ping() {}

    /**
     * Asks five times, one after the other.
     *
     * @return the shortest round trip in milliseconds
     * @throws IOException when one of them stayed without an answer
     */
    static double bestMs(Namespace machine, String address) throws Exception {
        InetAddress target = InetAddress.getByName(address);
        return machine.inside(() -> {
            long bestNs = Long.MAX_VALUE;
            for (int i = 1; i <= TIMES; i++) {
                long startNs = System.nanoTime();
                if (!target.isReachable(LONGEST_MS)) { // as root an ICMP echo, not the TCP port 7
                    throw new IOException(
                            String.format(Locale.ROOT, "%s did not answer ping %d of %d", address, i, TIMES));
                }
                bestNs = Math.min(bestNs, System.nanoTime() - startNs);
            }
            return bestNs / 1e6;
        });
    }
}
