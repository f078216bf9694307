package org.culvert.core.doctor;

import java.util.List;
import org.culvert.core.status.StatusTree;

/** Whether UDP arrives, as far as one end can tell: from its peers' packets. */
final class HeardCheck implements Doctor.Check {
    private static final String NAME = "reachability";

    @Override
    public List<Diagnosis> look(Patient patient) {
        int port = patient.config().listen().getPort();
        List<Diagnosis> found = patient.peers().stream()
                .filter(peer -> peer.text("state").equals("up")
                        && peer.child("received").number("packets") == 0)
                .map(peer -> silent(peer, port))
                .toList();
        return found.isEmpty() && patient.status().isPresent()
                ? List.of(Diagnosis.ok(NAME, "every peer has been heard"))
                : found;
    }

    private static Diagnosis silent(StatusTree peer, int port) {
        String name = peer.text("name");
        long sent = peer.child("sent").number("packets");
        long waited = peer.child("drops").number("tx_no_keys");
        if (sent + waited == 0) {
            return Diagnosis.note(
                    NAME,
                    "nothing was exchanged with " + name + " yet",
                    "ping a host behind it, from a host of our LAN");
        }
        String at = name + " at " + peer.text("endpoint");
        return Diagnosis.warning(
                NAME,
                (sent > 0
                                ? sent + " packets went to " + at + ", none came back"
                                : waited + " packets waited in vain for " + at + " to answer with keys")
                        + ": UDP is lost on the way there or here, or " + name + " does not accept us",
                "on " + name + ": tcpdump -ni any udp port " + port + ", and culvert status (unknown_spi)");
    }
}
