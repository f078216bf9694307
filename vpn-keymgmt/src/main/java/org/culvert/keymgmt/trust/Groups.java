package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * Our own extension: the groups a host belongs to, {@code SEQUENCE SIZE (1..64) OF UTF8String}, sorted, each once. In a CA
 * certificate it limits what that CA may put into others. Non-critical: who does not know it loses nothing but groups.
 */
public final class Groups {
    /** 2.25 and UUID 6f1c2b54-8a0e-4d37-9c55-2e1b7a90d3f8 as a number (ITU-T X.667): nobody has to assign it. Fixed. */
    public static final ASN1ObjectIdentifier OID =
            new ASN1ObjectIdentifier("2.25.147690570685669466250829315225498473464");

    private static final int MOST = 64;

    private Groups() {}

    /** What is wrong with a group's name, or empty when it is good: the rules of host names. */
    public static Optional<String> fault(String group) {
        return HostName.fault(group).map(fault -> fault.replace("the name", "the group"));
    }

    /** The extension's value. */
    public static byte[] encode(Collection<String> groups) {
        ASN1Encodable[] members =
                new TreeSet<>(groups).stream().map(DERUTF8String::new).toArray(ASN1Encodable[]::new);
        try {
            return new DERSequence(members).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory cannot fail", e);
        }
    }

    /** Reads the extension's value; throws with what is wrong. */
    public static List<String> decode(byte[] value) throws Der.MalformedException {
        Der.check(value);
        List<String> groups = new ArrayList<>();
        try {
            for (ASN1Encodable member : ASN1Sequence.getInstance(value)) {
                groups.add(((ASN1UTF8String) member.toASN1Primitive()).getString());
            }
        } catch (IllegalArgumentException | ClassCastException e) {
            throw new Der.MalformedException("is not a list of group names");
        }
        if (groups.isEmpty() || groups.size() > MOST || !groups.equals(List.copyOf(new TreeSet<>(groups)))) {
            throw new Der.MalformedException("is not a sorted list of 1 to " + MOST + " different group names");
        }
        for (String group : groups) {
            var fault = fault(group);
            if (fault.isPresent()) {
                throw new Der.MalformedException("is refused: " + fault.get());
            }
        }
        return List.copyOf(groups);
    }
}
