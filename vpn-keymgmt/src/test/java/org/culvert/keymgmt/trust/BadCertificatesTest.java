package org.culvert.keymgmt.trust;

import static org.culvert.keymgmt.Forge.NOW;
import static org.culvert.keymgmt.Forge.pem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.Forge.Parts;
import org.culvert.keymgmt.trust.Problem.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The list of bad certificates of the acceptance plan (research, reliability 7.4). Each is a good one bent in one place, and each is
 * refused with the reason that belongs to that place: refused with another one would mean that its own guard is missing.
 */
class BadCertificatesTest {
    private static final Forge CA = new Forge("Example CA");
    private static final byte[] CA_DER = CA.authority().der();

    /** 12 bytes of SubjectPublicKeyInfo in front of an X25519 key. */
    private static final String X25519_SPKI = "302a300506032b656e032100";

    @TempDir
    private Path folder;

    private static Parts good() {
        return CA.host("tokyo", "10.1.0.0/24", "2001:db8:1::/48");
    }

    @Test
    void theGoodOneIsAccepted() throws Exception {
        HostCertificate host = HostCertificate.read(pem(folder.resolve("host.crt"), good().der()));
        assertEquals(List.of(), trust(CA_DER).check(host, NOW));
        assertEquals("tokyo", host.name());
        assertEquals(Forge.prefixes("10.1.0.0/24", "2001:db8:1::/48"), host.networks());
    }

    /** What a refusal costs, the first time and again, for the report at the end; never asserted, for machines differ. */
    private static final LongSummaryStatistics FIRST_NS = new LongSummaryStatistics();

    private static final LongSummaryStatistics AGAIN_NS = new LongSummaryStatistics();

    private interface Work<T> {
        T run() throws CredentialException;
    }

    private static <T> T timed(Work<T> work) throws CredentialException {
        try {
            timed(FIRST_NS, work);
        } catch (CredentialException refusal) {
            return timed(AGAIN_NS, work);
        }
        return timed(AGAIN_NS, work);
    }

    private static <T> T timed(LongSummaryStatistics ns, Work<T> work) throws CredentialException {
        long start = System.nanoTime();
        try {
            return work.run();
        } finally {
            ns.accept(System.nanoTime() - start);
        }
    }

    @AfterAll
    static void reportTimes() {
        System.out.printf(
                Locale.ROOT,
                "bad certificates: %d refused, the first time in %.2f ms on average and %.2f ms at most (nothing is compiled yet),"
                        + " at once again in %.2f and %.2f ms%n",
                FIRST_NS.getCount(),
                FIRST_NS.getAverage() / 1e6,
                FIRST_NS.getMax() / 1e6,
                AGAIN_NS.getAverage() / 1e6,
                AGAIN_NS.getMax() / 1e6);
    }

    private TrustStore trust(byte[]... authorities) throws CredentialException {
        return TrustStore.read(pem(folder.resolve("ca.crt"), authorities));
    }

    // ---- refused when read

    @TestFactory
    Stream<DynamicTest> refusedWhenRead() {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        Map<String, String> reasons = new LinkedHashMap<>();
        for (Bad bad : badFields()) {
            bytes.put(bad.what, Forge.bent(good(), bad.bend).der());
            reasons.put(bad.what, bad.reason);
        }
        encodings(bytes, reasons);
        return bytes.entrySet().stream()
                .map(entry -> dynamicTest(entry.getKey(), () -> {
                    Path file = pem(folder.resolve("bad.crt"), entry.getValue());
                    CredentialException refusal = assertThrows(
                            CredentialException.class, () -> timed(() -> HostCertificate.read(file)), entry.getKey());
                    assertTrue(
                            Stream.of(reasons.get(entry.getKey()).split("\\|")).anyMatch(refusal.reason()::contains),
                            () -> "another reason: " + refusal.getMessage());
                    assertTrue(refusal.getMessage().chars().allMatch(c -> c >= 0x20 && c < 0x7f), refusal.getMessage());
                }));
    }

    private record Bad(String what, String reason, Consumer<Parts> bend) {}

