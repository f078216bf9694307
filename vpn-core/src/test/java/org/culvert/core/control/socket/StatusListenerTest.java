package org.culvert.core.control.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.culvert.core.status.StatusPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class StatusListenerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @Test
    void servesMetricsAndPageAndNothingElse() throws Exception {
        try (StatusListener listener = open(ANY_PORT)) {
            HttpResponse<String> metrics = send(listener, "GET", "/metrics");
            assertEquals("culvert_info 1\n", metrics.body());
            assertEquals(
                    "text/plain; version=0.0.4; charset=utf-8",
                    metrics.headers().firstValue("Content-Type").orElse(""));
            HttpResponse<String> page = send(listener, "GET", "/");
            assertEquals("<!doctype html>", page.body());
            assertEquals(
                    StatusPage.SECURITY_POLICY,
                    page.headers().firstValue("Content-Security-Policy").orElse(""));
            assertEquals(
                    "nosniff",
                    page.headers().firstValue("X-Content-Type-Options").orElse(""));
            assertEquals(404, send(listener, "GET", "/v1/status").statusCode());
            assertEquals(404, send(listener, "GET", "/v1/capture").statusCode());
            assertEquals(404, send(listener, "POST", "/v1/reload").statusCode());
            assertEquals(405, send(listener, "POST", "/").statusCode());
        }
    }

    @Test
    void takesNoHandlerThatChangesSomethingOrIsRootsOnly() {
        for (Resource resource : List.of(new Resource("POST", "/", false), Resource.getAsRoot("/"))) {
            ControlHandler handler = new ControlHandler() {
                @Override
                public Resource resource() {
                    return resource;
                }

                @Override
                public Answer answer(Question question) {
                    return Answer.text("");
                }
            };
            assertThrows(IllegalArgumentException.class, () -> StatusListener.open(ANY_PORT, List.of(handler)));
        }
    }

    @Test
    void namesTheAddressThatIsTaken() throws Exception {
        try (StatusListener listener = open(ANY_PORT)) {
            IOException taken = assertThrows(IOException.class, () -> open(listener.address()));
            assertTrue(String.valueOf(taken.getMessage()).contains("[status] listen = "), taken.getMessage());
        }
    }

    private static StatusListener open(InetSocketAddress address) throws IOException {
        return StatusListener.open(
                address,
                List.of(new MetricsHandler(() -> "culvert_info 1\n"), new PageHandler(() -> "<!doctype html>")));
    }

    private static HttpResponse<String> send(StatusListener listener, String method, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + listener.address().getPort() + path);
            return client.send(
                    HttpRequest.newBuilder(uri)
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
