package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Null;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.culvert.keymgmt.Prefix;

/**
 * The networks of a certificate: extension IPAddrBlocks of RFC 3779. Immutable.
 *
 * <p>The standard allows one encoding per set of addresses: neighbours are merged, and what is then no prefix is a range (10.1.0.0/24,
 * 10.1.1.0/24 and 10.1.2.0/24 become 10.1.0.0-10.1.2.255). Reading turns ranges back into the fewest prefixes. A family may
 * also "inherit" from the issuer, which only a CA certificate may here.
 */
public final class AddressBlocks {
    public static final ASN1ObjectIdentifier OID = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.7");

    /** More would be an attack on whoever turns ranges into prefixes: 64 KiB of ranges can be a million of them. */
    private static final int MOST_NETWORKS = 1000;

    private static final byte[] IPV4_FAMILY = {0, 1};
    private static final byte[] IPV6_FAMILY = {0, 2};

    private final List<Prefix> networks;
    private final boolean inheritsIpv4;
    private final boolean inheritsIpv6;

    private AddressBlocks(List<Prefix> networks, boolean inheritsIpv4, boolean inheritsIpv6) {
        this.networks = networks;
        this.inheritsIpv4 = inheritsIpv4;
        this.inheritsIpv6 = inheritsIpv6;
    }

