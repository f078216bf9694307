package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.demo.Namespace;
import org.junit.jupiter.api.Test;

/**
 * Multicast groups between three sites. Osaka's gateway has a second leg, on tokyo's LAN, where it repeats what it hears:
 *
 * <pre>
 *   tokyo-lan                                        osaka-lan
 *   br0: host 10.1.0.11 --- lan0 tokyo  wan0         eth0: host 10.3.0.13 --- lan0 osaka wan0
 *    |______________________ lan1 of osaka, 10.3.0.129/25
 * </pre>
 */
class GroupsLabTest extends TwoSiteLab {
    private static final String GROUP = "239.1.2.3";
    private static final String ROUND = "239.1.2.9";
    private static final String GROUP6 = "ff15::1:3";
    private static final String MDNS = "224.0.0.251";
    private static final String LLMNR = "224.0.0.252";
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final int TTL = 16;

    private Office osaka;

    @Override
    void prepare() throws Exception {
        osaka = new Office(sites.site("osaka", 3, "203.0.113"), folder);
        Certificates.issue(folder, "osaka", "osaka", List.of("10.3.0.0/24", "fd00:3::/64"));
        tokyo.host().ip("""
                link add br0 type bridge
                link set br0 up
                address delete 10.1.0.11/24 dev eth0
                address delete fd00:1::11/64 dev eth0
                link set eth0 master br0
                address add 10.1.0.11/24 dev br0
                address add fd00:1::11/64 dev br0 nodad
                route replace default via 10.1.0.1
                route replace default via fd00:1::1
                link add port1 type veth peer name lan1 netns %s
                link set port1 master br0 up
                """.formatted(osaka.gateway().name()));
        osaka.gateway().ip("""
                address add 10.3.0.129/32 dev lan1
                link set lan1 up
                """);
        configureBoth();
        osaka.configure(tokyo, "0.0.0.0:1640", "192.0.2.2:1640");
        peers(tokyo, osaka);
        peers(birlinghoven, osaka);
        peers(osaka, birlinghoven);
        group(tokyo, GROUP, false, "birlinghoven");
        group(tokyo, GROUP6, false, "birlinghoven");
        group(tokyo, MDNS, true, "birlinghoven", "osaka");
        group(tokyo, ROUND, false, "birlinghoven", "osaka");
        group(birlinghoven, GROUP, false, "tokyo");
        group(birlinghoven, GROUP6, false, "tokyo");
        group(birlinghoven, MDNS, true, "tokyo");
        group(birlinghoven, ROUND, false, "tokyo", "osaka");
        group(osaka, GROUP, false, "tokyo", "birlinghoven"); // neither of whom has it as a member
        group(osaka, MDNS, true, "tokyo");
        group(osaka, ROUND, false, "tokyo", "birlinghoven");
        osaka.daemon().start();
        startBoth();
        osaka.daemon().awaitReady();
        awaitReached();
        awaitReached(osaka, birlinghoven);
        awaitReached(osaka, tokyo);
    }

    private static void peers(Office office, Office other) throws IOException {
        append(office, """

                [[peer]]
                name        = "%s"
                certificate = "../%s/host.crt"
                endpoint    = "%s:1640"
                """.formatted(other.name(), other.name(), other.site().wan4()));
    }

    private static void group(Office office, String address, boolean linkLocal, String... members) throws IOException {
        append(office, """

                [[group]]
                address = "%s"
                members = ["%s"]
                %s
                """.formatted(address, String.join("\", \"", members), linkLocal ? "link-local = true" : ""));
    }

    private static void append(Office office, String text) throws IOException {
        Files.writeString(office.daemon().config(), text, StandardOpenOption.APPEND);
    }

    private static GroupPlace listen(Office office, String group) throws Exception {
        return GroupPlace.join(office.host(), "eth0", group);
    }

    private void tokyoSays(GroupPlace place, int ttl, String text) throws Exception {
        place.say(tokyo.host(), "br0", "10.1.0.11", ttl, text);
    }

    private static long counted(Office office, String group, String direction) throws IOException {
        return ofGroup(office, group).path(direction).path("packets").asLong();
    }

    private static long dropped(Office office, String group, String why) throws IOException {
        return ofGroup(office, group).path("drops").path(why).asLong();
    }

    private static JsonNode ofGroup(Office office, String group) throws IOException {
        for (JsonNode each : office.statusTree().path("groups")) {
            if (each.path("address").asText().equals(group)) {
                return each;
            }
        }
        throw new IOException("no group " + group + ": " + office.statusTree());
    }

