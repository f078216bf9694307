package org.culvert.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.culvert.core.echo.PeerEcho;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken; broken.txt has what is not. */
class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.2:1, 192.0.2.2:1",
        "127.0.0.1:65535, 127.0.0.1:65535", // a relay on this host
        "[2001:DB8:0:0:0:0:0:2]:1640, [2001:db8::2]:1640",
        "[::1]:1640, [::1]:1640",
        "gw:1640, gw:1640",
        "gw.osaka.example.:1640, gw.osaka.example.:1640",
        "4.gw-1.osaka.xn--p1ai:1640, 4.gw-1.osaka.xn--p1ai:1640",
        "_gw.osaka.example:1640, _gw.osaka.example:1640"
    })
    void endpoints(String text, String read) throws BadValue {
        assertEquals(read, HostPort.endpoint(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":1640",
                "[]:1640",
                "gw..osaka:1640",
                "-gw:1640",
                "gw-:1640",
                "gw osaka:1640",
                "gw:+1640",
                "gw:1640 ",
                "gw:\u0661\u0666\u0664\u0660", // Arabic digits
                "1.2.3.4.5:1640",
                "0x7f.1:1640",
                "0300.0250.0.1:1640",
                "3232235777:1640",
                "ff02::1:1640"
            })
    void notEndpoints(String text) {
        assertThrows(BadValue.class, () -> HostPort.endpoint(text));
    }

    @Test
    void endpointNameMayHaveSixtyThreeLettersPerLabelAndNoMore() throws BadValue {
        assertEquals(1640, HostPort.endpoint("g".repeat(63) + ".example:1640").port());
        assertThrows(BadValue.class, () -> HostPort.endpoint("g".repeat(64) + ".example:1640"));
        assertThrows(BadValue.class, () -> HostPort.endpoint("g.".repeat(127) + "example:1640"));
    }

    @ParameterizedTest
    @CsvSource({
        "packet, 1, 9223372036854775807, 9223372036854775807",
        "1 packet, 1, 10000000000, 3600000000000",
        "1000 packets, 1000, 10000000000, 3600000000000",
        "10000000 packets, 10000000, 10000000000, 3600000000000",
        "512 kB, 10000000, 512000, 3600000000000",
        "10 MB, 10000000, 10000000, 3600000000000",
        "10MB, 10000000, 10000000, 3600000000000",
        "10 GB, 10000000, 10000000000, 3600000000000",
        "60 s, 10000000, 10000000000, 60000000000",
        "60 min, 10000000, 10000000000, 3600000000000"
    })
    void trafficKeyPolicies(String text, long packets, long bytes, long ns) throws BadValue {
        assertEquals(new TrafficKeyPolicy(packets, bytes, ns), TrafficKeyLimits.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10000001 packets",
                "999999999999 GB",
                "3601 s",
                "-1 s",
                "01 s",
                "1.5 MB",
                "10  MB",
                "10 Mb",
                "s",
                "10",
                "10 h"
            })
    void notTrafficKeyPolicies(String text) {
        assertThrows(BadValue.class, () -> TrafficKeyLimits.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "culvert-tokyo.7", "wan_2"})
    void interfaceNames(String text) throws BadValue {
        assertEquals(text, Values.interfaceName(text));
    }

    /** "%d" would be a template to the kernel; the last is 15 characters and 16 bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "all", "default", "lo", "culvert%d", "a b", "a:b", "culvert-tokyo-ö1"})
    void notInterfaceNames(String text) {
        assertThrows(BadValue.class, () -> Values.interfaceName(text));
    }

    @ParameterizedTest
    @CsvSource({
        "endpont, endpoint",
        "ednpoint, endpoint", // two letters swapped
        "ENDPOINT, endpoint",
        "traffic_key, traffic-key",
        "network, networks",
        "nam, name"
    })
    void nearestWord(String word, String meant) {
        assertEquals(Optional.of(meant), Spelling.nearest(word, Table.PEER.keys()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"colour", "dscp", "x", ""})
    void noWordIsNear(String word) {
        assertEquals(Optional.empty(), Spelling.nearest(word, List.of("endpoint", "suites", "networks")));
    }

    @ParameterizedTest
    @CsvSource({"copy, -1", "none, 0", "0, 0", "46, 46", "63, 63"})
    void dscps(String text, int value) throws BadValue {
        assertEquals(value, Values.dscp(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"64", "-1", "EF", "", "0x2e", "123"})
    void refusesWhatIsNoDscp(String text) {
        assertThrows(BadValue.class, () -> Values.dscp(text));
    }

    @ParameterizedTest
    @CsvSource({"25s, 25", "1 s, 1", "10 min, 600"})
    void keepalives(String text, long seconds) throws BadValue {
        PeerEcho.Manner manner = Keepalive.parse(text);
        assertEquals(seconds * 1_000_000_000L, manner.keepaliveNs());
        assertEquals(true, manner.keepaliveAlways());
    }

    @Test
    void keepaliveIsOnItsOwnWhereANatIsSeenOrNever() throws BadValue {
        assertEquals(PeerEcho.Manner.USUAL, Keepalive.parse("auto"));
        assertEquals(Long.MAX_VALUE, Keepalive.parse("off").keepaliveNs());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "25", "25 h", "11 min", "601s", "99999 s", "on"})
    void refusesWhatIsNoKeepalive(String text) {
        assertThrows(BadValue.class, () -> Keepalive.parse(text));
    }
}
