package org.culvert.core.doctor;

import java.util.List;
import org.culvert.core.status.StatusTree;

/** Whether UDP arrives, as far as one end can tell: from its peers' packets. */
final class HeardCheck implements Doctor.Check {
    private static final String NAME = "reachability";

    /** Without keys no packet is sent. Who has been asked for them so often should have answered. */
    private static final long ASKED_OFTEN = 5;

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
        long asked = peer.child("way").child("control_sent").number("messages");
        if (sent == 0 && asked < ASKED_OFTEN) {
            return Diagnosis.note(
                    NAME,
                    "nothing was exchanged with " + name + " yet",
                    "ping a host behind it, from a host of our LAN");
        }
        return Diagnosis.warning(
                NAME,
                (sent > 0 ? sent + " packets" : asked + " messages of our gateway") + " went to " + name + " at "
                        + peer.text("endpoint") + ", none came back: UDP is lost on the way there or here, or " + name
                        + " does not accept us",
                "on " + name + ": tcpdump -ni any udp port " + port + ", and culvert status (unknown_spi)");
    }
}
