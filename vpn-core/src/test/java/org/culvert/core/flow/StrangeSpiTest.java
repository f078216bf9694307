package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.flow.StrangeSpi.Seen;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.Test;

class StrangeSpiTest {
    private static final long NOW_NS = 77_000_000_000L;
    private static final long TENTH_NS = 100_000_000L;

    private final StrangeSpi strangers = new StrangeSpi();

    private static Endpoint at(String address, int port) {
        return Endpoint.of(new InetSocketAddress(address, port));
    }

    private boolean see(Endpoint from, int bytes, long nowNs) {
        Datagrams datagrams = new Datagrams();
        datagrams.remoteHigh = from.remoteHigh();
        datagrams.remoteLow = from.remoteLow();
        datagrams.remotePort = from.remotePort();
        return strangers.see(datagrams, bytes, nowNs);
    }

    @Test
    void looksAtTenOfAllStrangersInASecond() {
        int told = 0;
        for (int ms = 0; ms < 1000; ms++) {
            told += see(at("203.0.113.9", 4000 + ms), 86, NOW_NS + ms * 1_000_000L) ? 1 : 0;
        }
        assertEquals(10, told);
        assertEquals(new Seen(at("203.0.113.9", 4900), 86), strangers.take(), "the last of them");
        assertNull(strangers.take());
    }

    /** Else a gateway that was restarted under a flood would not hear whose keys it has lost. */
    @Test
    void aPeerIsSeenAmidAFloodFromElsewhere() {
        Endpoint bonn = at("198.51.100.2", 1640);
        strangers.places(List.of(at("192.0.2.1", 1640), bonn));
        assertTrue(see(at("203.0.113.9", 1640), 1400, NOW_NS));
        assertTrue(see(bonn, 86, NOW_NS + 1));
        assertFalse(see(at("203.0.113.9", 1640), 1400, NOW_NS + 2));
        assertFalse(see(bonn, 86, NOW_NS + 3), "nor oftener");
        assertEquals(new Seen(bonn, 86), strangers.take());
        assertEquals(new Seen(at("203.0.113.9", 1640), 1400), strangers.take());
        assertNull(strangers.take());
        assertFalse(see(at("198.51.100.2", 1641), 86, NOW_NS + 4), "another port is somebody else");
        assertTrue(see(bonn, 86, NOW_NS + 1 + TENTH_NS));
    }

    @Test
    void findsEachOfAThousandPlacesAndNoOther() {
        List<Endpoint> peers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            peers.add(at("198.51." + i / 250 + "." + i % 250, 1640));
        }
        strangers.places(peers);
        long nowNs = NOW_NS;
        for (Endpoint peer : peers) {
            nowNs += TENTH_NS;
            assertTrue(see(at("203.0.113.9", 1640), 1400, nowNs));
            assertTrue(see(peer, 86, nowNs), peer.toString());
        }
        strangers.places(List.of());
        assertTrue(see(peers.getFirst(), 86, nowNs + TENTH_NS));
        assertFalse(see(peers.getLast(), 86, nowNs + TENTH_NS), "places that are no more");
    }
}
