"""Culvert itself: the packaged product, once per cipher backend."""

from pathlib import Path

from systems.system import System, output

CULVERT = Path(__file__).resolve().parents[4] / "target" / "dist" / "bin" / "culvert"
SITES = (("a", 1), ("b", 2))


class Culvert(System):
    backend = ""
    extra_environment = None

    @classmethod
    def missing(cls):
        return None if CULVERT.exists() else f"{CULVERT} is not built (./mvnw package -Dmaven.test.skip=true)"

    @classmethod
    def version(cls):
        return output(str(CULVERT), "--version").strip().splitlines()[0]

    def prepare(self):
        ca = f"{self.folder}/ca"
        output(str(CULVERT), "ca", "init", "--dir", ca, "--name", "Benchmark CA", "--no-passphrase")
        for name, site in SITES:
            own = f"{self.folder}/{name}"
            output(str(CULVERT), "host", "request", "--dir", own, "--name", name, "--network", f"10.{site}.0.0/24")
            output(str(CULVERT), "ca", "sign", "--dir", ca, "--yes", "--out", f"{own}/host.crt", f"{own}/host.csr")
        for (name, site), (peer, peer_site) in (SITES, SITES[::-1]):
            self.write(f"{name}/culvert.toml", f"""\
[gateway]
key = "host.key"
certificate = "host.crt"
trust = "../ca/ca.crt"
listen = "192.0.2.{site}:1640"
control = "{self.folder}/{name}/run/culvert.sock"
cipher-backend = "{self.backend}"

[tun]
name = "culvert0"

[[peer]]
name = "{peer}"
certificate = "../{peer}/host.crt"
endpoint = "192.0.2.{peer_site}:1640"
forward-secrecy = "required"
""")

    def up(self):
        for gateway, (name, _) in zip(self.lab.gateways, SITES):
            gateway.start(str(CULVERT), "run", "--config", f"{self.folder}/{name}/culvert.toml",
                          extra_environment=self.extra_environment)


class CulvertIpsecMb(Culvert):
    name = "culvert ipsec-mb"
    backend = "ipsec-mb"
    settings = "AES-128-GCM, a key per packet under epoch keys, Intel's ipsec-mb"


class CulvertJce(Culvert):
    name = "culvert jce"
    backend = "jce"
    settings = "AES-128-GCM, a key per packet under epoch keys, the JDK's own cipher"


class CulvertNull(Culvert):
    name = "culvert null"
    backend = "null"
    settings = "no encryption: what the data path costs by itself; refused outside this benchmark"
    extra_environment = {"CULVERT_JAVA_OPTS": "-Dculvert.benchmark=true"}
