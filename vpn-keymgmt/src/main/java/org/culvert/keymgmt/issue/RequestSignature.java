package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.ContentSigner;
import org.culvert.keymgmt.trust.Fingerprint;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.KeyKind;
import org.jspecify.annotations.Nullable;

/**
 * What stands under a request. A P-256 key signs it and so proves that the host has it. An X25519 key cannot: id-alg-noSignature (RFC 5272
 * appendix C.1) with a hash, which finds accidents only.
 */
final class RequestSignature {
    private static final AlgorithmIdentifier NONE =
            new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.6.2"), DERNull.INSTANCE);

    /** What other programs sign with, too. */
    private static final Map<ASN1ObjectIdentifier, String> ECDSA = Map.of(
            X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA512, "SHA512withECDSA");

    private RequestSignature() {}

    static CertificationRequest sign(CertificationRequestInfo info, HostKey key) throws IOException {
        byte[] text = info.getEncoded(ASN1Encoding.DER);
        return switch (key.kind()) {
            // Erratum 8137 of RFC 5272 leaves open what kind of hash this is and tells readers to ignore it.
            case X25519 -> new CertificationRequest(info, NONE, new DERBitString(Fingerprint.sha256(text)));
            case P256 -> {
                ContentSigner signer = CertificateMaker.signer(key.privateKey());
                signer.getOutputStream().write(text);
                yield new CertificationRequest(
                        info, signer.getAlgorithmIdentifier(), new DERBitString(signer.getSignature()));
            }
        };
    }

    /** What is wrong with it, worded to follow "the request"; empty when it is good. */
    static Optional<String> fault(CertificationRequest request, KeyKind kind, byte[] spki) throws IOException {
        byte[] text = request.getCertificationRequestInfo().getEncoded(ASN1Encoding.DER);
        byte[] signature = request.getSignature().getOctets();
        AlgorithmIdentifier algorithm = request.getSignatureAlgorithm();
        boolean unsigned = algorithm.equals(NONE);
        return switch (kind) {
            case X25519 ->
                !unsigned
                        ? Optional.of("is signed, which an X25519 key cannot do")
                        : signature.length == 32 && !Arrays.equals(signature, Fingerprint.sha256(text))
                                ? Optional.of("was changed or damaged after it was made")
                                : Optional.empty();
            case P256 ->
                unsigned
                        ? Optional.of("is not signed, which a P-256 key has to do")
                        : verified(ECDSA.get(algorithm.getAlgorithm()), spki, text, signature)
                                ? Optional.empty()
                                : Optional.of("does not carry the signature of its own key: it was changed, or who"
                                        + " made it does not have the key");
        };
    }

    private static boolean verified(@Nullable String algorithm, byte[] spki, byte[] text, byte[] signature) {
        if (algorithm == null) {
            return false;
        }
        try {
            PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
            Signature check = Signature.getInstance(algorithm);
            check.initVerify(key);
            check.update(text);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a signature shaped to confuse the provider is simply not a good one
        }
    }
}
