"""One file sent over a link by one system, as somebody waiting for it sees it, and what that costs on the way."""

import concurrent.futures
import json
import os
import re
import sys
import threading
import time
from pathlib import Path

import usage
from lab import CannotRun
from links import LinkLab
from systems.culvert import Culvert
from systems.openssh import PORT, OpenSsh, SshForward
from systems.plain import PlainRouting
from systems.stunnel import Stunnel
from systems.wireguard_go import WireguardGo

WATCH_EVERY_S = 0.1
START_S = 120  # twenty daemons on a busy machine
REPOSITORY = Path(__file__).resolve().parents[4]
# Sends the file asked for, as often as asked. A probe goes without asking.
SERVER = """
import socket, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
while True:
    client, _ = listening.accept()
    try:
        asked = client.makefile("r").readline().split()
        if asked:
            content = open(sys.argv[3] + "/" + asked[0], "rb").read()
            for _ in range(int(asked[1])):
                client.sendall(content)
    except OSError:
        pass
    client.close()
"""
CLIENT = """
import socket, sys, time
begun = time.monotonic()
got = 0
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 30)
connection.sendall(f"{sys.argv[3]} {sys.argv[4]}\\n".encode())
while data := connection.recv(1 << 18):
    got += len(data)
print(got, time.monotonic() - begun)
"""


class CulvertSuite(Culvert):
    backend = "auto"
    of_peer = ""

    def prepare(self):
        super().prepare()
        for name in ("a", "b"):  # the file ends within its [[peer]]
            with open(self.folder / name / "culvert.toml", "a") as config:
                config.write(f"{self.of_peer}\n")


def culvert_with(suite, compression="off"):
    name = f"culvert {suite}" + (f", {compression}" if compression != "off" else "")
    return type("CulvertSuite", (CulvertSuite,), {
        "name": name, "settings": "a key per packet, forward secrecy required",
        "of_peer": f'suites = ["{suite}"]\ncompression = "{compression}"'})


class SshCompressed(SshForward):
    name = "ssh -C -L"

    def prepare(self):
        super().prepare()
        config = Path(self.client)
        config.write_text(config.read_text().replace("Compression no", "Compression yes"))


class Scp(OpenSsh):
    name = "scp"
    carries_packets = False

    def prepare(self):
        super().prepare()
        with open(self.server, "a") as config:
            config.write("Subsystem sftp internal-sftp\n")

    def up(self):
        self.start_server()


CULVERT = culvert_with("aes-128-gcm")
CULVERT_ZSTD = culvert_with("aes-128-gcm", "zstd")
WATCHED = (PlainRouting, CULVERT, SshForward)
# A system, and which file it sends: random bytes cannot be compressed.
RANDOM = tuple((system, "random") for system in (
    PlainRouting, CULVERT, *map(culvert_with, ("aes-256-gcm", "chacha20-poly1305", "aes-128-gmac")), CULVERT_ZSTD,
    WireguardGo, SshForward, Scp, Stunnel))
TEXT = tuple((system, "text") for system in (PlainRouting, CULVERT, CULVERT_ZSTD, SshForward, SshCompressed))


