package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several queues, threads and sockets on one port: the same traffic, and each flow keeps to its lane. */
@Tag("alone")
class LanesLabTest extends TwoSiteLab {
    private static final int FLOWS = 12;

    /** What one lane has counted. */
    private record Queue(long sent, long received, long strayed) {}

    @Override
    void prepare() {} // each test starts its own daemons

    private void start(int tokyoQueues, int birlinghovenQueues) throws Exception {
        configureBoth();
        queues(tokyo, tokyoQueues);
        queues(birlinghoven, birlinghovenQueues);
        startBoth();
    }

    private static void queues(Office office, int queues) throws Exception {
        office.reconfigure("\n[[peer]]", "\n[tun]\nqueues = " + queues + "\n\n[[peer]]");
    }

    @AfterEach
    void stop() throws Exception {
        tokyo.daemon().close();
        birlinghoven.daemon().close();
    }

    @Test
    void flowsSpreadOverTheLanesOfBothGateways() throws Exception {
        start(2, 2);

        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            assertManyFlowsCross();
            List<byte[]> frames = capture.stop().stream()
                    .filter(frame -> Frames.isUdp(frame, PORT))
                    .toList();
            assertTrue(frames.size() > 1_000);
            assertTrue(
                    frames.stream().allMatch(LanesLabTest::isFromPortToPort),
                    "with a source port for each lane the peer's idea of where we are would flap");
        }
        assertConserved();
        assertNothingDropped();
        assertUsesAll(tokyo, 2);
        assertUsesAll(birlinghoven, 2);
    }

    /** Chosen by lane: a socket that gets packets of other lanes shows them as strayed. */
    @Test
    void fourLanesGoToFourSocketsAndThreeLanesToo() throws Exception {
        start(4, 3);
        assertManyFlowsCross();
        assertConserved();
        assertNothingDropped();
        assertUsesAll(birlinghoven, 3);
        assertUsesAll(tokyo, 4, 3); // three lanes come, so that three of its four sockets get them
    }

    @Test
    void aGatewayWithOneQueueTalksToOneWithTwo() throws Exception {
        start(1, 2);
        assertManyFlowsCross();
        assertConserved();
        assertNothingDropped();
        List<Queue> there = lanes(birlinghoven);
        assertTrue(there.stream().allMatch(queue -> queue.sent() > 100), "its own flows use both: " + there);
        assertEquals(1, there.stream().filter(queue -> queue.received() > 0).count(), "one lane comes: " + there);
    }

    @Test
    void reloadRestartAndRoamingGoOnUnderLoad() throws Exception {
        start(2, 2);
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        Finished refused = reloadWith("queues = 2", "queues = 3");
        assertEquals(2, refused.code(), refused.err());
        assertTrue(refused.err().contains("`queues` cannot change while the daemon runs: it is 2"), refused.err());
        tokyo.reconfigure("queues = 3", "queues = 2");

        ExecutorService clients = Executors.newFixedThreadPool(2);
        try {
            Future<?> here = clients.submit(() -> fetch(tokyo, birlinghoven, 30_000_017));
            Future<?> there = clients.submit(() -> fetch(birlinghoven, tokyo, 30_000_017));
            Finished moved = reloadWith("0.0.0.0:1640", "0.0.0.0:1650");
            assertEquals(0, moved.code(), moved.err());
            Await.until(
                    "birlinghoven follows to the new port",
                    Duration.ofSeconds(5),
                    () -> birlinghoven.status().endpoint().equals("192.0.2.2:1650"));
            here.get();
            there.get();
        } finally {
            clients.shutdownNow();
        }
        assertEquals("192.0.2.2:1650", birlinghoven.status().endpoint());
        assertNothingDropped();

        tokyo.daemon().kill();
        tokyo.daemon().start().awaitReady();
        awaitReached();
        assertManyFlowsCross();
        assertUsesAll(tokyo, 2);
    }

    private Finished reloadWith(String from, String to) throws Exception {
        tokyo.reconfigure(from, to);
        return tokyo.daemon().ask("reload");
    }

    /** TCP flows both ways at once, UDP datagrams each of which comes once, pings. */
    private void assertManyFlowsCross() throws Exception {
        List<Callable<Void>> flows = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Office client = i % 2 == 0 ? tokyo : birlinghoven;
            Office server = i % 2 == 0 ? birlinghoven : tokyo;
            flows.add(() -> fetch(client, server, 1_000_003));
            flows.add(() -> exchange(client, server));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(flows.size())) {
            for (Future<Void> flow : threads.invokeAll(flows)) {
                flow.get();
            }
        }
        assertAllAnswered(tokyo.ping(birlinghoven, 20));
        assertAllAnswered(birlinghoven.ping6(tokyo, 20));
    }

    private static Void fetch(Office client, Office server, int bytes) throws Exception {
        byte[] file = TrafficLabTest.noise(bytes, bytes % 97);
        try (FileServer serving = FileServer.start(server.host(), server.site().host4(), file)) {
            assertArrayEquals(file, FileClient.fetch(client.host(), serving.address()));
        }
        return null;
    }

    /** A question and an answer, in turns. */
    private static Void exchange(Office client, Office server) throws Exception {
        try (UdpPlace near = UdpPlace.open(client.host(), client.site().host4());
                UdpPlace far = UdpPlace.open(server.host(), server.site().host4())) {
            for (int i = 0; i < 100; i++) {
                byte[] question = TrafficLabTest.noise(200 + i, i);
                near.send(question, far.address());
                assertArrayEquals(question, far.receive());
                byte[] answer = TrafficLabTest.noise(300 + i, i);
                far.send(answer, near.address());
                assertArrayEquals(answer, near.receive());
            }
        }
        return null;
    }

    private void assertUsesAll(Office office, int queues) throws Exception {
        assertUsesAll(office, queues, queues);
    }

    /** Every queue sends, and so many sockets receive, nearly all of it their own lanes' packets. */
    private void assertUsesAll(Office office, int queues, int receiving) throws Exception {
        List<Queue> lanes = lanes(office);
        report("%s: %s", office.name(), lanes);
        assertEquals(queues, lanes.size());
        assertTrue(lanes.stream().allMatch(queue -> queue.sent() > 100), office.name() + ": " + lanes);
        assertEquals(
                receiving,
                lanes.stream().filter(queue -> queue.received() > 100).count(),
                office.name() + ": " + lanes);
        long received = lanes.stream().mapToLong(Queue::received).sum();
        long strayed = lanes.stream().mapToLong(Queue::strayed).sum();
        assertTrue(strayed < received / 10, office.name() + ": " + lanes);
    }

    private static List<Queue> lanes(Office office) throws Exception {
        JsonNode status = new ObjectMapper()
                .readTree(office.daemon().ask("status", "--json").succeeded().out());
        List<Queue> lanes = new ArrayList<>();
        for (JsonNode queue : status.path("tun").path("queues")) {
            lanes.add(new Queue(
                    queue.path("sent_packets").asLong(),
                    queue.path("received_packets").asLong(),
                    queue.path("strayed_packets").asLong()));
        }
        return lanes;
    }

    private static boolean isFromPortToPort(byte[] frame) {
        int udp = 14 + 20;
        int from = (frame[udp] & 0xff) << 8 | (frame[udp + 1] & 0xff);
        int to = (frame[udp + 2] & 0xff) << 8 | (frame[udp + 3] & 0xff);
        return from == PORT && to == PORT;
    }
}
