package org.culvert.core.control;

import java.util.Arrays;
import java.util.List;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;

/** Who this gateway is: its key, its certificate and what follows from them. Immutable. */
public record OwnIdentity(HostKey key, HostCertificate certificate) {
    public String name() {
        return certificate.name();
    }

    public List<Prefix> networks() {
        return certificate.networks();
    }

    /** Whether all keys that were agreed on as the one are good for the other. */
    boolean hasKeysOf(OwnIdentity other) {
        return Arrays.equals(id(), other.id());
    }

    byte[] id() {
        return HostIdentity.id(name(), certificate.spki());
    }
}
