package org.culvert.core.doctor;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.culvert.core.config.EndpointConfig;
import org.culvert.core.config.PeerConfig;
import org.culvert.core.crypto.Suite;
import org.culvert.tun.Link;

/** A configured MTU that the outgoing link cannot carry sealed. */
final class MtuCheck implements Doctor.Check {
    private static final String NAME = "mtu";
    private static final int OUTER_IPV4_BYTES = 28; // IPv4 and UDP
    private static final int OUTER_IPV6_BYTES = 48;

    @Override
    public List<Diagnosis> look(Patient patient) {
        OptionalInt configured = patient.config().tun().mtuBytes();
        if (configured.isEmpty()) {
            return List.of(Diagnosis.ok(NAME, "follows the way to each peer"));
        }
        List<Diagnosis> found = new ArrayList<>();
        for (PeerConfig peer : patient.config().peers()) {
            peer.endpoints().stream().filter(EndpointConfig::isLiteral).forEach(endpoint -> {
                int most = mostBytes(patient, InetAddress.ofLiteral(endpoint.host()), peer.suites());
                if (configured.getAsInt() > most) {
                    found.add(Diagnosis.warning(
                            NAME,
                            "[tun] mtu = " + configured.getAsInt() + ", but the link to " + peer.name() + " carries "
                                    + most + " inside: larger packets are cut in pieces or lost",
                            "take mtu out of " + patient.config().file() + ", or write mtu = " + most));
                }
            });
        }
        return found.isEmpty() ? List.of(Diagnosis.ok(NAME, configured.getAsInt() + " fits all links")) : found;
    }

    private static int mostBytes(Patient patient, InetAddress endpoint, List<Suite> suites) {
        int link = patient.machine()
                .routeTo(endpoint)
                .flatMap(route -> patient.machine().links().stream()
                        .filter(each -> each.index() == route.interfaceIndex())
                        .findFirst())
                .map(Link::mtuBytes)
                .orElse(Integer.MAX_VALUE);
        int outer = endpoint.getAddress().length == 4 ? OUTER_IPV4_BYTES : OUTER_IPV6_BYTES;
        return link - outer - suites.getFirst().overheadBytes();
    }
}
