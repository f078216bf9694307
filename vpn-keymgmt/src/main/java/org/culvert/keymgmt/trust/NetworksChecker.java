package org.culvert.keymgmt.trust;

import java.security.cert.CertPath;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.PKIXReason;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.culvert.keymgmt.Prefix;

/**
 * Teaches the JDK's path validation RFC 3779 section 2.3: every certificate's networks lie within its issuer's. Without it the JDK
 * refuses the extension as unknown and critical. Walks from the trusted CA to the host; one validation each.
 */
final class NetworksChecker extends PKIXCertPathChecker {
    private final List<AddressBlocks> path;
    private final AddressBlocks anchor;
    private AddressBlocks issuer;
    private int next;

    /** Takes the networks of the trusted CA and of the path below it, in the order of the path: host first. */
    NetworksChecker(AddressBlocks anchor, List<AddressBlocks> path) {
        this.anchor = anchor;
        this.path = path;
        this.issuer = anchor;
        this.next = path.size() - 1;
    }

    @Override
    public void init(boolean forward) throws CertPathValidatorException {
        if (forward) {
            throw new CertPathValidatorException("networks are checked from the trusted CA downwards");
        }
        issuer = anchor;
        next = path.size() - 1;
    }

    @Override
    public boolean isForwardCheckingSupported() {
        return false;
    }

    @Override
    public Set<String> getSupportedExtensions() {
        return Set.of(AddressBlocks.OID.getId());
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolvedCritical)
            throws CertPathValidatorException {
        AddressBlocks own = path.get(next--).resolvedBy(issuer);
        List<Prefix> outside = issuer.outside(own.networks());
        if (!outside.isEmpty()) {
            throw new CertPathValidatorException(
                    outside + " outside the issuer's networks", null, (CertPath) null, -1, PKIXReason.INVALID_POLICY);
        }
        issuer = own;
        unresolvedCritical.remove(AddressBlocks.OID.getId());
    }
}
