package org.culvert.core.status;

import org.culvert.core.log.OneLine;

/** Text made harmless for HTML. */
final class Html {
    private Html() {}

    /** For between tags and for quoted attributes. A name can come from a certificate. */
    static String text(String text) {
        return OneLine.of(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
