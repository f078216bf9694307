"""The links of the costs experiment, from ISDN to as fast as the machine copies, and a lab whose WAN is like one of them."""

import sys
from dataclasses import dataclass
from pathlib import Path

import lab
from lab import Lab, Namespace

FILE_BYTES = 7_375_432  # the paper's
RELAY = Path(__file__).with_name("relay.py")
TICK_HZ = 250  # Linux's: what the rate gives in a tick must fit into tbf's bucket


@dataclass(frozen=True)
class Link:
    name: str
    title: str
    kbit_s: int = 0      # 0: as fast as the machine copies
    delay_ms: float = 0  # added one way
    file_bytes: int = FILE_BYTES
    repetitions: int = 3
    text: bool = False   # whether the length of text is sent as well
    queue_ms: int = 100
    warm_bytes: int = 200_000_000  # less where the relay takes long for it
    together: bool = False  # all systems at the same time, each over its own line: only where this leaves the machine idle


LINKS = (
    # A queue of 15 s, else TCP's losses there are what is measured.
    Link("isdn", "ISDN, 64 kbit/s (a hundredth of the file)", 64, 0, FILE_BYTES // 100, text=True, queue_ms=15_000, together=True),
    Link("ethernet", "Ethernet, 10 Mbit/s", 10_000, text=True),
    Link("atm1", "ATM, 155 Mbit/s, 1 ms added", 155_000, 1, repetitions=5),
    Link("atm20", "ATM, 155 Mbit/s, 20 ms added", 155_000, 20, repetitions=9, warm_bytes=100_000_000),
    Link("atm100", "ATM, 155 Mbit/s, 100 ms added", 155_000, 100, repetitions=9, warm_bytes=100_000_000),
    Link("gigabit", "1 Gbit/s", 1_000_000, repetitions=9, text=True),
    Link("unlimited", "unlimited", repetitions=9),
)


class LinkLab(Lab):
    """A lab whose WAN is like a link: its latency, frames as on a wire where it has a rate, and, from `limit` on, that rate."""

    def __init__(self, link):
        super().__init__()
        self.properties = link

    def build(self):
        super().build()
        if self.properties.kbit_s:
            self.cut_frames()

    def cut_frames(self):
        """As on a wire: no frame is longer than the link allows, so the interface's counters count what a wire would carry."""
        for gateway in self.gateways:
            gateway.run("ethtool", "-K", "wan", "tso", "off", "gso", "off", "gro", "off", "tx", "off")

    def link(self, name, left, left_address, right, right_address):
        if name != "wan" or not self.properties.delay_ms:
            super().link(name, left, left_address, right, right_address)
            return
        relay = Namespace(self.name("relay"), self.folder)
        for end, namespace, address in (("left", left, left_address), ("right", right, right_address)):
            namespace.ip(f"link add wan mtu {lab.LINK_MTU} type veth peer name {end} mtu {lab.LINK_MTU} netns {relay.name}")
            namespace.begin_link("wan", address)
            relay.ip(f"link set {end} up")
        relay.start(sys.executable, str(RELAY), "left", "right", str(self.properties.delay_ms))

    def limit(self):
        rate = self.properties.kbit_s
        for gateway in self.gateways if rate else ():
            gateway.run("tc", "qdisc", "add", "dev", "wan", "root", "tbf", "rate", f"{rate}kbit",
                        "burst", str(max(1600, rate * 1000 // 8 // TICK_HZ)),
                        "limit", str(max(20_000, rate * self.properties.queue_ms // 8)))

    def unlimit(self):
        for gateway in self.gateways if self.properties.kbit_s else ():
            gateway.run("tc", "qdisc", "del", "dev", "wan", "root")
