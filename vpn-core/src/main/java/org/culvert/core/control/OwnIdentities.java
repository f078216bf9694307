package org.culvert.core.control;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.KeyKind;

/** Who this gateway is: a key with its certificate, and during a change of keys two, all for one name. Immutable. */
public record OwnIdentities(List<OwnIdentity> all) {
    public OwnIdentities {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("a gateway has a key");
        }
    }

    public static OwnIdentities of(OwnIdentity only) {
        return new OwnIdentities(List.of(only));
    }

    public String name() {
        return all.getFirst().name();
    }

    /** In the same order. */
    public List<Examined> examine(Trust trust, Instant at) {
        return all.stream()
                .map(each -> new Examined(each.certificate(), trust.checkOwn(each.certificate(), at)))
                .toList();
    }

    /** The one whose networks and groups count at a moment. */
    public OwnIdentity counting(Trust trust, Instant at) {
        Examined counting = Examined.counting(examine(trust, at)).orElseThrow();
        return all.stream()
                .filter(each -> each.certificate().equals(counting.certificate()))
                .findFirst()
                .orElseThrow();
    }

    public boolean hasKeyOf(HostCertificate theirs) {
        return all.stream().anyMatch(each -> Arrays.equals(each.certificate().spki(), theirs.spki()));
    }

    List<KeyKind> kinds() {
        return all.stream().map(each -> each.certificate().keyKind()).distinct().toList();
    }
}
