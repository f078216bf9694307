"""OpenVPN between two points, keys agreed by TLS (its static-key mode has no AEAD cipher)."""

from systems.system import System, output

SIDES = (("a", "tls-client", "192.0.2.2", "10.8.0.1 10.8.0.2", "10.2.0.0"),
         ("b", "tls-server", "192.0.2.1", "10.8.0.2 10.8.0.1", "10.1.0.0"))


class OpenVpn(System):
    name = "openvpn"
    programs = ("openvpn", "openssl")
    package = "openvpn"
    settings = "UDP, AES-128-GCM, fast-io, 4 MB socket buffers, userspace (no kernel module)"

    def prepare(self):
        fingerprints = {}
        for side, *_ in SIDES:
            output("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-days", "2", "-subj", f"/CN={side}", "-keyout", f"{self.folder}/{side}.key", "-out", f"{self.folder}/{side}.crt")
            printed = output("openssl", "x509", "-in", f"{self.folder}/{side}.crt", "-noout", "-fingerprint", "-sha256")
            fingerprints[side] = printed.strip().split("=")[1]
        self.files = []
        for side, role, remote, addresses, network in SIDES:
            other = "b" if side == "a" else "a"
            self.files.append(self.write(f"openvpn-{side}.conf", f"""\
dev tun0
proto udp
port 1194
remote {remote}
{role}
{"dh none" if role == "tls-server" else ""}
cert {self.folder}/{side}.crt
key {self.folder}/{side}.key
<peer-fingerprint>
{fingerprints[other]}
</peer-fingerprint>
ifconfig {addresses}
route {network} 255.255.255.0
data-ciphers AES-128-GCM
disable-dco
fast-io
sndbuf 4194304
rcvbuf 4194304
txqueuelen 1000
connect-retry 1 1
verb 1
"""))

    def up(self):
        # the side that waits first: the other asks once a second
        self.gateway_b.start("openvpn", "--config", self.files[1])
        self.gateway_a.start("openvpn", "--config", self.files[0])
