"""WireGuard in userspace, the Go implementation."""

import os

from systems.system import System, output


class WireguardGo(System):
    name = "wireguard-go"
    programs = ("wireguard-go", "wg")
    package = "wireguard-go"
    settings = "ChaCha20-Poly1305 (its only cipher), MTU 1420 (its default), GSO and GRO as it finds them"

    def prepare(self):
        keys = []
        for _ in self.lab.gateways:
            private = output("wg", "genkey").strip()
            keys.append((private, output("wg", "pubkey", stdin=private).strip()))
        # Its control sockets lie in one folder for all namespaces, so the device's name must be unique on the machine.
        self.devices = [f"cb{os.getpid() % 10**8}{side}" for side in "ab"]
        self.files = []
        for own, peer, network, address in ((0, 1, "10.2.0.0/24", "192.0.2.2"), (1, 0, "10.1.0.0/24", "192.0.2.1")):
            self.files.append(self.write(f"wg{own}.conf", f"""\
[Interface]
PrivateKey = {keys[own][0]}
ListenPort = 51820
[Peer]
PublicKey = {keys[peer][1]}
AllowedIPs = {network}
Endpoint = {address}:51820
"""))

    def up(self):
        for gateway, device in zip(self.lab.gateways, self.devices):
            gateway.start("wireguard-go", "-f", device)
        # The answering side first: a first message nobody understands is repeated only after five seconds.
        for gateway, device, file, network in reversed(tuple(
                zip(self.lab.gateways, self.devices, self.files, ("10.2.0.0/24", "10.1.0.0/24")))):
            self.lab.wait_for(lambda: os.path.exists(f"/var/run/wireguard/{device}.sock"), gateway, "its control socket")
            gateway.run("wg", "setconf", device, file)
            gateway.ip(f"link set {device} mtu 1420 up")
            gateway.ip(f"route add {network} dev {device}")