    private static long peerDrops(Office office, Office peer, String reason) throws IOException {
        for (JsonNode each : office.statusTree().path("peers")) {
            if (each.path("name").asText().equals(peer.name())) {
                return each.path("drops").path(reason).asLong();
            }
        }
        throw new IOException("no peer " + peer.name());
    }

    private static void await(String what, long expected, Counter counter) throws Exception {
        Await.until(what + " is " + expected, SOON, () -> counter.read() == expected);
    }

    private interface Counter {
        long read() throws IOException;
    }

    /** With its own source, one hop older, sealed on the way; and nowhere else. */
    @Test
    void heardAtTheMemberAndNowhereElse() throws Exception {
        try (GroupPlace there = listen(birlinghoven, GROUP);
                GroupPlace elsewhere = GroupPlace.join(osaka.host(), "eth0", GROUP, there.port());
                Capture onLan = Capture.start(birlinghoven.host(), "eth0");
                Capture onWan = Capture.start(sites.wan(), "birlinghoven")) {
            tokyoSays(there, TTL, "free cake");
            assertEquals("free cake", there.receive());
            assertEquals(List.of(), there.all(), "twice");
            assertEquals(List.of(), elsewhere.all());
            byte[] heard = framesTo(onLan.stop(), there.port()).getFirst();
            assertEquals("10.1.0.11", Frames.source(heard).getHostAddress());
            assertEquals(TTL - 1, heard[14 + 8]);
            assertFalse(new Overheard(onWan.stop()).holds("free cake"));
        }
    }

    private static List<byte[]> framesTo(List<byte[]> frames, int port) {
        return frames.stream().filter(frame -> Frames.isUdp(frame, port)).toList();
    }

    @Test
    void ipv6Too() throws Exception {
        try (GroupPlace there = listen(birlinghoven, GROUP6)) {
            there.say(tokyo.host(), "br0", "fd00:1::11", TTL, "free cake, version 6");
            assertEquals("free cake, version 6", there.receive());
        }
    }

    /** 1500 bytes fit the LAN but not, sealed, the WAN; what is longer comes in fragments, which are packets like others. */
    @Test
    void largeDatagramsArriveWhole() throws Exception {
        try (GroupPlace there = listen(birlinghoven, GROUP)) {
            for (int bytes : new int[] {1_472, 5_000}) {
                tokyoSays(there, TTL, "x".repeat(bytes));
                assertEquals(bytes, there.receive().length());
            }
        }
    }

    @Test
    void foreignSourceStaysAtHome() throws Exception {
        tokyo.host().ip("address add 172.16.0.5/32 dev br0");
        try (GroupPlace there = listen(birlinghoven, GROUP)) {
            long before = dropped(tokyo, GROUP, "source");
            there.say(tokyo.host(), "br0", "172.16.0.5", TTL, "from nowhere");
            await("dropped for its source", before + 1, () -> dropped(tokyo, GROUP, "source"));
            assertEquals(List.of(), there.all());
        } finally {
            tokyo.host().ip("address delete 172.16.0.5/32 dev br0");
        }
    }

    @Test
    void ttlOfOneStaysAtHome() throws Exception {
        try (GroupPlace there = listen(birlinghoven, GROUP)) {
            long before = dropped(tokyo, GROUP, "ttl");
            tokyoSays(there, 1, "for this link");
            await("dropped for its TTL", before + 1, () -> dropped(tokyo, GROUP, "ttl"));
            assertEquals(List.of(), there.all());
        }
    }

    /** Osaka is a peer with a good certificate, and speaks to a group whose members it is not among. */
    @Test
    void notAMembersWordIsDropped() throws Exception {
        try (GroupPlace there = listen(birlinghoven, GROUP)) {
            long before = peerDrops(birlinghoven, osaka, "not_a_member");
            there.say(osaka.host(), "eth0", "10.3.0.13", TTL, "let me in");
            await("dropped at birlinghoven", before + 1, () -> peerDrops(birlinghoven, osaka, "not_a_member"));
            assertEquals(List.of(), there.all());
            Await.until(
                    "osaka is told",
                    SOON,
                    () -> osaka.refusal(1, "not_a_member")
                            .path("text")
                            .asText()
                            .equals("we are no member of the group " + GROUP + " there"));
        }
    }

