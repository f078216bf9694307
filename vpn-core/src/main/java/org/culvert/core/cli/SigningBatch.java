package org.culvert.core.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.Finding;
import org.culvert.core.config.SigningSite;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Draft;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.CredentialException;

/** The sites of a template with their requests, looked at one by one and against each other before anything is signed. */
final class SigningBatch {
    private final CertificateAuthority authority;
    private final List<Finding> found = new ArrayList<>();

    private SigningBatch(CertificateAuthority authority) {
        this.authority = authority;
    }

    /**
     * What would be signed, in the order of the template.
     *
     * @param days where a site says nothing
     * @throws ConfigException with everything that stands against it, at the line of each site
     */
    static List<Draft> drafts(CertificateAuthority authority, List<SigningSite> sites, int days)
            throws ConfigException {
        SigningBatch batch = new SigningBatch(authority);
        List<Draft> drafts = new ArrayList<>();
        for (SigningSite site : sites) {
            try {
                Draft draft = batch.draft(site, days);
                for (Draft earlier : drafts) {
                    draft.conflictWith(earlier)
                            .ifPresent(why -> batch.add(site, "request", site.request() + ": " + why, "take one out"));
                }
                drafts.add(draft);
            } catch (CredentialException e) {
                batch.add(site, "request", e.file() + ": " + e.reason(), e.hint());
            }
        }
        if (!batch.found.isEmpty()) {
            throw new ConfigException(batch.found);
        }
        return drafts;
    }

    private void add(SigningSite site, String key, String cause, String hint) {
        found.add(site.finding(key, cause, hint));
    }

    private Draft draft(SigningSite site, int days) throws CredentialException {
        HostRequest request = HostRequest.read(site.request());
        expect(site, "name", site.name().orElse(request.name()), request.name());
        if (!site.networks().isEmpty() && !new HashSet<>(site.networks()).equals(new HashSet<>(request.networks()))) {
            expect(
                    site,
                    "networks",
                    site.networks().toString(),
                    request.networks().toString());
        }
        if (!site.groups().isEmpty() && !new HashSet<>(site.groups()).equals(new HashSet<>(request.groups()))) {
            expect(site, "groups", site.groups().toString(), request.groups().toString());
        }
        String print = request.keyFingerprint().replace(":", "");
        expect(site, "key", site.key().orElse(print).toUpperCase(Locale.ROOT), print);
        return authority.draft(site.request(), request, site.days().orElse(days), site.allowOverlap());
    }

    private void expect(SigningSite site, String key, String wanted, String asked) {
        if (!wanted.equals(asked)) {
            add(
                    site,
                    key,
                    "the request " + site.request() + " asks for " + key + " " + asked + ", not " + wanted,
                    "is it the right file, and nobody else's?");
        }
    }
}
