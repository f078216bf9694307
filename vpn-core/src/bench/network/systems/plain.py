"""No VPN: what the lab itself can carry."""

from systems.system import System


class PlainRouting(System):
    name = "plain routing"
    settings = "no encryption, no daemon"

    @classmethod
    def version(cls):
        return ""

    def up(self):
        self.gateway_a.ip("route add 10.2.0.0/24 via 192.0.2.2")
        self.gateway_b.ip("route add 10.1.0.0/24 via 192.0.2.1")
