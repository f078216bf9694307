package org.culvert.core.status;

import java.util.Locale;

/** A small line plot as SVG: no script, no reference to anything outside itself. */
final class Plot {
    private static final int WIDTH = 480;
    private static final int HEIGHT = 90;

    private final StringBuilder lines = new StringBuilder();
    private final float highest;

    /** @param highest upper end of the scale */
    Plot(float highest) {
        this.highest = highest > 0 ? highest : 1;
    }

    static float highest(float[]... series) {
        float highest = 0;
        for (float[] values : series) {
            for (float value : values) {
                highest = value > highest ? value : highest; // NaN is never larger
            }
        }
        return highest;
    }

    /** One value per slot; a gap where it is NaN. */
    Plot line(String cssClass, float[] values) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < values.length; i++) {
            if (Float.isNaN(values[i])) {
                drawing = false;
                continue;
            }
            float x = (float) i * WIDTH / Math.max(1, values.length - 1);
            float y = HEIGHT - values[i] / highest * (HEIGHT - 2) - 1;
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", drawing ? "L" : "M", x, y));
            if (!drawing) {
                path.append("h.1"); // a single value is seen, too
            }
            drawing = true;
        }
        lines.append("<path class=\"")
                .append(cssClass)
                .append("\" d=\"")
                .append(path)
                .append("\"/>");
        return this;
    }

    /** Complete, with a title that screen readers speak. */
    String svg(String title) {
        return "<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" preserveAspectRatio=\"none\" role=\"img\"><title>"
                + Html.text(title) + "</title>"
                + "<path class=\"grid\" d=\"M0 " + HEIGHT / 2 + "H" + WIDTH + "M0 1H" + WIDTH + "\"/>" + lines
                + "</svg>";
    }
}
