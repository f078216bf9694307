package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every offset, size and number we share with the kernel, against what a C compiler says of its headers: always against
 * the recorded answer in kernel-interface.txt, and where there is a compiler, that against a fresh one.
 */
final class KernelInterfaceTest {
    private static final List<String> HEADERS = List.of(
            "errno.h",
            "fcntl.h",
            "locale.h",
            "poll.h",
            "stddef.h",
            "stdio.h",
            "sched.h",
            "pwd.h",
            "linux/capability.h",
            "linux/filter.h",
            "sys/epoll.h",
            "sys/eventfd.h",
            "sys/ioctl.h",
            "sys/prctl.h",
            "sys/socket.h",
            "sys/uio.h",
            "sys/un.h",
            "netinet/in.h",
            "netinet/udp.h",
            "linux/if.h",
            "linux/if_arp.h",
            "linux/if_link.h",
            "linux/if_addr.h",
            "linux/if_packet.h",
            "linux/if_ether.h",
            "linux/if_tun.h",
            "linux/netlink.h",
            "linux/rtnetlink.h",
            "linux/sockios.h",
            "linux/virtio_net.h");

    /** What Linux 6.2's headers brought, for compilers with older ones (linux/if_tun.h). */
    private static final String NEWER = """
            #ifndef TUN_F_USO4
            #define TUN_F_USO4 0x20
            #define TUN_F_USO6 0x40
            #endif
            """;

    private final Map<String, Long> ours = new TreeMap<>();

    @Test
    void isWhatTheHeadersSay() throws Exception {
        collect();
        assertFalse(ours.isEmpty());
        assertSame(parse(recorded()), ours);
    }

    @Test
    void isStillWhatTheHeadersSay(@TempDir Path folder) throws Exception {
        assumeTrue(Stream.of("/usr/bin/cc", "/usr/bin/gcc").anyMatch(cc -> Files.isExecutable(Path.of(cc))), "no cc");
        assumeTrue(Files.exists(Path.of("/usr/include/linux/if_tun.h")), "no kernel headers");
        collect();
        Path source = folder.resolve("interface.c");
        Files.writeString(source, program());
        Path binary = folder.resolve("interface");
        run("cc", "-o", binary.toString(), source.toString());
        assertSame(parse(recorded()), parse(run(binary.toString())));
    }

    private static void assertSame(Map<String, Long> expected, Map<String, Long> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((expression, value) -> assertEquals(value, actual.get(expression), expression));
    }

