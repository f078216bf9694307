package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
    @Test
    void showsWhatIsWrongThenTheGatewayThenEachPeer() {
        assertEquals("""
                tokyo: 1 of 2 peers up, culvert 0.1.0 running for 3 d 4 h
                ! this gateway's certificate ends in 11 d 20 h
                ! IPv6 forwarding is off, the LAN is not reached: sysctl -w
                  net.ipv6.conf.all.forwarding=1
                ! birlinghoven: packets travel in CLEAR (aes-128-gmac signs, it does not hide)
                ! birlinghoven: its clock is 6 min 52 s behind; compare `date -u` on both
                  gateways
                ! osaka is down: its certificate expired on 2026-03-01
                ! osaka: it says forward-secrecy = "off", and here it is "required": no packet
                  passes

                  listen       0.0.0.0:1640, offloads gso gro
                  tun          culvert0, MTU 1420, persistent, offloads tso uso
                  networks     10.1.0.0/24, 2001:db8:1::/48
                  forwarding   IPv4 on, IPv6 off
                  cipher       ipsec-mb: fastest in a trial: 6.1 Gbit/s, jce 4.0
                  certificate  good for 11 d 20 h, until 2026-03-16T00:00:00Z
                  instance     4f1c
                  dropped      3 short (too short to be ours)
                               12,345 unknown_spi (no key fits: a stranger, or a clock hours
                               off)
                  groups       239.1.2.3 with birlinghoven, osaka on lan0: 4,711 packets sent,
                               1,302 packets received; dropped: 3 source, 17 rate_out
                  rules        18 flows remembered, room for 262,144, 0 evicted
                               telnet: 12,345 packets, 12,001 answers, 17 flows
                               ping: 1 packet, 0 answers, 1 flow
                               not asked for osaka

                birlinghoven: UP, CLEAR
                  endpoint     192.0.2.2:1640, last packet 2.3 s ago
                  networks     10.2.0.0/24, MTU 1404
                  suites       aes-128-gmac, also accepts aes-128-gcm; traffic key: packet
                  keys         epoch keys with ML-KEM for 20 min 34 s; forward secrecy here:
                               required, there: preferred
                  certificate  good for 180 d 20 h, until 2026-09-01T00:00:00Z; from the peer
                  sent         1,234,567 packets, 1.60 GB inside, 1.70 GB on the wire
                  received     1 packet, 84 B inside, 164 B on the wire
                  compression  zstd, 320 MB of what was sent saved, 20 %
                  way          round trip 8.41 ms (median 8.10 ms, 99 % within 22 ms), loss 2 %
                               delay varies by 0.15 ms there, 0.09 ms back
                               datagrams of up to 1464 bytes pass
                               this gateway is behind a NAT
                  clock        6 min 52 s behind ours
                  dropped      7 replay (seen before)
                               2 before_floor (older than our start: a clock behind, or a
                               replay)
                               4 a_new_reason
                  refused      by the peer, 17 s ago: source 192.168.20.7 is outside our
                               networks, as it knows them
                  lists        enforces number 7 of Big Bucks CA

                osaka: DOWN (its certificate expired on 2026-03-01)
                  endpoint     not known, the peer speaks first, last packet never
                  networks     none, MTU 1388
                  suites       aes-256-gcm; traffic key: 60 s
                  keys         none yet, packets wait, pre-shared key; forward secrecy here:
                               required, there: off (it says forward-secrecy = "off", and here
                               it is "required": no packet passes)
                  certificate  not accepted: expired on 2026-03-01
                  sent         0 packets, 0 B inside, 0 B on the wire
                  received     0 packets, 0 B inside, 0 B on the wire
                  way          not known yet
                  clock        not known
                  dropped      51 tx_no_keys (the peer is down, or there are no epoch keys yet)
                """, StatusText.of(Samples.tokyo()));
    }

    @Test
    void fitsATerminal() {
        StatusText.of(Samples.tokyo())
                .lines()
                .forEach(line -> assertTrue(line.length() <= Page.WIDTH, line.length() + ": " + line));
    }

    @Test
    void showsOnePeerAlone() {
        GatewayStatus status = Samples.tokyo();
        String text = StatusText.of(status.only(status.peer("osaka").orElseThrow()));
        assertTrue(text.contains("\nosaka: DOWN"));
        assertFalse(text.contains("birlinghoven"));
    }

    @Test
    void doesNotNameTheCipherBackendTwice() {
        GatewayStatus status = Samples.tokyo();
        GatewayStatus tried = new GatewayStatus(
                status.at(),
                status.gateway(),
                status.udp(),
                status.tun(),
                new GatewayStatus.Cipher("jce", "jce: the only one here"),
                status.certificate(),
                List.of(),
                status.drops(),
                status.discovery(),
                List.of(),
                List.of(),
                Optional.empty());
        assertTrue(StatusText.of(tried).contains("\n  cipher       jce: the only one here\n"));
    }

    @Test
    void keepsAHostileNameInItsLine() {
        GatewayStatus status = Samples.tokyo();
        GatewayStatus hostile = new GatewayStatus(
                status.at(),
                status.gateway(),
                status.udp(),
                status.tun(),
                status.cipher(),
                status.certificate(),
                List.of("certificate for \"osaka\n\u001b[2J\u202eUP\" refused"),
                status.drops(),
                status.discovery(),
                List.of(),
                List.of(),
                Optional.empty());
        assertTrue(StatusText.of(hostile).contains("\n! certificate for \"osaka\\n\\u{1b}[2J\\u{202e}UP\" refused\n"));
    }

    @Test
    void breaksLongLinesAtBlanksAndNeverInsideAWord() {
        String text = new Page()
                .field("networks", "10.1.0.0/24, ".repeat(12) + "x".repeat(100) + " end")
                .toString();
        assertEquals("""
                  networks     10.1.0.0/24, 10.1.0.0/24, 10.1.0.0/24, 10.1.0.0/24, 10.1.0.0/24,
                               10.1.0.0/24, 10.1.0.0/24, 10.1.0.0/24, 10.1.0.0/24, 10.1.0.0/24,
                               10.1.0.0/24, 10.1.0.0/24,
                               xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                               end
                """, text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.00 kB",
        "9994, 9.99 kB",
        "9996, 10.0 kB",
        "99960, 100 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "1234567890, 1.23 GB",
        "9223372036854775807, 9.22 EB"
    })
    void bytes(long bytes, String words) {
        assertEquals(words, Words.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0 s",
        "2345, 2.3 s",
        "9999, 10.0 s",
        "59999, 60 s",
        "60000, 1 min",
        "725000, 12 min 5 s",
        "3600000, 1 h",
        "15120000, 4 h 12 min",
        "86400000, 1 d",
        "273900000, 3 d 4 h"
    })
    void durations(long millis, String words) {
        assertEquals(words, Words.duration(Duration.ofMillis(millis)));
    }
}