    /** Of these networks, in whatever order and however they overlap. */
    public static AddressBlocks of(Collection<Prefix> networks) {
        List<Prefix> fewest = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            for (Ranges.Range range : Ranges.of(ipv4, networks).sorted()) {
                fewest.addAll(Ranges.prefixes(ipv4, range.first(), range.last()));
            }
        }
        return new AddressBlocks(List.copyOf(fewest), false, false);
    }

    /** The fewest prefixes that make up the addresses, IPv4 first, each family sorted. */
    public List<Prefix> networks() {
        return networks;
    }

    /** Those parts that stand in the certificate as a range and not as a prefix: "10.1.0.0-10.1.2.255". */
    public List<String> ranges() {
        List<String> texts = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            for (Ranges.Range range : Ranges.of(ipv4, networks).sorted()) {
                if (Ranges.prefixes(ipv4, range.first(), range.last()).size() > 1) {
                    texts.add(Ranges.text(ipv4, range.first()) + "-" + Ranges.text(ipv4, range.last()));
                }
            }
        }
        return texts;
    }

    boolean inherits() {
        return inheritsIpv4 || inheritsIpv6;
    }

    /** Itself with inherited families filled in from the issuer. */
    AddressBlocks resolvedBy(AddressBlocks issuer) {
        if (!inherits()) {
            return this;
        }
        List<Prefix> all = new ArrayList<>(networks);
        issuer.networks.stream()
                .filter(p -> p.ipv4() ? inheritsIpv4 : inheritsIpv6)
                .forEach(all::add);
        return of(all);
    }

    /** Those of the given networks that do not lie wholly within these. */
    public List<Prefix> outside(Collection<Prefix> wanted) {
        Ranges four = Ranges.of(true, networks);
        Ranges six = Ranges.of(false, networks);
        return wanted.stream()
                .filter(prefix -> !(prefix.ipv4() ? four : six).covers(prefix))
                .toList();
    }

    /** The extension's value, in canonical form. */
    public byte[] encode() {
        ASN1EncodableVector families = new ASN1EncodableVector();
        for (boolean ipv4 : new boolean[] {true, false}) {
            boolean inherits = ipv4 ? inheritsIpv4 : inheritsIpv6;
            List<Ranges.Range> ranges = Ranges.of(ipv4, networks).sorted();
            if (inherits || !ranges.isEmpty()) {
                families.add(new DERSequence(new ASN1Encodable[] {
                    new DEROctetString(ipv4 ? IPV4_FAMILY : IPV6_FAMILY),
                    inherits ? DERNull.INSTANCE : addresses(ipv4 ? 32 : 128, ranges)
                }));
            }
        }
        try {
            return new DERSequence(families).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory cannot fail", e);
        }
    }

    private static DERSequence addresses(int bits, List<Ranges.Range> ranges) {
        ASN1EncodableVector encoded = new ASN1EncodableVector();
        for (Ranges.Range range : ranges) {
            BigInteger differing = range.last().xor(range.first());
            boolean prefix = range.last().subtract(range.first()).equals(differing)
                    && differing.add(BigInteger.ONE).bitCount() == 1;
            if (prefix) {
                encoded.add(bitString(range.first(), bits, bits - differing.bitLength()));
            } else {
                // RFC 3779 section 2.1.2: the lower end without its trailing zeros, the upper without its trailing ones
                int zeros = range.first().signum() == 0 ? bits : range.first().getLowestSetBit();
                int ones = Math.min(bits, range.last().add(BigInteger.ONE).getLowestSetBit());
                encoded.add(new DERSequence(new ASN1Encodable[] {
                    bitString(range.first(), bits, bits - zeros), bitString(range.last(), bits, bits - ones)
                }));
            }
        }
        return new DERSequence(encoded);
    }

    private static DERBitString bitString(BigInteger address, int bits, int length) {
        int padding = -length & 7;
        byte[] kept = new byte[(length + 7) / 8];
        byte[] magnitude = address.shiftRight(bits - length).shiftLeft(padding).toByteArray();
        int bytes = Math.min(kept.length, magnitude.length);
        System.arraycopy(magnitude, magnitude.length - bytes, kept, kept.length - bytes, bytes);
        return new DERBitString(kept, padding);
    }

    /** Reads the extension's value; throws with what is wrong. */
    public static AddressBlocks decode(byte[] value) throws Der.MalformedException {
        Der.check(value);
        AddressBlocks blocks;
        try {
            blocks = read(ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(value)));
        } catch (IOException | RuntimeException e) {
            // what Bouncy Castle throws at ASN.1 of another shape is not declared
            throw new Der.MalformedException("is not what RFC 3779 describes");
        }
        // Encoding again what was read finds every other way to write it: order, overlap, stray bits, a prefix as a
        // range.
        if (!Arrays.equals(blocks.encode(), value)) {
            throw new Der.MalformedException("is not in the canonical form of RFC 3779 section 2.2.3");
        }
        return blocks;
    }

    private static AddressBlocks read(ASN1Sequence families) throws Der.MalformedException {
        List<Prefix> networks = new ArrayList<>();
        boolean[] inherits = new boolean[2];
        for (ASN1Encodable member : families) {
            ASN1Sequence family = ASN1Sequence.getInstance(member);
            byte[] number = ASN1OctetString.getInstance(family.getObjectAt(0)).getOctets();
            if (family.size() != 2 || number.length != 2 || number[0] != 0 || number[1] < 1 || number[1] > 2) {
                throw new Der.MalformedException("has an address family other than IPv4 and IPv6 unicast");
            }
            boolean ipv4 = number[1] == 1;
            if (family.getObjectAt(1).toASN1Primitive() instanceof ASN1Null) {
                inherits[number[1] - 1] = true;
                continue;
            }
            for (ASN1Encodable item : ASN1Sequence.getInstance(family.getObjectAt(1))) {
                networks.addAll(prefixes(ipv4, item.toASN1Primitive()));
                if (networks.size() > MOST_NETWORKS) {
                    throw new Der.MalformedException("has more than " + MOST_NETWORKS + " networks");
                }
            }
        }
        if (networks.isEmpty() && !inherits[0] && !inherits[1]) {
            throw new Der.MalformedException("has no networks");
        }
        return new AddressBlocks(List.copyOf(networks), inherits[0], inherits[1]);
    }

    private static List<Prefix> prefixes(boolean ipv4, ASN1Primitive item) throws Der.MalformedException {
        int bits = ipv4 ? 32 : 128;
        if (item instanceof ASN1BitString prefix) {
            BigInteger first = address(prefix, bits, false);
            return checked(ipv4, first, address(prefix, bits, true));
        }
        ASN1Sequence range = ASN1Sequence.getInstance(item);
        if (range.size() != 2) {
            throw new Der.MalformedException("is not what RFC 3779 describes");
        }
        BigInteger first = address(ASN1BitString.getInstance(range.getObjectAt(0)), bits, false);
        BigInteger last = address(ASN1BitString.getInstance(range.getObjectAt(1)), bits, true);
        if (first.compareTo(last) > 0) {
            throw new Der.MalformedException("has a range that ends before it begins");
        }
        return checked(ipv4, first, last);
    }

    private static List<Prefix> checked(boolean ipv4, BigInteger first, BigInteger last) throws Der.MalformedException {
        try {
            return Ranges.prefixes(ipv4, first, last);
        } catch (IllegalArgumentException e) {
            throw new Der.MalformedException("has " + e.getMessage());
        }
    }

    private static int bitLength(ASN1BitString bitString, int bits) throws Der.MalformedException {
        int length = bitString.getBytesLength() * 8 - bitString.getPadBits();
        if (length > bits) {
            throw new Der.MalformedException("has an address of " + length + " bits where " + bits + " are the most");
        }
        return length;
    }

    private static BigInteger address(ASN1BitString bitString, int bits, boolean fillWithOnes)
            throws Der.MalformedException {
        int missing = bits - bitLength(bitString, bits);
        BigInteger given = new BigInteger(1, bitString.getBytes()).shiftRight(bitString.getPadBits());
        BigInteger address = given.shiftLeft(missing);
        return fillWithOnes ? address.or(BigInteger.ONE.shiftLeft(missing).subtract(BigInteger.ONE)) : address;
    }
}
