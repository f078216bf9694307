"""strongSwan with ESP in userspace (plugin kernel-libipsec): IPsec without the kernel's help."""

from systems.system import System

PLUGINS = ("random nonce openssl aesni gcm aes sha2 hmac kdf curve25519 pem pkcs1 x509 pubkey "
           "kernel-libipsec kernel-netlink socket-default vici")


class Libipsec(System):
    name = "strongswan libipsec"
    programs = ("charon", "swanctl")
    package = "strongswan-charon"
    settings = "AES-128-GCM ESP in UDP, IKEv2 with a pre-shared key"

    @classmethod
    def missing(cls):
        found = super().missing()
        if found:
            return found
        from pathlib import Path
        if not Path("/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so").exists():
            return "plugin kernel-libipsec is not installed (Debian package libcharon-extra-plugins)"
        return None

    def prepare(self):
        for own, peer in ((1, 2), (2, 1)):
            # charon's pid file and control socket have fixed places below /run: each daemon sees a folder of its own there.
            (self.folder / f"run{own}").mkdir()
            self.write(f"strongswan{own}.conf", f"""\
charon {{
    load = {PLUGINS}
    plugins {{
        vici {{ socket = unix:///run/vici }}
    }}
    filelog {{ stderr {{ default = 0 }} }}
}}
""")
            self.write(f"swanctl{own}.conf", f"""\
connections {{
    bench {{
        version = 2
        local_addrs = 192.0.2.{own}
        remote_addrs = 192.0.2.{peer}
        proposals = aes128gcm16-prfsha256-x25519
        local {{
            auth = psk
            id = n{own}
        }}
        remote {{
            auth = psk
            id = n{peer}
        }}
        children {{
            lans {{
                local_ts = 10.{own}.0.0/24
                remote_ts = 10.{peer}.0.0/24
                esp_proposals = aes128gcm16
                start_action = {"start" if own == 1 else "none"}
            }}
        }}
    }}
}}
secrets {{
    ike-bench {{
        secret = only-for-this-run-{self.folder.name}
    }}
}}
""")

    def up(self):
        sides = ((self.gateway_b, 2), (self.gateway_a, 1))  # the answering side is ready before the asking one
        for gateway, side in sides:
            gateway.start("sh", "-c", f"mount --bind {self.folder}/run{side} /run && exec charon",
                          extra_environment={"STRONGSWAN_CONF": f"{self.folder}/strongswan{side}.conf"})
        for gateway, side in sides:
            socket = self.folder / f"run{side}" / "vici"
            self.lab.wait_for(socket.exists, gateway, "charon's control socket")
            gateway.run("swanctl", "--load-all", "--uri", f"unix://{socket}", "--file", f"{self.folder}/swanctl{side}.conf")
