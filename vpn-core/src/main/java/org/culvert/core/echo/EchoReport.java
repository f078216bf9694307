package org.culvert.core.echo;

/**
 * What is known of the way to a peer at one moment.
 *
 * @param measured false: we do not ask
 * @param variationHereUs delay variation of what the peer sends, in microseconds, by its control messages
 * @param variationThereUs the same of what we send, as the peer last said; -1: not known
 * @param behindNat the peer sees us at another address or port than we have
 * @param peerBehindNat we see the peer at another one than it believes to have
 * @param pathBytes longest datagram that passes, UDP payload; 0: not known
 * @param pathFound the search for it is over
 */
public record EchoReport(
        boolean measured,
        Liveness.State state,
        RoundTrips roundTrips,
        long variationHereUs,
        long variationThereUs,
        boolean behindNat,
        boolean peerBehindNat,
        int pathBytes,
        boolean pathFound) {
    /**
     * Echoes of the whole run.
     *
     * @param lastNs 0: none was answered yet
     * @param lossPercent of the last hundred; -1: none is decided yet
     */
    public record RoundTrips(
            long asked, long answered, long lastNs, long medianNs, long percentile99Ns, double lossPercent) {}
}
