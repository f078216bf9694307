"""fastd in TUN mode with the fastest of its methods that encrypts and authenticates."""

import re

from systems.system import System, output

METHOD = "salsa2012+umac"


class Fastd(System):
    name = "fastd"
    programs = ("fastd",)
    package = "fastd"
    settings = f"method {METHOD}, MTU 1426"

    def prepare(self):
        secrets, publics = {}, {}
        for own in (1, 2):
            printed = output("fastd", "--generate-key")
            secrets[own] = re.search(r"Secret:\s*(\w+)", printed)[1]
            publics[own] = re.search(r"Public:\s*(\w+)", printed)[1]
        self.files = []
        # Only one side knows the other's address: when both ask at once, v22 ends up with keys that do not match.
        for own, peer in ((1, 2), (2, 1)):
            self.files.append(self.write(f"fastd{own}.conf", f"""\
log level warn;
mode tun;
interface "fastd0";
mtu 1426;
bind 192.0.2.{own}:10000;
method "{METHOD}";
secret "{secrets[own]}";
on up "ip link set up dev fastd0; ip route add 10.{peer}.0.0/24 dev fastd0";
peer "n{peer}" {{
    key "{publics[peer]}";
    {f"remote 192.0.2.{peer}:10000;" if own == 1 else ""}
}}
"""))

    def up(self):
        for gateway, file in zip(reversed(self.lab.gateways), reversed(self.files)):
            gateway.start("fastd", "--config", file)
