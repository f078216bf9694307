"""stunnel: a TCP port forwarded through TLS 1.3."""

from systems.system import System, output

PORT = 8443
BOTH = """\
foreground = yes
pid =
debug = 4
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
sslVersion = TLSv1.3
ciphersuites = TLS_AES_128_GCM_SHA256
"""


class Stunnel(System):
    name = "stunnel"
    programs = ("stunnel", "openssl")
    package = "stunnel4"
    settings = "TLS 1.3, TLS_AES_128_GCM_SHA256"
    carries_packets = False
    target = ("10.1.0.1", 5201)

    def prepare(self):
        output("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
               "-subj", "/CN=b", "-keyout", f"{self.folder}/b.key", "-out", f"{self.folder}/b.crt")
        self.client = self.write("client.conf", f"""\
{BOTH}client = yes
[iperf]
accept = 10.1.0.1:5201
connect = 192.0.2.2:{PORT}
verifyPeer = yes
CAfile = {self.folder}/b.crt
""")
        self.server = self.write("server.conf", f"""\
{BOTH}[iperf]
accept = 192.0.2.2:{PORT}
connect = 10.2.0.2:5201
cert = {self.folder}/b.crt
key = {self.folder}/b.key
""")

    def up(self):
        self.gateway_b.start("stunnel", self.server)
        self.gateway_a.start("stunnel", self.client)
