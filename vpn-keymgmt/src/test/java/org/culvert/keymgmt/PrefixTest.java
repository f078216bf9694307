package org.culvert.keymgmt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/24, 10.1.0.0/24",
        "0.0.0.0/0, 0.0.0.0/0",
        "255.254.253.252/32, 255.254.253.252/32",
        "2001:DB8:0:0:0:0:0:0/32, 2001:db8::/32",
        "::/0, ::/0",
        "::1/128, ::1/128",
        "1:0:0:2:0:0:0:3/128, 1:0:0:2::3/128",
        "1:0:0:2:3:0:0:4/128, 1::2:3:0:0:4/128",
        "1:0:2:3:4:5:6:7/128, 1:0:2:3:4:5:6:7/128",
        "64:ff9b::192.0.2.0/120, 64:ff9b::c000:200/120",
        "fe80::/10, fe80::/10",
        "::fffe:0:0/96, ::fffe:0:0/96",
    })
    void readsAndWritesTheCanonicalForm(String given, String canonical) {
        Prefix prefix = Prefix.parse(given);
        assertEquals(canonical, prefix.toString());
        assertEquals(prefix, Prefix.of(prefix.address(), prefix.length()));
    }

    @Test
    void keepsIpv4MappedWithItsOwnLength() {
        Prefix prefix = Prefix.parse("10.1.2.0/23");
        assertEquals(new Prefix(true, 0, 0xffff_0a010200L, 23), prefix);
        assertEquals(119, prefix.mappedLength());
        assertEquals(33, Prefix.parse("2001:db8:8000::/33").mappedLength());
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.5/24, 10.1.0.5/24 has host bits set; did you mean 10.1.0.0/24?",
        "2001:db8::1/64, 2001:db8::1/64 has host bits set; did you mean 2001:db8::/64?",
        "10.1.0.0, 10.1.0.0 has no prefix length; a single address is 10.1.0.0/32",
        "10.1.0.0/33, 10.1.0.0/33 has a bad prefix length; it is a number from 0 to 32",
        "10.1.0.0/024, 10.1.0.0/024 has a bad prefix length; it is a number from 0 to 32",
        "2001:db8::/129, 2001:db8::/129 has a bad prefix length; it is a number from 0 to 128",
        "::ffff:10.1.0.0/120, ::ffff:10.1.0.0/120 is an IPv4 network in IPv6 form; did you mean 10.1.0.0/24?",
        "tokyo, tokyo is not a network; it looks like 10.1.0.0/24 or 2001:db8::/32",
    })
    void saysWhatIsWrongAndTheRightForm(String given, String message) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Prefix.parse(given));
        assertEquals(message, refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/24",
                "10.1/16",
                "10.01.0.0/24",
                "10.1.0.0.0/24",
                "256.1.0.0/24",
                "10.1.0.0/",
                "10.1.0.0/+8",
                "10.1.0.0/8/8",
                "-1.0.0.0/8",
                "10.1.0.0 /24",
                "1:2:3:4:5:6:7/128",
                "1:2:3:4:5:6:7:8:9/128",
                "1::2::3/128",
                ":::/0",
                "1:2:3:4:5:6:7::8/128",
                "12345::/16",
                "fe80::1%eth0/128",
                "1.2.3.4::/64",
                "::1.2.3/128",
                ":1::/16",
                "1:/16",
                "g::/16",
                "١٠.1.0.0/24"
            })
    void refusesWhatIsNotANetwork(String text) {
        assertThrows(IllegalArgumentException.class, () -> Prefix.parse(text));
    }

    @Test
    void neverEchoesControlCharacters() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Prefix.parse("\u001b[31m10\n/8"));
        assertTrue(refusal.getMessage().chars().allMatch(c -> c >= 0x20 && c < 0x7f), refusal.getMessage());
    }

    @Test
    void theIpv6DefaultDoesNotContainIpv4() throws Exception {
        Prefix everythingSix = Prefix.parse("::/0");
        assertFalse(everythingSix.contains(0, 0xffff_0a010203L));
        assertFalse(everythingSix.contains(Prefix.parse("10.0.0.0/8")));
        assertFalse(everythingSix.overlaps(Prefix.parse("0.0.0.0/0")));
        assertTrue(everythingSix.contains(InetAddress.getByName("2001:db8::7")));
        assertTrue(Prefix.parse("0.0.0.0/0").contains(InetAddress.getByName("10.1.2.3")));
        assertFalse(Prefix.parse("0.0.0.0/0").contains(InetAddress.getByName("2001:db8::7")));
    }

    @Test
    void containsAndOverlapsAgreeWithBitStrings() {
        long seed = 20261124;
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            Prefix a = near(random);
            Prefix b = near(random);
            boolean slow = a.ipv4() == b.ipv4() && bits(b).startsWith(bits(a));
            assertEquals(slow, a.contains(b), () -> "seed " + seed + ": " + a + " contains " + b);
            boolean either = slow || (a.ipv4() == b.ipv4() && bits(a).startsWith(bits(b)));
            assertEquals(either, a.overlaps(b), () -> "seed " + seed + ": " + a + " overlaps " + b);
            boolean address = a.ipv4() == b.ipv4() && addressBits(b).startsWith(bits(a));
            assertEquals(address, a.contains(b.high(), b.low()), () -> "seed " + seed + ": " + a + " contains " + b);
        }
    }

    @Test
    void sortsIpv4FirstThenByAddressThenTheWiderFirst() {
        List<Prefix> sorted =
                List.of("10.0.0.0/8", "10.0.0.0/9", "200.0.0.0/8", "::/0", "2001:db8::/32", "ffff::/16").stream()
                        .map(Prefix::parse)
                        .toList();
        assertEquals(sorted, sorted.reversed().stream().sorted().toList());
    }

    private static Prefix near(Random random) {
        boolean ipv4 = random.nextBoolean();
        int length = ipv4 ? random.nextInt(6) : random.nextInt(60, 70);
        long low = random.nextLong();
        if (ipv4) {
            long mask = length == 0 ? 0 : -1L << 32 - length;
            return new Prefix(true, 0, 0xffff_00000000L | low & mask & 0xffff_ffffL, length);
        }
        long highMask = length >= 64 ? -1 : -1L << 64 - length;
        long lowMask = length <= 64 ? 0 : -1L << 128 - length;
        return new Prefix(false, 0x20010db8_00000000L | random.nextInt(4) & highMask, low & lowMask, length);
    }

    private static String bits(Prefix prefix) {
        return addressBits(prefix).substring(0, prefix.length());
    }

    private static String addressBits(Prefix prefix) {
        String all = String.format("%64s%64s", Long.toBinaryString(prefix.high()), Long.toBinaryString(prefix.low()))
                .replace(' ', '0');
        return prefix.ipv4() ? all.substring(96) : all;
    }
}
