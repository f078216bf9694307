package org.culvert.core.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.control.TestSites;
import org.culvert.core.daemon.Credentials;
import org.culvert.core.doctor.Diagnosis.Severity;
import org.culvert.core.status.Samples;
import org.culvert.core.status.StatusJson;
import org.culvert.core.status.StatusTree;
import org.culvert.tun.Link;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a lab cannot provoke: the machine's clock, dates long gone, a kernel without offloads. The rest is in DoctorLabTest. */
class ChecksTest {
    private final SickMachine machine = new SickMachine();

    @TempDir
    Path folder;

    @Test
    void namesAClockThatNobodyKeeps() throws Exception {
        assertEquals(Severity.OK, only(new ClockCheck(), status("")).severity());
        machine.clockSynchronized = false;
        Diagnosis clock = only(new ClockCheck(), status(""));
        assertEquals(Severity.WARNING, clock.severity());
        assertEquals("timedatectl set-ntp true", clock.fix());
    }

    @Test
    void namesThePeerWhoseClockDiffers() throws Exception {
        Diagnosis clock = only(new ClockCheck(), Optional.of(StatusTree.parse(StatusJson.of(Samples.tokyo()))));
        assertEquals(Severity.WARNING, clock.severity());
        assertEquals("the clock of birlinghoven is 412 s behind ours", clock.text());
    }

    @Test
    void namesThePeerWhoseKeysAreOthers() throws Exception {
        String keys = "\"peers\":[{\"name\":\"birlinghoven\",\"keys\":{%s}}]";
        assertEquals(List.of(), new KeysCheck().look(patient(status(keys.formatted("\"remark\":null")))));
        Diagnosis found = only(new KeysCheck(), status(keys.formatted("\"remark\":\"it sends under other keys\"")));
        assertEquals(Severity.WARNING, found.severity());
        assertEquals("birlinghoven: it sends under other keys", found.text());
    }

    @Test
    void namesOffloadsThatAreMissing() throws Exception {
        assertEquals(
                Severity.OK,
                only(new OffloadCheck(), status("\"udp\":{\"offloads\":[\"gso\"]},\"tun\":{\"offloads\":[\"tso\"]}"))
                        .severity());
        Diagnosis udp = only(new OffloadCheck(), status("\"udp\":{\"offloads\":[]},\"tun\":{\"offloads\":[\"tso\"]}"));
        assertEquals(Severity.NOTE, udp.severity());
        assertTrue(udp.fix().startsWith("ethtool -K "), udp.fix());
        Diagnosis tun = only(new OffloadCheck(), status("\"udp\":{\"offloads\":[\"gso\"]},\"tun\":{\"offloads\":[]}"));
        assertTrue(tun.text().contains("culvert0"), tun.text());
    }

    @Test
    void namesTheFasterLibraryThatIsNotThere() throws Exception {
        machine.hasIpsecMb = false;
        assertEquals(
                "apt-get install libipsec-mb1",
                only(new CipherCheck(), status("")).fix());
    }

    @Test
    void namesCertificatesByTheirDates() throws Exception {
        Patient patient = patient(status(""));
        Instant end = patient.credentials().validities().getFirst().notAfter();
        assertEquals(List.of(Severity.OK), at(end.minus(Duration.ofDays(200)), patient));
        assertEquals(List.of(Severity.WARNING, Severity.WARNING), at(end.minus(Duration.ofDays(20)), patient));
        assertEquals(List.of(Severity.ERROR, Severity.ERROR), at(end.plus(Duration.ofDays(1)), patient));
    }

    /** The peer is reached by wan1; what the default route leads to is outside as well. */
    @Test
    void namesEveryOpenInterfaceOutside() throws Exception {
        machine.links = List.of(link(1, "lo"), link(2, "lan0"), link(3, "wan0"), link(4, "wan1"), link(5, "culvert0"));
        machine.routes = List.of(
                SickMachine.route(InetAddress.ofLiteral("0.0.0.0"), 0, 3),
                SickMachine.route(InetAddress.ofLiteral("10.1.0.0"), 24, 2));
        machine.interfaceToAll = 4;
        machine.reversePathFilter = Map.of("wan0", 1, "wan1", 2, "all", 2);
        machine.firewall = Optional.of(Firewall.parse(""));
        List<Diagnosis> open = new OutsideCheck().look(patient(status("")));
        assertEquals(2, open.size(), open.toString());
        assertEquals(
                "sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.wan1.rp_filter=1",
                open.getFirst().fix());
        assertTrue(open.getLast().text().contains("through wan0, wan1"), open.toString());

        machine.reversePathFilter = Map.of("wan0", 1, "wan1", 1);
        machine.firewall = Optional.empty();
        assertEquals(Severity.NOTE, only(new OutsideCheck(), status("")).severity());
    }

