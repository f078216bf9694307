package org.culvert.core.control;

import java.time.Duration;
import java.util.stream.Stream;
import org.culvert.core.crypto.Suite;
import org.culvert.core.wire.Refusal;
import org.culvert.tun.Endpoint;

/** What stands in a {@link Refusal}, for people: made here of numbers and addresses, so that nothing a peer wrote is ever shown. Stateless. */
final class RefusalWords {
    private RefusalWords() {}

    /** What we refuse of a peer's. */
    static String ours(Refusal refusal, Refusal.Detail detail) {
        return switch (refusal) {
            case SUITE -> "it sends " + suite(detail) + ", which [[peer]] suites does not accept";
            case INNER_SOURCE -> "source " + source(detail) + " is outside its networks";
            case NOT_FOR_US -> "destination " + destination(detail) + " is not in our networks";
            case POLICY -> "no rule allows " + passage(detail);
            case CLOCK -> "its clock is " + clock(detail);
            case CERTIFICATE_ENDS -> "its certificate ends in " + duration(detail.number());
            case COMPRESSED ->
                detail.number() == Refusal.NOT_UNPACKED
                        ? "it sends compressed packets that cannot be unpacked"
                        : "it compresses, and here [[peer]] compression is off";
            case NOT_A_MEMBER -> "it is no member of the group " + destination(detail) + " here";
            case NO_FORWARD_SECRECY ->
                "it sends packets under host keys alone, which [[peer]] forward-secrecy does not accept";
            case OF_LATER_VERSION -> "code " + detail.number();
        };
    }

    /** What a peer refuses of ours, as it says. */
    static String theirs(Refusal refusal, Refusal.Detail detail) {
        return switch (refusal) {
            case SUITE -> "it does not accept " + suite(detail) + "; the first of [[peer]] suites is what is sent";
            case INNER_SOURCE -> "source " + source(detail) + " is outside our networks, as it knows them";
            case NOT_FOR_US -> "destination " + destination(detail) + " is not in its networks";
            case POLICY -> "no rule there allows " + passage(detail);
            case CLOCK -> "our clock is " + clock(detail) + ", by its own";
            case CERTIFICATE_ENDS -> "our certificate ends in " + duration(detail.number());
            case COMPRESSED ->
                detail.number() == Refusal.NOT_UNPACKED
                        ? "it cannot unpack what we compress"
                        : "we compress, and there compression is off; [[peer]] compression must be on at both";
            case NOT_A_MEMBER -> "we are no member of the group " + destination(detail) + " there";
            case NO_FORWARD_SECRECY -> "it does not accept packets under host keys alone; see [[peer]] forward-secrecy";
            case OF_LATER_VERSION -> "for a reason that only later releases know, code " + detail.number();
        };
    }

    private static String suite(Refusal.Detail detail) {
        return Stream.of(Suite.values())
                .filter(suite -> suite.code() == detail.number())
                .map(Suite::label)
                .findFirst()
                .orElse("suite " + detail.number());
    }

    private static String source(Refusal.Detail detail) {
        return address(detail.sourceHigh(), detail.sourceLow());
    }

    private static String destination(Refusal.Detail detail) {
        return address(detail.destinationHigh(), detail.destinationLow());
    }

    private static String address(long high, long low) {
        return new Endpoint(high, low, 0, 0, 0, 0, 0).address();
    }

    private static String passage(Refusal.Detail detail) {
        long port = detail.number() & 0xffff;
        long protocol = detail.number() >>> 16 & 0xff;
        String what = switch ((int) protocol) {
            case 1, 58 -> "ICMP";
            case 6 -> "TCP";
            case 17 -> "UDP";
            default -> "protocol " + protocol;
        };
        return what + (port == 0 ? "" : " to port " + port) + " from " + source(detail) + " to " + destination(detail);
    }

    private static String clock(Refusal.Detail detail) {
        long ms = detail.number();
        return duration(ms == Long.MIN_VALUE ? Long.MAX_VALUE / 1000 : Math.abs(ms) / 1000)
                + (ms < 0 ? " behind" : " ahead");
    }

    /** Days and hours as long as there are enough of them, else seconds. */
    private static String duration(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        if (time.toDays() >= 3) {
            return time.toDays() + " days";
        }
        return time.toHours() >= 3 ? time.toHours() + " hours" : seconds + " s";
    }
}
