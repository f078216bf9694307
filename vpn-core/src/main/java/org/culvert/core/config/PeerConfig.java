package org.culvert.core.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.culvert.core.crypto.Suite;
import org.culvert.core.echo.PeerEcho;
import org.culvert.core.epoch.Mode;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.keymgmt.Prefix;

/**
 * One [[peer]].
 *
 * @param name as in its certificate: lower-case ASCII
 * @param certificates leaf first, then intermediates; two during a change of its keys; none: it is fetched from the endpoint, which is
 *     there then
 * @param fingerprints SHA-256 of certificates, which are then accepted without a CA
 * @param endpoints where it may be, the preferred one first; empty when its address changes and it speaks first
 * @param suites accepted, the first is sent; never empty
 * @param networks narrows what the certificate allows; empty: all of it
 * @param preSharedKey file of a secret that the peer has, too
 * @param manner how it is asked whether it is there
 * @param compresses packets to it, and accepts them so
 */
public record PeerConfig(
        String name,
        List<Path> certificates,
        List<String> fingerprints,
        List<EndpointConfig> endpoints,
        List<Suite> suites,
        List<Prefix> networks,
        TrafficKeyPolicy trafficKey,
        Mode forwardSecrecy,
        Optional<Path> preSharedKey,
        PeerEcho.Manner manner,
        boolean compresses,
        Lines lines) {
    public PeerConfig {
        certificates = List.copyOf(certificates);
        fingerprints = List.copyOf(fingerprints);
        endpoints = List.copyOf(endpoints);
        suites = List.copyOf(suites);
        networks = List.copyOf(networks);
    }
}