def text(length):
    """This repository's own pages, one behind the other. Again from the start if they do not suffice: every compressor here
    has forgotten them by then."""
    pages = sorted([REPOSITORY / "README.md", *REPOSITORY.glob("*/doc/*.md"), *REPOSITORY.glob("native-notes/*.md")])
    words = b"".join(page.read_bytes() for page in pages if page.name != "costs.md")
    return (words * (length // len(words) + 1))[:length]


class Site:
    """A system that links the two LANs over a link of its own, and the files on host B."""

    def __init__(self, system_class, link):
        self.link = link
        self.lab = LinkLab(link)
        self.system_class = system_class
        self.scp_cpu_s = 0.0
        self.busy = threading.Lock()

    def __enter__(self):
        self.lab.__enter__()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.lab.__exit__()

    def start(self):
        self.system = self.system_class(self.lab)
        (self.lab.folder / "random").write_bytes(os.urandom(self.link.file_bytes))
        (self.lab.folder / "text").write_bytes(text(self.link.file_bytes))
        server = self.lab.host_b.pipe(sys.executable, "-c", SERVER, "10.2.0.2", "5201", str(self.lab.folder))
        server.stdout.readline()
        self.system.prepare()
        self.system.up()
        self.await_first()

    def await_first(self):
        """Until a connection gets through; nothing of the file is sent."""
        if isinstance(self.system, Scp):
            return
        host, port = self.system.target
        probe = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()"
        command = ("ping", "-c1", "-W1", host) if self.system.carries_packets else (sys.executable, "-c", probe, host, str(port))
        deadline = time.monotonic() + START_S
        while True:
            try:
                self.lab.host_a.run(*command)
                return
            except CannotRun:
                self.lab.check_daemons()
                if time.monotonic() > deadline:
                    raise

    def warm(self):
        """What is compiled while it runs, or grows with use, has had its time: a gateway's usual state."""
        self.lab.unlimit()
        self.transfer("random", self.link.warm_bytes // self.link.file_bytes)  # scp starts anew each time and has nothing to warm
        self.lab.limit()

    def measure(self, content):
        with self.busy:  # one transfer at a time over one line, whatever the others do
            return self.measure_alone(content)

    def measure_alone(self, content):
        wire, cpu = self.wire_bytes(), self.cpu_seconds()
        seconds = self.transfer(content)
        cpu = self.cpu_seconds() - cpu
        self.lab.check_daemons()
        return {"seconds": seconds, "cpu_s": cpu, "wire_bytes": self.wire_bytes() - wire}

    def transfer(self, content, times=1):
        return self.copy(content) if isinstance(self.system, Scp) else self.fetch(content, times)

    def fetch(self, content, times):
        """Seconds from connect to the last byte, as a program on host A sees it."""
        host, port = self.system.target
        got, seconds = self.lab.host_a.run(sys.executable, "-c", CLIENT, host, str(port), content, str(times), timeout=120).split()
        if int(got) != self.link.file_bytes * times:
            raise CannotRun(f"{got} of {self.link.file_bytes * times} bytes arrived")
        return float(seconds)

    def copy(self, content):
        """The same by scp, whose start and handshake are part of what it costs."""
        to = self.lab.folder / "copied"
        begun = time.monotonic()
        scp = self.lab.gateway_a.pipe("timeout", "120", "scp", "-q", "-F", self.system.client,
                                      f"192.0.2.2:{self.lab.folder}/{content}", str(to))
        _, status, used = os.wait4(scp.pid, 0)  # scp's CPU, and that of ssh, which it waited for
        scp.returncode = os.waitstatus_to_exitcode(status)
        scp.stdout.close()
        seconds = time.monotonic() - begun
        self.scp_cpu_s += used.ru_utime + used.ru_stime
        if scp.returncode != 0 or to.read_bytes() != (self.lab.folder / content).read_bytes():
            raise CannotRun("scp copied something else")
        return seconds

    def wire_bytes(self):
        """Both directions of the WAN, frames with their 14 bytes of Ethernet header."""
        counters = json.loads(self.lab.gateway_a.run("ip", "-s", "-j", "link", "show", "wan"))[0]["stats64"]
        return counters["rx"]["bytes"] + counters["tx"]["bytes"]

    def cpu_seconds(self):
        """Of daemons, for sshd with its children that ended, and of scp. What fetches the file is no part of what protection costs."""
        return (usage.cpu_seconds(self.lab.gateways) + self.scp_cpu_s
                + sum(map(usage.ended_children_cpu_seconds, self.lab.gateway_b.pids())))

    def watch_window(self):
        """The congestion window, in segments, of the connection that sends over the WAN during one more transfer: [[s, segments]]."""
        namespace, source = ((self.lab.gateway_b, f"192.0.2.2:{PORT}") if isinstance(self.system, SshForward)
                             else (self.lab.host_b, "10.2.0.2:5201"))
        samples, begun = [], time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            transfer = thread.submit(self.transfer, "random")
            while not transfer.done():
                now = time.monotonic() - begun
                window = re.search(r"\bcwnd:(\d+)", namespace.run("ss", "-Htin", "state", "established", "src", source))
                if window:
                    samples.append([round(now, 3), int(window[1])])
                time.sleep(WATCH_EVERY_S)
            transfer.result()
        return samples
