package org.culvert.core.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.culvert.core.status.WayStatus.RoundTrip;

/** What is known of the way to a peer, in words. */
final class WayText {
    private WayText() {}

    static List<String> lines(WayStatus way) {
        List<String> lines = new ArrayList<>();
        lines.add(roundTrip(way) + loss(way));
        way.variationThere()
                .ifPresent(there -> lines.add("delay varies by " + ms(there) + " there, "
                        + ms(way.variationHere().orElse(there)) + " back"));
        if (way.pathBytes().isPresent()) {
            lines.add("datagrams of up to " + way.pathBytes().getAsInt() + " bytes pass"
                    + (way.pathFound() ? "" : ", searching"));
        }
        if (way.behindNat() || way.peerBehindNat()) {
            lines.add((way.behindNat() ? "this gateway" : "the peer")
                    + (way.behindNat() && way.peerBehindNat() ? " and the peer are" : " is") + " behind a NAT");
        }
        return lines;
    }

    private static String roundTrip(WayStatus way) {
        if (way.roundTrip().isEmpty()) {
            return !way.measured()
                    ? "not measured"
                    : way.state().equals("mute") ? "the peer answers no echoes: an older gateway" : "not known yet";
        }
        RoundTrip time = way.roundTrip().get();
        return "round trip " + ms(time.last()) + " (median " + ms(time.median()) + ", 99 % within "
                + ms(time.percentile99()) + ")";
    }

    private static String loss(WayStatus way) {
        return way.lossPercent()
                .map(loss -> String.format(Locale.ROOT, ", loss %.0f %%", loss))
                .orElse("");
    }

    private static String ms(Duration duration) {
        double ms = duration.toNanos() / 1e6;
        return String.format(Locale.ROOT, ms < 10 ? "%.2f ms" : "%.0f ms", ms);
    }
}