    private void collect() {
        offsets(
                "struct msghdr",
                Map.of(
                        "msg_name", MessageHeader.NAME,
                        "msg_namelen", MessageHeader.NAME_BYTES,
                        "msg_iov", MessageHeader.IOVECS,
                        "msg_iovlen", MessageHeader.IOVEC_COUNT,
                        "msg_control", MessageHeader.CONTROL,
                        "msg_controllen", MessageHeader.CONTROL_BYTES,
                        "msg_flags", MessageHeader.FLAGS),
                MessageHeader.BYTES);
        offsets(
                "struct iovec",
                Map.of("iov_base", MessageHeader.IOVEC_BASE, "iov_len", MessageHeader.IOVEC_LENGTH),
                MessageHeader.IOVEC_BYTES);
        offsets(
                "struct cmsghdr",
                Map.of(
                        "cmsg_len", MessageHeader.CMSG_LENGTH,
                        "cmsg_level", MessageHeader.CMSG_LEVEL,
                        "cmsg_type", MessageHeader.CMSG_TYPE),
                MessageHeader.CMSG_DATA);
        offsets(
                "struct in_pktinfo",
                Map.of(
                        "ipi_ifindex", MessageHeader.PKTINFO_INTERFACE,
                        "ipi_spec_dst", MessageHeader.PKTINFO_SOURCE),
                MessageHeader.PKTINFO_BYTES);
        offsets(
                "struct in6_pktinfo",
                Map.of(
                        "ipi6_addr", MessageHeader.PKTINFO6_ADDRESS,
                        "ipi6_ifindex", MessageHeader.PKTINFO6_INTERFACE),
                MessageHeader.PKTINFO6_BYTES);
        for (int bytes : new int[] {2, 4, 8, 12, 20}) {
            value("CMSG_SPACE(" + bytes + ")", MessageHeader.space(bytes));
        }
        offsets(
                "struct sockaddr_in",
                Map.of(
                        "sin_family", SocketAddress.FAMILY,
                        "sin_port", SocketAddress.PORT,
                        "sin_addr", SocketAddress.IN_ADDRESS),
                SocketAddress.IN_BYTES);
        offsets(
                "struct sockaddr_in6",
                Map.of(
                        "sin6_family", SocketAddress.FAMILY,
                        "sin6_port", SocketAddress.PORT,
                        "sin6_flowinfo", SocketAddress.IN6_FLOWINFO,
                        "sin6_addr", SocketAddress.IN6_ADDRESS,
                        "sin6_scope_id", SocketAddress.IN6_SCOPE_ID),
                SocketAddress.IN6_BYTES);
        offsets(
                "struct sockaddr_un",
                Map.of("sun_path", SystemdNotify.SUN_PATH),
                SystemdNotify.SUN_PATH + SystemdNotify.SUN_PATH_BYTES);
        offsets(
                "struct sockaddr_nl",
                Map.of("nl_pid", NetlinkSocket.NL_PORT, "nl_groups", NetlinkSocket.NL_GROUPS),
                NetlinkSocket.NL_BYTES);
        offsets(
                "struct sockaddr_ll",
                Map.of(
                        "sll_family", PacketCapture.LL_FAMILY,
                        "sll_protocol", PacketCapture.LL_PROTOCOL,
                        "sll_ifindex", PacketCapture.LL_INDEX,
                        "sll_halen", LanLayout.LL_ADDRESS_BYTES,
                        "sll_addr", LanLayout.LL_ADDRESS),
                PacketCapture.LL_BYTES);
        offsets(
                "struct group_req",
                Map.of("gr_interface", LanLayout.REQUEST_INTERFACE, "gr_group", LanLayout.REQUEST_GROUP),
                LanLayout.REQUEST_BYTES);
        offsets(
                "struct sock_filter",
                Map.of(
                        "code", FilterProgram.CODE,
                        "jt", FilterProgram.JUMP_TRUE,
                        "jf", FilterProgram.JUMP_FALSE,
                        "k", FilterProgram.OPERAND),
                FilterProgram.INSTRUCTION_BYTES);
        offsets(
                "struct sock_fprog",
                Map.of("len", FilterProgram.PROGRAM_LENGTH, "filter", FilterProgram.PROGRAM_ADDRESS),
                FilterProgram.PROGRAM_BYTES);
        value("BPF_LD | BPF_W | BPF_ABS", FilterProgram.LOAD_WORD);
        value("BPF_JMP | BPF_JEQ | BPF_K", FilterProgram.JUMP_EQUAL);
        value("BPF_RET | BPF_K", FilterProgram.RETURN);
        value("BPF_LD | BPF_B | BPF_ABS", FilterProgram.LOAD_BYTE);
        value("BPF_ALU | BPF_RSH | BPF_K", FilterProgram.SHIFT_RIGHT);
        value("BPF_ALU | BPF_ADD | BPF_X", FilterProgram.ADD_X);
        value("BPF_ALU | BPF_MOD | BPF_K", FilterProgram.MODULO);
        value("BPF_MISC | BPF_TAX", FilterProgram.TO_X);
        value("BPF_RET | BPF_A", FilterProgram.RETURN_A);
        value("SO_REUSEPORT", ReusePort.SO_REUSEPORT);
        value("SO_ATTACH_REUSEPORT_CBPF", ReusePort.SO_ATTACH_REUSEPORT_CBPF);
        value("SKF_AD_OFF + SKF_AD_PKTTYPE", Integer.toUnsignedLong(LanFilter.FRAME_TYPE));
        value("EPOLLIN", LanLayout.EPOLLIN);
        value("offsetof(struct epoll_event, events)", LanLayout.EVENTS);
        offsets(
                "struct tpacket_stats",
                Map.of("tp_drops", PacketCapture.STATISTICS_DROPS),
                PacketCapture.STATISTICS_BYTES);
        offsets(
                "struct pollfd",
                Map.of(
                        "fd", Wakeup.POLLFD_FD,
                        "events", Wakeup.POLLFD_EVENTS,
                        "revents", Wakeup.POLLFD_REVENTS),
                Wakeup.POLLFD_BYTES);
        offsets(
                "struct ifreq",
                Map.of(
                        "ifr_name", LinkIndex.IFREQ_NAME,
                        "ifr_flags", LinkIndex.IFREQ_FLAGS,
                        "ifr_ifindex", LinkIndex.IFREQ_INDEX),
                LinkIndex.IFREQ_BYTES);
        value("IFNAMSIZ", LinkIndex.IFNAMSIZ);
        value("sizeof(struct virtio_net_hdr)", Tun.VNET_HEADER_BYTES);
        offsets(
                "struct nlmsghdr",
                Map.of(
                        "nlmsg_len", NetlinkMessage.LENGTH,
                        "nlmsg_type", NetlinkMessage.TYPE,
                        "nlmsg_flags", NetlinkMessage.FLAGS,
                        "nlmsg_seq", NetlinkMessage.SEQUENCE,
                        "nlmsg_pid", NetlinkMessage.PORT),
                NetlinkMessage.HEADER_BYTES);
        offsets(
                "struct rtattr",
                Map.of("rta_len", NetlinkMessage.ATTRIBUTE_LENGTH, "rta_type", NetlinkMessage.ATTRIBUTE_TYPE),
                NetlinkMessage.ATTRIBUTE_VALUE);
        offsets(
                "struct rtmsg",
                Map.of(
                        "rtm_family", RouteMessage.FAMILY,
                        "rtm_dst_len", RouteMessage.DESTINATION_LENGTH,
                        "rtm_table", RouteMessage.TABLE,
                        "rtm_protocol", RouteMessage.PROTOCOL,
                        "rtm_scope", RouteMessage.SCOPE,
                        "rtm_type", RouteMessage.TYPE),
                RouteMessage.BYTES);
        offsets("struct rtnexthop", Map.of("rtnh_ifindex", RouteMessage.NEXTHOP_INTERFACE), RouteMessage.NEXTHOP_BYTES);
        value("offsetof(struct rtvia, rtvia_addr)", RouteMessage.VIA_ADDRESS);
        offsets(
                "struct ifinfomsg",
                Map.of(
                        "ifi_type", LinkMessage.TYPE,
                        "ifi_index", LinkMessage.INDEX,
                        "ifi_flags", LinkMessage.FLAGS,
                        "ifi_change", LinkMessage.CHANGE),
                LinkMessage.BYTES);
        offsets(
                "struct ifaddrmsg",
                Map.of(
                        "ifa_family", LinkMessage.ADDRESS_FAMILY,
                        "ifa_prefixlen", LinkMessage.ADDRESS_PREFIX_LENGTH,
                        "ifa_index", LinkMessage.ADDRESS_INDEX),
                LinkMessage.ADDRESS_BYTES);
        value(
                "RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE",
                NetlinkWatch.GROUPS);
        value("offsetof(struct passwd, pw_uid)", ProcessGuard.PASSWD_UID);
        value("CAP_NET_ADMIN", ProcessGuard.CAP_NET_ADMIN);
        value("SOCK_NONBLOCK", LibC.O_NONBLOCK);
        value("SOCK_CLOEXEC", LibC.O_CLOEXEC);
        value("EFD_NONBLOCK", LibC.O_NONBLOCK);
        value("EFD_CLOEXEC", LibC.O_CLOEXEC);
        value("IP_TOS", MessageHeader.IP_TOS);
        value("IP_RECVTOS", MessageHeader.IP_RECVTOS);
        value("IPV6_RECVTCLASS", MessageHeader.IPV6_RECVTCLASS);
        value("IPV6_TCLASS", MessageHeader.IPV6_TCLASS);
        for (String family : List.of("IP", "IPV6")) {
            value(family + "_PMTUDISC_WANT", Fragmentation.KERNEL.option());
            value(family + "_PMTUDISC_PROBE", Fragmentation.NEVER.option());
            value(family + "_PMTUDISC_DONT", Fragmentation.ANYWHERE.option());
        }
        for (Class<?> named : List.of(
                LibC.class,
                Wakeup.class,
                TunSetup.class,
                LinkIndex.class,
                UdpSetup.class,
                MessageHeader.class,
                NetlinkSocket.class,
                NetlinkMessage.class,
                RouteMessage.class,
                LinkMessage.class,
                PacketCapture.class,
                IcmpEcho.class,
                LanLayout.class,
                LanFilter.class,
                NetworkNamespace.class,
                ProcessGuard.class,
                Errno.class)) {
            constants(named);
        }
    }

