"""The network every system is measured in: two LAN hosts, two gateways, one WAN link, each a namespace of its own.

    host_a 10.1.0.2 --- 10.1.0.1 gateway_a 192.0.2.1 --- 192.0.2.2 gateway_b 10.2.0.1 --- 10.2.0.2 host_b

Nothing but the measured daemons runs in the gateways, so whatever process is found there belongs to them. Each run gets a
new lab: no route, device or socket of one system can reach the next.
"""

import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PREFIX = "culvert-bench-"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/ipsec"
LINK_MTU = 1500
# Linux's default, asked for by route: the machine's own setting must not decide, and a namespace may not choose any other.
CONGESTION_CONTROL = "congctl cubic"


class CannotRun(Exception):
    """Why a system cannot be measured, in words for the person who started the benchmark."""


class Namespace:
    """One network namespace, and the processes in it."""

    def __init__(self, name, logs):
        self.name = name
        self.logs = logs
        self.daemons = []
        subprocess.run(["ip", "netns", "add", name], check=True)

    def run(self, *command, timeout=20):
        """Runs a command to its end and returns what it printed."""
        done = subprocess.run(["ip", "netns", "exec", self.name, *command], env=environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=timeout)
        if done.returncode != 0:
            raise CannotRun(f"{' '.join(command)}: {last_line(done.stdout) or f'exit {done.returncode}'}")
        return done.stdout

    def ip(self, arguments):
        self.run("ip", *arguments.split())

    def begin_link(self, name, address):
        self.ip(f"addr add {address} dev {name}")
        self.ip(f"link set {name} up")
        source = address.partition("/")[0]
        network = f"{source.rpartition('.')[0]}.0/24"
        self.ip(f"route change {network} dev {name} proto kernel scope link src {source} {CONGESTION_CONTROL}")

    def start(self, *command, extra_environment=None):
        """Starts a daemon in the foreground; its output goes to a file of its own."""
        log = self.logs / f"{self.name.removeprefix(PREFIX)}-{len(self.daemons)}-{Path(command[0]).name}.log"
        with open(log, "w") as out:
            process = subprocess.Popen(["ip", "netns", "exec", self.name, *command],
                                       env=environment() | (extra_environment or {}),
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self.daemons.append((process, log))

    def pipe(self, *command):
        """Starts a program whose standard output the caller reads."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], env=environment(), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def pids(self):
        return pids_in(self.name)

    def check_daemons(self):
        for process, log in self.daemons:
            if process.poll() is not None:
                raise CannotRun(f"{log.stem.split('-')[-1]} ended by itself: {last_line(log.read_text(errors='replace'))}")

    def last_words(self):
        """The last line of each daemon's log: most say there what they miss."""
        return "; ".join(filter(None, (last_line(log.read_text(errors="replace")) for _, log in self.daemons)))


class Lab:
    """The four namespaces and a folder for keys and configuration, both gone when the `with` block ends."""

    made = itertools.count()  # several may stand at once

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.folder.chmod(0o755)  # daemons that drop privileges read their files here
        self.number = next(Lab.made)
        self.names = []

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def name(self, part):
        """The name of a namespace that `close` will remove."""
        self.names.append(f"{PREFIX}{os.getpid()}-{self.number}-{part}")
        return self.names[-1]

    def build(self):
        self.host_a, self.gateway_a, self.gateway_b, self.host_b = (
            Namespace(self.name(part), self.folder) for part in ("host-a", "gateway-a", "gateway-b", "host-b"))
        self.gateways = (self.gateway_a, self.gateway_b)
        for namespace in (self.host_a, self.gateway_a, self.gateway_b, self.host_b):
            namespace.ip("link set lo up")
        self.link("lan", self.host_a, "10.1.0.2/24", self.gateway_a, "10.1.0.1/24")
        self.link("wan", self.gateway_a, "192.0.2.1/24", self.gateway_b, "192.0.2.2/24")
        self.link("lan", self.host_b, "10.2.0.2/24", self.gateway_b, "10.2.0.1/24")
        self.host_a.ip(f"route add default via 10.1.0.1 {CONGESTION_CONTROL}")
        self.host_b.ip(f"route add default via 10.2.0.1 {CONGESTION_CONTROL}")
        for gateway in self.gateways:
            gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0",
                        "net.ipv4.conf.default.rp_filter=0")
        # Neighbours are known before the clock runs: the start of a VPN is measured, not ARP.
        self.gateway_a.run("ping", "-c1", "-W2", "192.0.2.2")
        self.host_a.run("ping", "-c1", "-W2", "10.1.0.1")
        self.host_b.run("ping", "-c1", "-W2", "10.2.0.1")

    def link(self, name, left, left_address, right, right_address):
        left.run("ip", "link", "add", name, "mtu", str(LINK_MTU), "type", "veth", "peer", "name", name,
                 "mtu", str(LINK_MTU), "netns", right.name)
        for namespace, address in ((left, left_address), (right, right_address)):
            namespace.begin_link(name, address)

    def wait_for(self, condition, gateway, what, seconds=10):
        deadline = time.monotonic() + seconds
        while not condition():
            gateway.check_daemons()
            if time.monotonic() > deadline:
                raise CannotRun(f"{what} did not appear within {seconds} s; last line of its log: {gateway.last_words()}")
            time.sleep(0.002)

    def check_daemons(self):
        for gateway in self.gateways:
            gateway.check_daemons()

    def close(self):
        for name in self.names:
            remove_namespace(name)
        shutil.rmtree(self.folder, ignore_errors=True)


def environment():
    """What every program is started with: nothing of the caller's, so that a run can be repeated elsewhere."""
    return {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/root")}


def find_program(name):
    return shutil.which(name, path=PATH)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"\x1b\[[0-9;]*m", "", lines[-1])[:200] if lines else ""


def pids_in(name):
    done = subprocess.run(["ip", "netns", "pids", name], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [int(pid) for pid in done.stdout.split()]


def remove_namespace(name):
    """Ends every process in a namespace of ours, politely first (wireguard-go removes its socket then), and the namespace."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids_in(name):
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 3
        while pids_in(name) and time.monotonic() < deadline:
            reap_children()
            time.sleep(0.02)
    subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)


def reap_children():
    """A dead child nobody waited for would still count as a process of its namespace."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def remove_labs(of):
    """Removes the labs, namespaces and folders, of every benchmark whose process number `of` says yes to."""
    listed = subprocess.run(["ip", "netns", "list"], text=True, stdout=subprocess.PIPE).stdout
    for name, pid in re.findall(rf"^({PREFIX}(\d+)-\S+)", listed, re.MULTILINE):
        if of(int(pid)):
            remove_namespace(name)
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        if of(int(folder.name.removeprefix(PREFIX).split("-")[0])):
            shutil.rmtree(folder, ignore_errors=True)


def is_gone(pid):
    """Whether a benchmark has ended: killed with SIGKILL, it leaves its lab to the next one."""
    command = Path(f"/proc/{pid}/cmdline")
    return not command.exists() or not any(name in command.read_bytes() for name in (b"bench", b"costs"))
