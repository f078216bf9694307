"""tinc 1.0 in router mode."""

from systems.system import System, output


class Tinc(System):
    name = "tinc"
    programs = ("tincd", "openssl")
    package = "tinc"
    settings = "AES-128-CBC with SHA-256 (version 1.0 has no AEAD), UDP, 4 MB socket buffers"

    def prepare(self):
        publics = {}
        for own in (1, 2):
            folder = self.folder / f"tinc{own}"
            (folder / "hosts").mkdir(parents=True)
            private = output("openssl", "genrsa", "-traditional", "2048")
            publics[own] = output("openssl", "rsa", "-RSAPublicKey_out", stdin=private)
            self.write(f"tinc{own}/rsa_key.priv", private)
        for own, peer in ((1, 2), (2, 1)):
            self.write(f"tinc{own}/tinc.conf", f"""\
Name = n{own}
{"ConnectTo = n2" if own == 1 else ""}
Interface = tinc0
Mode = router
UDPRcvBuf = 4194304
UDPSndBuf = 4194304
""")
            self.write(f"tinc{own}/tinc-up", f"""\
#!/bin/sh
ip link set tinc0 up
ip route add 10.{peer}.0.0/24 dev tinc0
""", mode=0o700)
            for host in (1, 2):
                self.write(f"tinc{own}/hosts/n{host}", f"""\
Address = 192.0.2.{host}
Subnet = 10.{host}.0.0/24
Cipher = aes-128-cbc
Digest = sha256
Compression = 0
{publics[host]}""")

    def up(self):
        # the side that waits first: the other would try again only after five seconds
        self.start(self.gateway_b, 2)
        self.lab.wait_for(lambda: self.listens_on_655(), self.gateway_b, "a listening tincd")
        self.start(self.gateway_a, 1)

    def start(self, gateway, side):
        gateway.start("tincd", "-D", "-c", f"{self.folder}/tinc{side}", f"--pidfile={self.folder}/tinc{side}.pid")

    def listens_on_655(self):
        return ":655" in self.gateway_b.run("ss", "-Hltn")
