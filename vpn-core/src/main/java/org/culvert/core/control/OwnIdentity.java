package org.culvert.core.control;

import java.util.List;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;

/** A key of this gateway, its certificate and what follows from them. Immutable. */
public record OwnIdentity(HostKey key, HostCertificate certificate) {
    public String name() {
        return certificate.name();
    }

    public List<Prefix> networks() {
        return certificate.networks();
    }

    byte[] id() {
        return HostIdentity.id(name(), certificate.spki());
    }
}