    private void offsets(String struct, Map<String, Integer> fields, int bytes) {
        fields.forEach((field, offset) -> value("offsetof(" + struct + ", " + field + ")", offset));
        value("sizeof(" + struct + ")", bytes);
    }

    /** The constants of a class that bear their C name; those of our own making have none of these prefixes. */
    private void constants(Class<?> named) {
        String prefixes =
                "(AF|ARPHRD|CLONE|EFD|EPOLL|EPOLL_CTL|ETH_P|IFA|IFF|IFLA|IN6_ADDR|IPPROTO|IPV6|IP|LC_ALL|MCAST|MSG|NETLINK|NLMSG|NLMSGERR"
                        + "|NLM_F|O|PACKET|POLL|PR|RTA|RTAX|RTM|RTN|RT_SCOPE|RT_TABLE|SIOC|SO|SOCK|SOL|TUN|TUN_F|TUNGET|TUNSET|UDP)";
        for (var field : named.getDeclaredFields()) {
            String name = field.getName();
            boolean errno = named == Errno.class;
            boolean fromC =
                    name.matches(prefixes + "_.*|(POLL|TUNSET|TUNGET|SIOC)[A-Z]+") && !name.startsWith("IPV6_DEF");
            if (field.getType() == int.class && !Modifier.isPrivate(field.getModifiers()) && (errno || fromC)) {
                try {
                    value(name, Integer.toUnsignedLong(field.getInt(null)));
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void value(String expression, long value) {
        ours.put(expression, value);
    }

    private String program() {
        StringBuilder text = new StringBuilder("#define _GNU_SOURCE\n");
        HEADERS.forEach(header -> text.append("#include <").append(header).append(">\n"));
        text.append(NEWER).append("int main(void) {\n");
        ours.keySet()
                .forEach(expression -> text.append("printf(\"%s = %lu\\n\", \"")
                        .append(expression)
                        .append("\", (unsigned long) (unsigned int) (")
                        .append(expression)
                        .append("));\n"));
        return text.append("return 0;\n}\n").toString();
    }

    private static Map<String, Long> parse(String text) {
        Map<String, Long> values = new TreeMap<>();
        text.lines().forEach(line -> {
            int equals = line.lastIndexOf(" = ");
            values.put(line.substring(0, equals), Long.parseLong(line.substring(equals + 3)));
        });
        return values;
    }

    private static String recorded() throws IOException {
        try (var stream = KernelInterfaceTest.class.getResourceAsStream("kernel-interface.txt")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
