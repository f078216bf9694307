package org.culvert.core.lab.threats;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.TwoSites;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.UdpPlace;
import org.jspecify.annotations.Nullable;

/**
 * What a thief says to both gateways of a pair, in the name of the other, from the other's address and from his own: hundreds of
 * datagrams a second, of every kind that a static pair may carry. One thread.
 */
final class Harassment {
    private static final int IPV4_BYTES = 20;
    private static final int UDP_BYTES = 8;
    private static final int PORT = 1640;
    private static final int PAUSE_MS = 5;

    private final Namespace wan;
    private final List<Victim> victims;

    /** One of the two, and by which link of the WAN it is reached. */
    private record Victim(Office office, String other, StolenPair voice, String link, byte[] ethernet) {
        InetSocketAddress address() {
            return new InetSocketAddress(office.site().wan4(), PORT);
        }
    }

    Harassment(Thief thief, TwoSites sites, Office peer, Office owner) throws Exception {
        this.wan = sites.wan();
        this.victims = List.of(victim(owner, peer, thief.asPeer), victim(peer, owner, thief.asOwner));
    }

    private Victim victim(Office office, Office other, StolenPair voice) throws Exception {
        byte[] ethernet = ByteBuffer.allocate(14)
                .put(Attacker.address(office.gateway(), "wan0"))
                .put(Attacker.address(wan, office.name()))
                .putShort((short) 0x0800)
                .array();
        return new Victim(office, other.site().wan4(), voice, office.name(), ethernet);
    }

    /** Goes on until it is over. @return datagrams sent */
    long until(AtomicBoolean over) throws Exception {
        long sent = 0;
        Map<String, Thief.Heard> announced =
                new HashMap<>(); // what each last said of its epoch: he passes it on, and answers it
        try (UdpPlace place = UdpPlace.open(wan, "198.51.100.1");
                Attacker toOwner = Attacker.at(wan, victims.getFirst().link);
                Attacker toPeer = Attacker.at(wan, victims.getLast().link)) {
            while (!over.get()) {
                for (int i = 0; i < victims.size(); i++) {
                    Victim victim = victims.get(i);
                    for (byte[] said : sayings(announced.get(victim.other), announced.get(victims.get(1 - i).other))) {
                        place.send(victim.voice.seal(StolenPair.CONTROL, said), victim.address());
                        (i == 0 ? toOwner : toPeer).send(frame(victim, victim.voice.seal(StolenPair.CONTROL, said)));
                        sent += 2;
                    }
                    place.send(victim.voice.seal(StolenPair.IPV4, new byte[IPV4_BYTES]), victim.address());
                    sent++;
                }
                listen(place, announced);
                Thread.sleep(PAUSE_MS);
            }
        }
        return sent;
    }

    /**
     * @param victims its announcement to his address, with a cookie for that; null: not heard yet
     * @param others of whom he poses as
     */
    private static List<byte[]> sayings(Thief.@Nullable Heard victims, Thief.@Nullable Heard others) throws Exception {
        List<byte[]> all = new ArrayList<>(List.of(
                Thief.first(Thief.lure().core(), 4711),
                Thief.asks(0),
                Thief.asks(2),
                Thief.part(),
                Thief.confirm(),
                Thief.refusal()));
        if (victims != null) {
            all.add(Thief.answer(Thief.lure().core(), victims, new byte[16]));
        }
        if (others != null) {
            all.add(Thief.first(others.core(), 4711));
        }
        return all;
    }

    private void listen(UdpPlace place, Map<String, Thief.Heard> announced) throws Exception {
        for (Optional<byte[]> datagram = place.waiting(); datagram.isPresent(); datagram = place.waiting()) {
            for (Victim victim : victims) {
                Optional<byte[]> opened = victim.voice.open(datagram.get());
                if (opened.isPresent()) {
                    Thief.announced(opened.get()).ifPresent(heard -> announced.put(victim.other, heard));
                }
            }
        }
    }

    /** A frame to a victim's gateway that says it comes from the other's. */
    private byte[] frame(Victim victim, byte[] datagram) throws Exception {
        byte[] packet = ipv4(
                17,
                InetAddress.getByName(victim.other),
                InetAddress.getByName(victim.office.site().wan4()),
                UDP_BYTES + datagram.length);
        ByteBuffer.wrap(packet)
                .position(IPV4_BYTES)
                .putShort((short) PORT)
                .putShort((short) PORT)
                .putShort((short) (UDP_BYTES + datagram.length))
                .putShort((short) 0)
                .put(datagram);
        return StolenPair.concat(victim.ethernet, packet);
    }

    /** An IPv4 packet whose payload is zeros. */
    static byte[] ipv4(int protocol, InetAddress from, InetAddress to, int payloadBytes) {
        ByteBuffer packet = ByteBuffer.allocate(IPV4_BYTES + payloadBytes)
                .putShort((short) 0x4500)
                .putShort((short) (IPV4_BYTES + payloadBytes))
                .putInt(0)
                .putShort((short) (64 << 8 | protocol))
                .putShort((short) 0)
                .put(from.getAddress())
                .put(to.getAddress());
        int sum = 0;
        for (int i = 0; i < IPV4_BYTES; i += 2) {
            sum += packet.getShort(i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        packet.putShort(10, (short) ~((sum & 0xffff) + (sum >>> 16)));
        return packet.array();
    }
}