    /** mDNS is listed and keeps its TTL, which its listeners look at; LLMNR, as local and not listed, stays. */
    @Test
    void linkLocalOnlyWhereListed() throws Exception {
        try (GroupPlace listed = listen(birlinghoven, MDNS);
                GroupPlace unlisted = listen(birlinghoven, LLMNR);
                Capture onLan = Capture.start(birlinghoven.host(), "eth0")) {
            tokyoSays(unlisted, 255, "who is there?");
            tokyoSays(listed, 255, "_cake._tcp.local");
            assertEquals("_cake._tcp.local", listed.receive());
            assertEquals(List.of(), unlisted.all());
            byte[] heard = framesTo(onLan.stop(), listed.port()).getFirst();
            assertEquals((byte) 255, heard[14 + 8]);
        }
    }

    /**
     * Osaka repeats on tokyo's LAN what tokyo sent it, as the host's own. Once: tokyo knows it again. Without that it goes round until
     * its TTL is used up, and in a link-local group for ever.
     */
    @Test
    void nothingGoesRound() throws Exception {
        for (String group : List.of(ROUND, MDNS)) {
            try (GroupPlace there = listen(birlinghoven, group)) {
                long sent = counted(tokyo, group, "sent");
                long returned = dropped(tokyo, group, "returned");
                tokyoSays(there, TTL, "round and round");
                assertEquals("round and round", there.receive());
                await("come back", returned + 1, () -> dropped(tokyo, group, "returned"));
                assertEquals(List.of(), there.all(), "again");
                assertEquals(sent + 1, counted(tokyo, group, "sent"));
            }
        }
    }

    @Test
    void rateIsKept() throws Exception {
        String slow = "239.1.2.77";
        String before = Files.readString(tokyo.daemon().config());
        try (GroupPlace there = listen(birlinghoven, slow)) {
            group(tokyo, slow, false, "birlinghoven");
            append(tokyo, "rate = 5\n");
            reload(tokyo);
            for (int i = 0; i < 40; i++) {
                tokyoSays(there, TTL, "spam " + i);
            }
            Await.until(
                    "the rest is dropped",
                    SOON,
                    () -> dropped(tokyo, slow, "rate_out") + counted(tokyo, slow, "sent") == 40);
            assertTrue(
                    dropped(tokyo, slow, "rate_out") > 0,
                    tokyo.statusTree().path("groups").toString());
        } finally {
            Files.writeString(tokyo.daemon().config(), before);
            reload(tokyo);
        }
    }

    /** Both sides, without a restart: joined, heard, left, not heard. */
    @Test
    void groupsComeAndGoWithAReload() throws Exception {
        String group = "239.7.7.7";
        List<String> before = new ArrayList<>();
        for (Office office : List.of(tokyo, birlinghoven)) {
            before.add(Files.readString(office.daemon().config()));
        }
        try (GroupPlace there = listen(birlinghoven, group)) {
            tokyoSays(there, TTL, "too early");
            assertFalse(joined(tokyo.gateway(), group));
            group(tokyo, group, false, "birlinghoven");
            group(birlinghoven, group, false, "tokyo");
            reload(tokyo);
            reload(birlinghoven);
            assertTrue(joined(tokyo.gateway(), group));
            tokyoSays(there, TTL, "now");
            assertEquals("now", there.receive());
            assertEquals(List.of(), there.all());

            Files.writeString(tokyo.daemon().config(), before.getFirst());
            reload(tokyo);
            Await.until("tokyo has left", SOON, () -> !joined(tokyo.gateway(), group));
            tokyoSays(there, TTL, "too late");
            assertEquals(List.of(), there.all());
        } finally {
            Files.writeString(tokyo.daemon().config(), before.getFirst());
            Files.writeString(birlinghoven.daemon().config(), before.getLast());
            reload(tokyo);
            reload(birlinghoven);
        }
    }

    private static boolean joined(Namespace machine, String group) throws IOException {
        return machine.run("ip", "maddress", "show", "dev", "lan0")
                .succeeded()
                .out()
                .contains(group);
    }

    private static void reload(Office office) throws IOException {
        office.daemon().ask("reload").succeeded();
    }

    /** The interface goes and comes, as when a cable or a bridge is changed: the daemon joins anew. */
    @Test
    void joinsAnewWhenTheInterfaceIsAnother() throws Exception {
        birlinghoven.gateway().ip("link set lan0 down");
        Await.until(
                "left",
                SOON,
                () -> ofGroup(birlinghoven, GROUP).path("interfaces").isEmpty());
        birlinghoven.gateway().ip("link set lan0 up");
        Await.until(
                "joined",
                SOON,
                () -> ofGroup(birlinghoven, GROUP).path("interfaces").size() == 1);
        try (GroupPlace there = listen(birlinghoven, GROUP)) {
            tokyoSays(there, TTL, "back again");
            assertEquals("back again", there.receive());
        }
    }
}
