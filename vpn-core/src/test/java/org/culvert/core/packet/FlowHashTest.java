package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlowHashTest {
    private static final int BYTES = 48;

    private final Region memory = new Region(BYTES);
    private final long packet = memory.address();

    @AfterEach
    void free() {
        memory.close();
    }

    /** UDP over IPv4 between 10.1.0.x and 10.2.0.y. */
    private int queue(int from, int fromPort, int to, int toPort, int queues) {
        for (int i = 0; i < BYTES; i++) {
            OffHeap.putU8(packet + i, 0);
        }
        OffHeap.putU8(packet, 0x45);
        OffHeap.putU16(packet + 2, BYTES);
        OffHeap.putU8(packet + 9, FiveTuple.UDP);
        OffHeap.putI32(packet + 12, from);
        OffHeap.putI32(packet + 16, to);
        OffHeap.putU16(packet + 20, fromPort);
        OffHeap.putU16(packet + 22, toPort);
        OffHeap.putU16(packet + 24, BYTES - 20);
        return FlowHash.queue(packet, BYTES, queues);
    }

    @Test
    void bothDirectionsOfAFlowMeet() {
        for (int queues = 2; queues <= 16; queues++) {
            for (int i = 0; i < 500; i++) {
                int there = queue(0x0a010005 + i, 40_000 + 7 * i, 0x0a020009, 443, queues);
                assertEquals(there, queue(0x0a020009, 443, 0x0a010005 + i, 40_000 + 7 * i, queues));
                assertTrue(there >= 0 && there < queues);
            }
        }
    }

    /** One host's connections to one server, with the ports it takes one after the other; and hosts with one connection each. */
    @Test
    void flowsSpreadOverAllQueues() {
        for (int queues = 2; queues <= 16; queues++) {
            int[] byPort = new int[queues];
            int[] byHost = new int[queues];
            for (int i = 0; i < 1_600; i++) {
                byPort[queue(0x0a010005, 33_000 + 2 * i, 0x0a020009, 443, queues)]++;
                byHost[queue(0x0a010005 + i, 40_000, 0x0a020009, 443, queues)]++;
            }
            for (int q = 0; q < queues; q++) {
                int fair = 1_600 / queues;
                assertTrue(byPort[q] > fair / 2 && byPort[q] < 2 * fair, queues + " queues, ports: " + byPort[q]);
                assertTrue(byHost[q] > fair / 2 && byHost[q] < 2 * fair, queues + " queues, hosts: " + byHost[q]);
            }
        }
    }

    /** A fragment has no ports: it goes where its addresses lead, and reads nothing behind the header. */
    @Test
    void fragmentsGoByTheirAddresses() {
        queue(0x0a010005, 40_000, 0x0a020009, 443, 4);
        OffHeap.putU16(packet + 6, 0x2000 | 3);
        int queue = FlowHash.queue(packet, BYTES, 4);
        OffHeap.putI32(packet + 20, 0x12345678);
        assertEquals(queue, FlowHash.queue(packet, BYTES, 4));
    }
}
