package org.culvert.core.status;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The way to a peer, as echoes measure it. The numbers of all echoes and messages never go back.
 *
 * @param measured whether we ask of our own accord
 * @param state "unheard", "alive", "silent" (not heard any more, still sending), "mute" (answers no echo: an older gateway)
 * @param asked echoes, without those that search for the path's MTU
 * @param lossPercent of the last hundred echoes
 * @param roundTrip absent until an echo was answered
 * @param variationThere how much the delay varies of what we send
 * @param variationHere the same of what the peer sends
 * @param behindNat the peer sees us under another address or port than we have
 * @param peerBehindNat the other way round
 * @param pathBytes longest datagram that passes, UDP payload
 * @param pathFound false while it is searched for
 */
public record WayStatus(
        boolean measured,
        String state,
        long asked,
        long answered,
        Optional<Double> lossPercent,
        Optional<RoundTrip> roundTrip,
        Optional<Duration> variationThere,
        Optional<Duration> variationHere,
        boolean behindNat,
        boolean peerBehindNat,
        OptionalInt pathBytes,
        boolean pathFound,
        Messages sent,
        Messages received) {
    /** Time to the peer and back, less what it took to answer: the last one, and of all since the start. */
    public record RoundTrip(Duration last, Duration median, Duration percentile99) {}

    /** Control messages, which no other counter has; bytes are UDP payload. */
    public record Messages(long count, long outerBytes) {}
}
