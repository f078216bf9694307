package org.culvert.core.cli;

import java.io.IOException;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.RevocationList;

/** What {@code cert show} can show, once for people and once for programs. */
interface CertificateView {
    void host(HostCertificate host) throws IOException;

    void authority(CaCertificate authority) throws IOException;

    void request(HostRequest request) throws IOException;

    void list(RevocationList list) throws IOException;
}
