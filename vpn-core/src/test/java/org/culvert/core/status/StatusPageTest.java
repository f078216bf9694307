package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusPageTest {
    @Test
    void showsPeersDatesAndDropsInWords() {
        String page = StatusPage.of(Samples.tokyo(), new History());
        assertTrue(page.contains("<h1>tokyo</h1>"));
        assertTrue(page.contains("<td>osaka<td><span class=\"down\">down</span>"));
        assertTrue(page.contains("7 replay (seen before)"));
        assertTrue(page.contains("2026-09-01T00:00:00Z (180 d 20 h)"), page);
        assertTrue(page.contains("<li>osaka is down: its certificate expired on 2026-03-01</li>"));
        assertTrue(page.contains("<span class=\"clear\">CLEAR</span>"));
    }

    @Test
    void plotsTheLastHour() {
        History history = new History();
        for (int i = 0; i < 5; i++) {
            history.add(
                    List.of(new History.Sample("birlinghoven", 1_000_000L * i * i, 500_000L * i, 3.25f)),
                    i * 15_000_000_000L);
        }
        String page = StatusPage.of(Samples.tokyo(), history);
        assertTrue(page.contains("top 3.73 Mbit/s"), page);
        assertTrue(page.contains("round trip; top 3.25 ms"));
        assertTrue(page.contains("<path class=\"sent\" d=\"M474.0 "), page);
    }

    /** The browser compares the hash with what stands between the tags. */
    @Test
    void policyAllowsItsOwnStyleAndNothingElse() throws Exception {
        String page = StatusPage.of(Samples.tokyo(), new History());
        String style = page.substring(page.indexOf("<style>") + 7, page.indexOf("</style>"));
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));
        assertEquals(
                "default-src 'none'; style-src 'sha256-" + Base64.getEncoder().encodeToString(hash)
                        + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                StatusPage.SECURITY_POLICY);
        assertFalse(page.matches("(?s).*(<script|<form|<a |<img|<link|\\son[a-z]+=|style=|https?:).*"));
    }

    @Test
    void hostileNameIsText() {
        String page = StatusPage.of(
                Samples.with(Samples.named("<script>alert(1)</script>\u202e\"' onload='x")), new History());
        assertFalse(page.contains("<script"));
        assertFalse(page.contains("\u202e"));
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}&quot;&#39; onload=&#39;x"), page);
    }
}