    private static List<Bad> badFields() {
        List<Bad> bad = new ArrayList<>();
        bad.add(new Bad("validity reversed", "before it begins", p -> p.notAfter = p.notBefore.minusSeconds(1)));
        bad.add(new Bad("serial 0", "serial number", p -> p.serial = BigInteger.ZERO));
        bad.add(new Bad("serial negative", "serial number", p -> p.serial = BigInteger.valueOf(-77)));
        bad.add(new Bad("serial 200 bytes", "serial number", p -> p.serial = BigInteger.TWO.pow(1590)));
        bad.add(new Bad("subject empty", "subject field is empty", p -> p.subject = new X500Name(new RDN[0])));
        bad.add(new Bad("subject with NUL", "CN", p -> p.subject = cn("tokyo\0.evil")));
        bad.add(new Bad("subject with newline", "CN", p -> p.subject = cn("tokyo\nbonn")));
        bad.add(new Bad("subject with ESC", "\\u001b", p -> p.subject = cn("\u001b[2Jtokyo")));
        bad.add(new Bad("subject with a bidirectional mark", "\\u202e", p -> p.subject = cn("tokyo\u202e")));
        bad.add(new Bad("subject of 30 KB", "CN", p -> p.subject = cn("t".repeat(30_000))));
        bad.add(new Bad(
                "subject in BMPString, alike",
                "CN",
                p -> p.subject = new X500Name(
                        new RDN[] {new RDN(new AttributeTypeAndValue(BCStyle.CN, new DERBMPString("t\u043ekyo")))})));
        bad.add(new Bad("name upper case, in both places", "a-z", p -> {
            p.subject = cn("Tokyo");
            p.dns("Tokyo");
        }));
        bad.add(new Bad("name with NUL, in both places", "a-z", p -> {
            p.subject = cn("tok\0yo");
            p.dns("tok\0yo");
        }));
        bad.add(new Bad("name a wildcard", "a-z", p -> {
            p.subject = cn("*.tokyo");
            p.dns("*.tokyo");
        }));
        bad.add(new Bad("name of 65 characters", "64", p -> {
            String name = "t".repeat(32) + "." + "k".repeat(32);
            p.subject = cn(name);
            p.dns(name);
        }));
        bad.add(new Bad("name with an empty part", "empty", p -> {
            p.subject = cn("tokyo..example");
            p.dns("tokyo..example");
        }));
        bad.add(new Bad("CN other than dNSName", "bonn", p -> p.dns("bonn")));
        bad.add(new Bad("no subjectAltName", "dNSName (none)", p -> p.without(Extension.subjectAlternativeName)));
        bad.add(new Bad(
                "two dNSNames",
                "tokyo, bonn",
                p -> p.extension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.dNSName, "tokyo"), new GeneralName(GeneralName.dNSName, "bonn")
                }))));
        bad.add(new Bad("two CNs", "tokyo, tokyo", p -> p.subject = new X500Name("CN=tokyo,CN=tokyo")));
        badNetworks(bad);
        badKeys(bad);
        bad.add(new Bad(
                "groups not sorted",
                "groups",
                p -> p.extension(Groups.OID, false, new DERSequence(new DERUTF8String[] {
                    new DERUTF8String("west"), new DERUTF8String("east")
                }))));
        bad.add(new Bad(
                "group with a newline",
                "groups",
                p -> p.extension(Groups.OID, false, new DERSequence(new DERUTF8String("we\nst")))));
        bad.add(new Bad("groups not a list", "groups", p -> p.extension(Groups.OID, false, DERNull.INSTANCE)));
        return bad;
    }

    private static void badNetworks(List<Bad> bad) {
        bad.add(new Bad("no networks", "certifies no networks", p -> p.without(AddressBlocks.OID)));
        bad.add(new Bad("networks not critical", "not marked critical", p -> {
            byte[] value = p.extensions.get(AddressBlocks.OID).getExtnValue().getOctets();
            p.extension(AddressBlocks.OID, false, value);
        }));
        bad.add(new Bad(
                "networks an empty list",
                "has no networks",
                p -> p.extension(AddressBlocks.OID, true, new DERSequence())));
        bad.add(new Bad("networks inherited", "inherit", p -> blocks(p, family("0001", DERNull.INSTANCE))));
        bad.add(new Bad("address family 3", "family", p -> blocks(p, family("0003", DERNull.INSTANCE))));
        bad.add(new Bad("multicast only (SAFI)", "family", p -> blocks(p, family("000102", list(bits("0a01", 0))))));
        bad.add(new Bad(
                "host bits set",
                "canonical",
                p -> p.extension(
                        AddressBlocks.OID, true, HexFormat.of().parseHex("300e300c0402000130060304010a0105"))));
        bad.add(new Bad("prefix of 33 bits", "33 bits", p -> blocks(p, family("0001", list(bits("0a01000080", 7))))));
        bad.add(new Bad(
                "overlapping", "canonical", p -> blocks(p, family("0001", list(bits("0a", 0), bits("0a01", 0))))));
        bad.add(new Bad("not sorted", "canonical", p -> blocks(p, family("0001", list(bits("0b", 0), bits("09", 0))))));
        bad.add(new Bad(
                "neighbours not merged",
                "canonical",
                p -> blocks(p, family("0001", list(bits("0a", 0), bits("0b", 0))))));
        bad.add(new Bad(
                "a prefix written as a range",
                "canonical",
                p -> blocks(p, family("0001", list(new DERSequence(new DERBitString[] {bits("0a", 0), bits("0a", 0)
                }))))));
        bad.add(new Bad(
                "a range that ends before it begins",
                "ends before it begins",
                p -> blocks(p, family("0001", list(new DERSequence(new DERBitString[] {bits("0b", 0), bits("09", 0)
                }))))));
        bad.add(new Bad(
                "IPv4 in IPv6 clothes",
                "IPv4 network in IPv6 form",
                p -> blocks(p, family("0002", list(bits("00000000000000000000ffff0a", 0))))));
        bad.add(new Bad(
                "IPv6 before IPv4",
                "canonical",
                p -> p.extension(AddressBlocks.OID, true, new DERSequence(new DERSequence[] {
                    family("0002", list(bits("20", 0))), family("0001", list(bits("0a", 0)))
                }))));
        bad.add(new Bad("more than 1000 networks", "more than 1000", p -> {
            String[] many = new String[1001];
            for (int i = 0; i < many.length; i++) {
                many[i] = "10." + i / 256 + "." + i % 256 + ".0/25";
            }
            p.networks(many);
        }));
        bad.add(new Bad(
                "networks are not RFC 3779",
                "RFC 3779",
                p -> p.extension(AddressBlocks.OID, true, new DERSequence(new DERUTF8String("10.1.0.0/24")))));
    }

    private static void badKeys(List<Bad> bad) {
        bad.add(new Bad(
                "key of 31 bytes",
                "key length must be 32",
                p -> p.spki = spki("3029300506032b656e032000", "11".repeat(31))));
        bad.add(new Bad(
                "key of 33 bytes",
                "key length must be 32",
                p -> p.spki = spki("302b300506032b656e032200", "11".repeat(33))));
        bad.add(new Bad(
                "Ed25519 key",
                "host key is X25519",
                p -> p.spki = Forge.key("Ed25519").getPublic().getEncoded()));
        bad.add(new Bad(
                "P-384 key",
                "host key is",
                p -> p.spki = Forge.key("secp384r1").getPublic().getEncoded()));
        badPoints(bad);
        bad.add(new Bad(
                "X448 key",
                "X25519",
                p -> p.spki = Forge.key("X448").getPublic().getEncoded()));
        for (String low : List.of(
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")) {
            bad.add(new Bad("low order " + low, "low order", p -> p.spki = spki(X25519_SPKI, low)));
        }
        // 2^255-19 to 2^255-1 are the 19 numbers of 255 bits that the field does not have; p and p+1 are the other two
        // of low order.
        for (int i = 0xed; i <= 0xff; i++) {
            String key = HexFormat.of().toHexDigits((byte) i) + "ff".repeat(30) + "7f";
            bad.add(new Bad("not canonical " + key, "not canonical", p -> p.spki = spki(X25519_SPKI, key)));
        }
        bad.add(new Bad(
                "top bit set", "not canonical", p -> p.spki = spki(X25519_SPKI, "09" + "00".repeat(30) + "80")));
    }

    /** P-256 keys: the JDK's parser refuses some of them itself, in its own words. */
    private static void badPoints(List<Bad> bad) {
        String x = "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180";
        String y = "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3";
        // p is 2^256 - 2^224 + 2^192 + 2^96 - 1; x = 5 + p would be the point with x = 5 once more.
        String p = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
        String start = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
        bad.add(new Bad(
                "P-256 point off the curve by one bit",
                "not a point of the curve",
                c -> c.spki = spki(start, x + y.substring(0, 63) + "2")));
        bad.add(new Bad(
                "P-256 point with x and y swapped", "not a point of the curve", c -> c.spki = spki(start, y + x)));
        bad.add(new Bad("P-256 origin", "not a point of the curve", c -> c.spki = spki(start, "00".repeat(64))));
        bad.add(new Bad("P-256 coordinate p", "not a point of the curve", c -> c.spki = spki(start, p + y)));
        bad.add(new Bad(
                "P-256 point at infinity",
                "uncompressed point|cannot be read",
                c -> c.spki = spki("3019301306072a8648ce3d020106082a8648ce3d030107030200", "00")));
        bad.add(new Bad(
                "P-256 point compressed",
                "uncompressed point|cannot be read",
                c -> c.spki = spki("3039301306072a8648ce3d020106082a8648ce3d03010703220003", x)));
        bad.add(new Bad(
                "P-256 point hybrid",
                "uncompressed point|cannot be read",
                c -> c.spki = spki("3059301306072a8648ce3d020106082a8648ce3d03010703420007", x + y)));
        bad.add(new Bad(
                "P-256 point cut short",
                "uncompressed point|cannot be read",
                c -> c.spki = spki("3058301306072a8648ce3d020106082a8648ce3d03010703410004", x + y.substring(2))));
        bad.add(new Bad(
                "curve without a name",
                "host key is|cannot be read",
                c -> c.spki = spki("3012300b06072a8648ce3d02010500", "0303000405")));
    }

    /** Damage and tricks in the bytes themselves. */
    private static void encodings(Map<String, byte[]> bytes, Map<String, String> reasons) {
        byte[] good = good().der();
        put(bytes, reasons, "one byte behind the end", "behind its end", Arrays.copyOf(good, good.length + 1));
        put(bytes, reasons, "cut short", "beyond its end", Arrays.copyOf(good, good.length - 1));
        byte[] indefinite = new byte[good.length + 2];
        System.arraycopy(good, 4, indefinite, 2, good.length - 4);
        indefinite[0] = 0x30;
        indefinite[1] = (byte) 0x80;
        put(bytes, reasons, "indefinite length", "indefinite length", Arrays.copyOf(indefinite, good.length));
        put(
                bytes,
                reasons,
                "length 0x84FFFFFFFF",
                "length beyond",
                HexFormat.of().parseHex("3084ffffffff0101"));
        put(
                bytes,
                reasons,
                "length longer than needed",
                "longer than needed",
                HexFormat.of().parseHex("308103020101"));
        put(bytes, reasons, "nested 30,000 deep", "nests deeper", nested(30_000));
        put(bytes, reasons, "100 KB", "larger than 64 KiB", new byte[100_000]);
        put(
                bytes,
                reasons,
                "no certificate at all",
                "cannot be read",
                HexFormat.of().parseHex("3003020105"));
        put(bytes, reasons, "dates without seconds", "full seconds", withoutSeconds(good));
        byte[] algorithm = good.clone();
        // the outer signatureAlgorithm is the last 1.3.101.112; make it 1.3.101.113 (Ed448)
        int at = lastIndexOf(algorithm, HexFormat.of().parseHex("06032b6570"));
        algorithm[at + 4] = 0x71;
        put(bytes, reasons, "outer signature algorithm other than inner", "cannot be read", algorithm);
        put(bytes, reasons, "outer algorithm with parameters", "is not the one inside", outerParameters(good));
        put(bytes, reasons, "duplicate extension", "cannot be read", duplicateExtension());
    }

    private static void put(
            Map<String, byte[]> bytes, Map<String, String> reasons, String what, String reason, byte[] der) {
        bytes.put(what, der);
        reasons.put(what, reason);
    }

    // ---- read, but not accepted

    @TestFactory
    Stream<DynamicTest> refusedWhenChecked() {
        return Stream.of(
                        new Bad(
                                "expired",
                                "EXPIRED expired at 2027-03-05T06:07:07Z",
                                p -> p.notAfter = NOW.minusSeconds(1)),
                        new Bad(
                                "not yet valid",
                                "NOT_YET_VALID not valid before 2027-03-05T06:08:08Z",
                                p -> p.notBefore = NOW.plusSeconds(60)),
                        new Bad(
                                "no key usage",
                                "KEY_USAGE does not include Key Agreement",
                                p -> p.without(Extension.keyUsage)),
                        new Bad(
                                "wrong key usage",
                                "KEY_USAGE does not include Key Agreement",
                                p -> p.extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))),
                        new Bad(
                                "may sign certificates",
                                "KEY_USAGE may sign",
                                p -> p.extension(
                                        Extension.keyUsage,
                                        true,
                                        new KeyUsage(KeyUsage.keyAgreement | KeyUsage.keyCertSign))),
                        new Bad(
                                "wrong extended usage",
                                "KEY_USAGE extended key usage",
                                p -> p.extension(
                                        Extension.extendedKeyUsage,
                                        true,
                                        new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))),
                        new Bad(
                                "CA:TRUE",
                                "KEY_USAGE CA:TRUE",
                                p -> p.extension(Extension.basicConstraints, true, new BasicConstraints(true))),
                        new Bad(
                                "unknown critical extension",
                                "CRITICAL_EXTENSION 2.25.77",
                                p -> p.extension(new ASN1ObjectIdentifier("2.25.77"), true, DERNull.INSTANCE)),
                        new Bad(
                                "another CA of the same name",
                                "BAD_SIGNATURE does not carry the signature of 'Example CA'",
                                p -> p.signer = Forge.key("Ed25519").getPrivate()),
                        new Bad(
                                "wrong CA",
                                "UNTRUSTED issued by 'Other CA', which is not trusted; trusted: 'Example CA'",
                                p -> p.issuer = new X500Name("CN=Other CA")),
                        new Bad("self-signed", "UNTRUSTED issued by 'tokyo'", p -> p.issuer = p.subject))
                .map(bad -> dynamicTest(
                        bad.what,
                        () -> assertRefused(
                                bad.reason,
                                trust(CA_DER),
                                Forge.bent(good(), bad.bend).der())));
    }

    /** One problem only, of this kind, with these words. */
    private void assertRefused(String kindAndWords, TrustStore trust, byte[]... chain) throws CredentialException {
        HostCertificate host = HostCertificate.read(pem(folder.resolve("bad.crt"), chain));
        List<Problem> problems = timed(() -> trust.check(host, NOW));
        assertEquals(1, problems.size(), problems::toString);
        String text = problems.getFirst().kind() + " " + problems.getFirst().message();
        int space = kindAndWords.indexOf(' ');
        assertEquals(
                kindAndWords.substring(0, space), problems.getFirst().kind().name(), text);
        assertTrue(text.contains(kindAndWords.substring(space + 1)), text);
    }

    @Test
    void everySignatureBitCounts() throws Exception {
        byte[] der = good().der();
        TrustStore trust = trust(CA_DER);
        for (int i = 0; i < 64; i++) {
            byte[] flipped = der.clone();
            flipped[der.length - 64 + i] ^= (byte) (1 << (i % 8));
            HostCertificate host = HostCertificate.read(pem(folder.resolve("bad.crt"), flipped));
            assertEquals(
                    List.of(Kind.BAD_SIGNATURE),
                    trust.check(host, NOW).stream().map(Problem::kind).toList(),
                    "byte " + i);
        }
    }

    @Test
    void everyFlippedByteIsRefusedOneWayOrAnother() throws Exception {
        byte[] der = good().der();
        TrustStore trust = trust(CA_DER);
        for (int i = 0; i < der.length; i++) {
            byte[] flipped = der.clone();
            flipped[i] ^= 0x21;
            Path file = pem(folder.resolve("bad.crt"), flipped);
            try {
                List<Problem> problems = trust.check(HostCertificate.read(file), NOW);
                assertTrue(!problems.isEmpty(), "byte " + i + " changed and nobody minded");
            } catch (CredentialException refused) {
                assertTrue(refused.getMessage().startsWith(file.toString()));
            }
        }
    }

    // ---- chains

    private static final Forge ASIA = new Forge("Asia CA");

    @Test
    void networksOutsideTheIssuersAreNamed() throws Exception {
        byte[] limited = Forge.bent(CA.authority(), p -> p.networks("10.0.0.0/9", "2001:db8::/32"))
                .der();
        byte[] host = CA.host("tokyo", "10.1.0.0/24", "10.200.7.0/24", "2001:db9::/48")
                .der();
        assertRefused("NETWORKS claims 10.200.7.0/24, 2001:db9::/48, outside what 'Example CA'", trust(limited), host);
    }

    @Test
    void anIntermediateCannotGiveWhatItDoesNotHave() throws Exception {
        byte[] asia = Forge.bent(ASIA.below(CA), p -> p.networks("10.1.0.0/16")).der();
        assertRefused(
                "NETWORKS claims 10.2.0.0/24, outside what 'Asia CA'",
                trust(CA_DER),
                ASIA.host("tokyo", "10.2.0.0/24").der(),
                asia);
    }

    @Test
    void anIntermediateWithMoreNetworksThanItsIssuerIsRefused() throws Exception {
        byte[] limited =
                Forge.bent(CA.authority(), p -> p.networks("10.0.0.0/9")).der();
        assertRefused(
                "NETWORKS the CA 'Asia CA' claims 0.0.0.0/0",
                trust(limited),
                ASIA.host("tokyo", "10.1.0.0/24").der(),
                Forge.bent(ASIA.below(CA), p -> p.networks("0.0.0.0/0")).der());
    }

    @Test
    void inheritedNetworksOfAnIntermediateAreItsIssuers() throws Exception {
        byte[] limited =
                Forge.bent(CA.authority(), p -> p.networks("10.0.0.0/9")).der();
        byte[] asia = Forge.bent(ASIA.below(CA), p -> blocks(p, family("0001", DERNull.INSTANCE)))
                .der();
        HostCertificate good = HostCertificate.read(pem(
                folder.resolve("host.crt"), ASIA.host("tokyo", "10.1.0.0/24").der(), asia));
        assertEquals(List.of(), trust(limited).check(good, NOW));
        assertRefused(
                "NETWORKS claims 10.200.0.0/24, outside what 'Asia CA'",
                trust(limited),
                ASIA.host("tokyo", "10.200.0.0/24").der(),
                asia);
    }

    @Test
    void aChainThroughAnIntermediateIsAccepted() throws Exception {
        HostCertificate host = HostCertificate.read(pem(
                folder.resolve("host.crt"),
                ASIA.host("tokyo", "10.1.0.0/24").der(),
                ASIA.below(CA).der(),
                CA_DER));
        assertEquals(List.of(), trust(CA_DER).check(host, NOW));
    }

    @Test
    void aMissingIntermediateIsSaid() throws Exception {
        assertRefused(
                "UNTRUSTED issued by 'Asia CA', which is not trusted",
                trust(CA_DER),
                ASIA.host("tokyo", "10.1.0.0/24").der());
    }

    @Test
    void anIntermediateThatIsNoCaIsRefusedWhenRead() {
        byte[] asia = Forge.bent(ASIA.below(CA), p -> p.without(Extension.basicConstraints))
                .der();
        Path file =
                pem(folder.resolve("bad.crt"), ASIA.host("tokyo", "10.1.0.0/24").der(), asia);
        var refusal = assertThrows(CredentialException.class, () -> HostCertificate.read(file));
        assertTrue(refusal.reason().contains("not a CA certificate"), refusal.reason());
    }

    @Test
    void pathLengthOfTheTrustedCaHolds() throws Exception {
        byte[] lonely = Forge.bent(
                        CA.authority(), p -> p.extension(Extension.basicConstraints, true, new BasicConstraints(0)))
                .der();
        assertRefused(
                "PATH_LENGTH allows 0",
                trust(lonely),
                ASIA.host("tokyo", "10.1.0.0/24").der(),
                ASIA.below(CA).der());
    }

    @Test
    void pathLengthOfAnIntermediateHolds() throws Exception {
        Forge japan = new Forge("Japan CA");
        byte[] asia = Forge.bent(
                        ASIA.below(CA), p -> p.extension(Extension.basicConstraints, true, new BasicConstraints(0)))
                .der();
        assertRefused(
                "PATH_LENGTH path",
                trust(CA_DER),
                japan.host("tokyo", "10.1.0.0/24").der(),
                japan.below(ASIA).der(),
                asia);
    }

    @Test
    void aChainOfTwentyIsRefusedWhenRead() {
        List<byte[]> chain = new ArrayList<>();
        Forge above = CA;
        for (int i = 0; i < 19; i++) {
            Forge next = new Forge("CA " + i);
            chain.addFirst(next.below(above).der());
            above = next;
        }
        chain.addFirst(above.host("tokyo", "10.1.0.0/24").der());
        Path file = pem(folder.resolve("bad.crt"), chain.toArray(byte[][]::new));
        var refusal = assertThrows(CredentialException.class, () -> HostCertificate.read(file));
        assertTrue(refusal.reason().contains("20 certificates"), refusal.reason());
    }

    @Test
    void aLoopIsRefused() throws Exception {
        Forge europe = new Forge("Europe CA");
        byte[] asia = ASIA.below(europe).der();
        assertRefused(
                "UNTRUSTED twice",
                trust(CA_DER),
                ASIA.host("tokyo", "10.1.0.0/24").der(),
                asia,
                europe.below(ASIA).der(),
                asia);
    }

    @Test
    void groupsOutsideTheIssuersAreNamed() throws Exception {
        byte[] limited = Forge.bent(
                        ASIA.below(CA), p -> p.extension(Groups.OID, false, Groups.encode(List.of("asia", "test"))))
                .der();
        byte[] host = Forge.bent(
                        ASIA.host("tokyo", "10.1.0.0/24"),
                        p -> p.extension(Groups.OID, false, Groups.encode(List.of("asia", "kernel"))))
                .der();
        assertRefused("GROUPS has the groups kernel, which 'Asia CA'", trust(CA_DER), host, limited);
    }

    @Test
    void namesOutsideTheIssuersAreRefused() throws Exception {
        byte[] asia = Forge.bent(
                        ASIA.below(CA),
                        p -> p.extension(
                                Extension.nameConstraints,
                                true,
                                new NameConstraints(
                                        new GeneralSubtree[] {
                                            new GeneralSubtree(new GeneralName(GeneralName.dNSName, "asia"))
                                        },
                                        null)))
                .der();
        HostCertificate good = HostCertificate.read(pem(
                folder.resolve("host.crt"),
                ASIA.host("tokyo.asia", "10.1.0.0/24").der(),
                asia));
        assertEquals(List.of(), trust(CA_DER).check(good, NOW));
        assertRefused(
                "NAME is outside what",
                trust(CA_DER),
                ASIA.host("tokyo.europe", "10.1.0.0/24").der(),
                asia);
        assertRefused(
                "NAME is outside what",
                trust(CA_DER),
                ASIA.host("tokyoasia", "10.1.0.0/24").der(),
                asia);
    }

    @Test
    void namesOutsideTheTrustedCasOwnAreRefused() throws Exception {
        byte[] limited = Forge.bent(
                        CA.authority(),
                        p -> p.extension(
                                Extension.nameConstraints,
                                true,
                                new NameConstraints(
                                        new GeneralSubtree[] {
                                            new GeneralSubtree(new GeneralName(GeneralName.dNSName, "asia"))
                                        },
                                        null)))
                .der();
        assertRefused(
                "NAME is outside what",
                trust(limited),
                CA.host("tokyo.europe", "10.1.0.0/24").der());
    }

    @Test
    void anExpiredTrustedCaIsSaid() throws Exception {
        byte[] old = Forge.bent(CA.authority(), p -> p.notAfter = NOW.minusSeconds(5))
                .der();
        assertRefused("EXPIRED the CA 'Example CA' expired", trust(old), good().der());
    }

    @Test
    void allProblemsAreListed() throws Exception {
        byte[] limited =
                Forge.bent(CA.authority(), p -> p.networks("10.0.0.0/16")).der();
        byte[] host = Forge.bent(CA.host("tokyo", "10.1.0.0/24"), p -> {
                    p.notAfter = NOW.minusSeconds(1);
                    p.extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
                    p.extension(new ASN1ObjectIdentifier("2.25.77"), true, DERNull.INSTANCE);
                })
                .der();
        List<Problem> problems = trust(limited).check(HostCertificate.read(pem(folder.resolve("bad.crt"), host)), NOW);
        assertEquals(
                List.of(Kind.EXPIRED, Kind.KEY_USAGE, Kind.CRITICAL_EXTENSION, Kind.NETWORKS),
                problems.stream().map(Problem::kind).toList());
    }

    @Test
    void allFaultsOfReadingAreListed() {
        byte[] host = Forge.bent(good(), p -> {
                    p.serial = BigInteger.ZERO;
                    p.dns("bonn");
                    p.without(AddressBlocks.OID);
                })
                .der();
        var refusal = assertThrows(
                CredentialException.class, () -> HostCertificate.read(pem(folder.resolve("bad.crt"), host)));
        for (String part : List.of("serial number", "bonn", "certifies no networks")) {
            assertTrue(refusal.reason().contains(part), refusal.reason());
        }
    }

    // ---- helpers

    private static X500Name cn(String text) {
        return new X500Name(new RDN[] {new RDN(new AttributeTypeAndValue(BCStyle.CN, new DERUTF8String(text)))});
    }

    private static byte[] spki(String start, String key) {
        return HexFormat.of().parseHex(start + key);
    }

    private static void blocks(Parts parts, DERSequence family) {
        parts.extension(AddressBlocks.OID, true, new DERSequence(family));
    }

    private static DERSequence family(String number, org.bouncycastle.asn1.ASN1Encodable choice) {
        return new DERSequence(new org.bouncycastle.asn1.ASN1Encodable[] {
            new DEROctetString(HexFormat.of().parseHex(number)), choice
        });
    }

    private static DERSequence list(org.bouncycastle.asn1.ASN1Encodable... items) {
        return new DERSequence(items);
    }

    private static DERBitString bits(String hex, int padding) {
        return new DERBitString(HexFormat.of().parseHex(hex), padding);
    }

    private static byte[] nested(int depth) {
        byte[] inner = {5, 0};
        ByteArrayOutputStream reversed = new ByteArrayOutputStream();
        byte[] all = inner;
        int length = 2;
        byte[] heads = new byte[4 * depth];
        int at = heads.length;
        for (int i = 0; i < depth && length < 60_000; i++) {
            int head = length < 128 ? 2 : length < 256 ? 3 : 4;
            at -= head;
            heads[at] = 0x30;
            if (head == 2) {
                heads[at + 1] = (byte) length;
            } else if (head == 3) {
                heads[at + 1] = (byte) 0x81;
                heads[at + 2] = (byte) length;
            } else {
                heads[at + 1] = (byte) 0x82;
                heads[at + 2] = (byte) (length >> 8);
                heads[at + 3] = (byte) length;
            }
            length += head;
        }
        reversed.write(heads, at, heads.length - at);
        reversed.writeBytes(all);
        return reversed.toByteArray();
    }

    private static int lastIndexOf(byte[] bytes, byte[] wanted) {
        for (int i = bytes.length - wanted.length; i >= 0; i--) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }

    /** The first UTCTime loses its two digits of seconds; all lengths around it are set right. */
    private static byte[] withoutSeconds(byte[] der) {
        int at = lastIndexOf(der, "Z".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (int i = 0; i < der.length; i++) {
            if (der[i] == 0x17 && der[i + 1] == 13) {
                at = i;
                break;
            }
        }
        byte[] shorter = new byte[der.length - 2];
        System.arraycopy(der, 0, shorter, 0, at + 12);
        shorter[at + 1] = 11;
        System.arraycopy(der, at + 14, shorter, at + 12, der.length - at - 14);
        shorten(shorter, 2);
        shorten(shorter, 6);
        for (int i = at - 1; ; i--) {
            if (shorter[i] == 0x30 && shorter[i + 1] == 30) {
                shorter[i + 1] -= 2;
                return shorter;
            }
        }
    }

    /** Takes two from the 16-bit length at this place. */
    private static void shorten(byte[] der, int at) {
        int length = ((der[at] & 0xff) << 8 | der[at + 1] & 0xff) - 2;
        der[at] = (byte) (length >> 8);
        der[at + 1] = (byte) length;
    }

    /** AlgorithmIdentifier { Ed25519, NULL } in the field nobody signs: a second fingerprint for one certificate if it were taken. */
    private static byte[] outerParameters(byte[] der) {
        int at = lastIndexOf(der, HexFormat.of().parseHex("300506032b6570"));
        byte[] longer = new byte[der.length + 2];
        System.arraycopy(der, 0, longer, 0, at + 7);
        longer[at + 1] = 7;
        longer[at + 7] = 5;
        System.arraycopy(der, at + 7, longer, at + 9, der.length - at - 7);
        int length = ((longer[2] & 0xff) << 8 | longer[3] & 0xff) + 2;
        longer[2] = (byte) (length >> 8);
        longer[3] = (byte) length;
        return longer;
    }

    /** Two extensions of an unknown kind, the second renamed in the bytes to be the first again. The signature no longer matters. */
    private static byte[] duplicateExtension() {
        byte[] der = good().extension(new ASN1ObjectIdentifier("1.2.3.4"), false, DERNull.INSTANCE)
                .extension(new ASN1ObjectIdentifier("1.2.3.5"), false, DERNull.INSTANCE)
                .der();
        der[lastIndexOf(der, HexFormat.of().parseHex("06032a0305")) + 4] = 4;
        return der;
    }
}