    private static Link link(int index, String name) {
        return new Link(index, name, 1500, true, true, name.equals("lo"), true, "");
    }

    @Test
    void fixIsNeverBrokenForItIsPasted() {
        String command = "sysctl -w " + "net.ipv4.conf.some-interface.rp_filter=1 ".repeat(4) + "a=1";
        String text = DoctorText.of(List.of(Diagnosis.error("outside", "open", command)));
        assertTrue(text.contains("fix: " + command + "\n"), text);
    }

    @Test
    void textHasAFixBelowWhatIsWrong() {
        String text = DoctorText.of(List.of(
                Diagnosis.ok("routes", "into the tunnel"), Diagnosis.error("forwarding", "off", "sysctl -w a=1")));
        assertEquals("""
                ok       routes         into the tunnel
                ERROR    forwarding     off
                                        fix: sysctl -w a=1

                1 error, 0 warnings
                """, text);
        assertTrue(DoctorText.of(List.of()).endsWith("nothing stands in the way\n"));
    }

    @Test
    void jsonHasTheDocumentedFields() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(DoctorJson.of(List.of(
                        Diagnosis.ok("routes", "fine"), Diagnosis.warning("clock", "nobody keeps it", "timedatectl"))));
        assertEquals("culvert.doctor/1", json.path("schema").asText());
        assertEquals(false, json.path("healthy").asBoolean());
        assertTrue(json.at("/findings/0/fix").isNull());
        assertEquals("warning", json.at("/findings/1/severity").asText());
        assertEquals("timedatectl", json.at("/findings/1/fix").asText());
    }

    /** Nothing heard means something only where something was said. */
    @Test
    void aPeerThatWasNeverHeardIsNotedUntilItWasAskedOften() throws Exception {
        String peer = "\"peers\":[{\"name\":\"birlinghoven\",\"state\":\"up\",\"endpoint\":\"198.51.100.2:1640\","
                + "\"received\":{\"packets\":0},\"sent\":{\"packets\":%d},"
                + "\"way\":{\"control_sent\":{\"messages\":%d}}}]";
        assertEquals(
                Severity.NOTE,
                only(new HeardCheck(), status(peer.formatted(0, 4))).severity());
        assertEquals(
                Severity.WARNING,
                only(new HeardCheck(), status(peer.formatted(0, 5))).severity());
        assertEquals(
                Severity.WARNING,
                only(new HeardCheck(), status(peer.formatted(1, 0))).severity());
    }

    private static List<Severity> at(Instant now, Patient patient) {
        InstantSource clock = () -> now;
        return new CertificateCheck(clock)
                .look(patient).stream().map(Diagnosis::severity).toList();
    }

    private Diagnosis only(Doctor.Check check, Optional<StatusTree> status) throws Exception {
        List<Diagnosis> found = check.look(patient(status));
        assertEquals(1, found.size(), found.toString());
        return found.getFirst();
    }

    private static Optional<StatusTree> status(String fields) throws IOException {
        return Optional.of(StatusTree.parse("{" + fields + "}"));
    }

    private Patient patient(Optional<StatusTree> status) throws Exception {
        if (!Files.exists(folder.resolve("tokyo.crt"))) {
            TestSites sites = new TestSites(folder);
            sites.identity("tokyo", 365, "10.1.0.0/24", "fd00:1::/64");
            sites.identity("birlinghoven", 365, "10.2.0.0/24", "fd00:2::/64");
        }
        GatewayConfig config = ConfigFile.load(Files.writeString(folder.resolve("culvert.toml"), """
                [gateway]
                key = "tokyo.key"
                certificate = "tokyo.crt"
                trust = "ca/ca.crt"
                [[peer]]
                name = "birlinghoven"
                certificate = "birlinghoven.crt"
                endpoint = "198.51.100.2:1640"
                """));
        return new Patient(config, Credentials.load(config), status, machine);
    }
}
