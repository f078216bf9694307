package org.culvert.keymgmt.trust;

/**
 * One reason why a certificate is not accepted.
 *
 * @param message one line for people: which certificate, what, since when
 */
public record Problem(Kind kind, String message) {
    /** What a reason is about; the names are stable, they go into JSON. */
    public enum Kind {
        /** Not a certificate that can be used at all. */
        MALFORMED,
        /** Past its notAfter. */
        EXPIRED,
        /** Before its notBefore; often the own clock. */
        NOT_YET_VALID,
        /** No trusted CA at the end of the chain, or a link missing. */
        UNTRUSTED,
        /** A signature that the issuer's key did not make. */
        BAD_SIGNATURE,
        /** Networks the issuer may not give. */
        NETWORKS,
        /** Groups the issuer may not give. */
        GROUPS,
        /** keyUsage or extendedKeyUsage forbid it. */
        KEY_USAGE,
        /** A critical extension that nothing here understands. */
        CRITICAL_EXTENSION,
        /** A name the issuer may not give, or another one than expected. */
        NAME,
        /** More CAs in a row than one of them allows. */
        PATH_LENGTH,
        /** On the issuer's revocation list. */
        REVOKED,
        /** A revocation list that is needed and missing, unreadable, or badly signed. */
        CRL,
        /** Anything else the JDK's path validation objects to. */
        OTHER
    }
}
