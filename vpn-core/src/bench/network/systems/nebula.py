"""Nebula, two nodes that know each other's address (no lighthouse needed)."""

from systems.system import System, output


class Nebula(System):
    name = "nebula"
    programs = ("nebula", "nebula-cert")
    package = "nebula"
    settings = "AES-256-GCM (its default), MTU 1440, batch 128, 4 MB socket buffers"

    @classmethod
    def version(cls):
        return super().version() or output("nebula", "-version").split(":")[-1].strip()

    def prepare(self):
        self.files = []
        output("nebula-cert", "ca", "-name", "bench", "-out-crt", f"{self.folder}/ca.crt", "-out-key", f"{self.folder}/ca.key")
        for own, peer in ((1, 2), (2, 1)):
            output("nebula-cert", "sign", "-ca-crt", f"{self.folder}/ca.crt", "-ca-key", f"{self.folder}/ca.key",
                   "-name", f"n{own}", "-ip", f"10.99.0.{own}/24", "-subnets", f"10.{own}.0.0/24",
                   "-out-crt", f"{self.folder}/n{own}.crt", "-out-key", f"{self.folder}/n{own}.key")
            self.files.append(self.write(f"nebula{own}.yml", f"""\
pki: {{ca: {self.folder}/ca.crt, cert: {self.folder}/n{own}.crt, key: {self.folder}/n{own}.key}}
static_host_map: {{"10.99.0.{peer}": ["192.0.2.{peer}:4242"]}}
lighthouse: {{am_lighthouse: false, hosts: []}}
listen: {{host: 0.0.0.0, port: 4242, batch: 128, read_buffer: 4194304, write_buffer: 4194304}}
cipher: aes
punchy: {{punch: false}}
tun:
  dev: nebula1
  mtu: 1440
  tx_queue: 1000
  unsafe_routes: [{{route: 10.{peer}.0.0/24, via: 10.99.0.{peer}}}]
logging: {{level: warning, format: text}}
firewall:
  outbound: [{{port: any, proto: any, host: any}}]
  inbound: [{{port: any, proto: any, host: any}}]
"""))

    def up(self):
        for gateway, file in zip(self.lab.gateways, self.files):
            gateway.start("nebula", "-config", file)
