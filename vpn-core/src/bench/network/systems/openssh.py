"""OpenSSH: a forwarded TCP port (-L), and a pair of TUN devices (-w)."""

import os

from systems.system import System, output

CIPHER = "aes128-gcm@openssh.com"
PORT = 2222


class OpenSsh(System):
    programs = ("ssh", "sshd", "ssh-keygen")
    package = "openssh-server"

    def prepare(self):
        for name in ("client", "server"):
            output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/{name}")
        self.write("authorized", (self.folder / "client.pub").read_text())
        self.write("known_hosts", f"[192.0.2.2]:{PORT} {(self.folder / 'server.pub').read_text()}")
        self.server = self.write("sshd_config", f"""\
ListenAddress 192.0.2.2:{PORT}
HostKey {self.folder}/server
AuthorizedKeysFile {self.folder}/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PermitTunnel yes
AllowTcpForwarding yes
Ciphers {CIPHER}
""")
        self.client = self.write("ssh_config", f"""\
Host *
    User root
    Port {PORT}
    IdentityFile {self.folder}/client
    IdentitiesOnly yes
    UserKnownHostsFile {self.folder}/known_hosts
    GlobalKnownHostsFile none
    BatchMode yes
    Ciphers {CIPHER}
    Compression no
    IPQoS none
    ExitOnForwardFailure yes
""")
        os.makedirs("/run/sshd", exist_ok=True)  # sshd's empty folder, normally made by its service

    def start_server(self):
        # sshd wants its whole path
        self.gateway_b.start("/usr/sbin/sshd", "-D", "-e", "-f", self.server)
        self.lab.wait_for(lambda: f":{PORT}" in self.gateway_b.run("ss", "-Hltn"), self.gateway_b, "a listening sshd")

    def start_client(self, *options):
        self.gateway_a.start("ssh", "-F", self.client, "-N", *options, "192.0.2.2")


class SshForward(OpenSsh):
    name = "ssh -L"
    settings = f"{CIPHER}, no compression"
    carries_packets = False
    target = ("10.1.0.1", 5201)

    def up(self):
        self.start_server()
        self.start_client("-g", "-L", "10.1.0.1:5201:10.2.0.2:5201")


class SshTun(OpenSsh):
    name = "ssh -w"
    settings = f"{CIPHER}, no compression, TUN over TCP, MTU 1500"

    def up(self):
        self.start_server()
        self.start_client("-w", "0:0")
        for gateway, network in ((self.gateway_a, "10.2.0.0/24"), (self.gateway_b, "10.1.0.0/24")):
            self.lab.wait_for(lambda: "tun0" in gateway.run("ip", "-br", "link"), gateway, "tun0")
            gateway.ip("link set tun0 up")
            gateway.ip(f"route add {network} dev tun0")
