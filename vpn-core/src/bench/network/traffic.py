"""TCP and UDP load between the LAN hosts, made and counted by iperf3."""

import json
import subprocess
import time
from pathlib import Path

from lab import CannotRun

PORT = 5201
IP_UDP_HEADER_BYTES = 28
SOCKET_BUFFER = "2M"  # else the receiving iperf3, not the VPN, is what loses packets
LOSS_LIMIT = 0.001


def tcp(lab, target, streams, seconds, bits_per_second=None):
    """Gbit/s that arrived, retransmits, bytes that arrived."""
    limit = ["-b", f"{bits_per_second / streams:.0f}"] if bits_per_second else []
    client, _ = exchange(lab, target, seconds, "-P", str(streams), *limit)
    received = client["end"]["sum_received"]
    return {"gbit_s": received["bits_per_second"] / 1e9, "retransmits": client["end"]["sum_sent"]["retransmits"],
            "bytes": received["bytes"]}


def udp(lab, target, packet_bytes, seconds, packets_per_second=0):
    """One UDP flow of IP packets of a size; rate 0 is as fast as the sender can. Loss is what sequence numbers show."""
    payload = packet_bytes - IP_UDP_HEADER_BYTES
    client, server = exchange(lab, target, seconds, "-u", "-l", str(payload), "-w", SOCKET_BUFFER,
                              "-b", f"{packets_per_second * payload * 8:.0f}")
    sent, received = client["end"]["sum_sent"], server["end"]["sum_received"]
    arrived = received["packets"] - received["lost_packets"]
    return {"sent_pps": sent["packets"] / max(sent["seconds"], 0.001), "received_pps": arrived / max(received["seconds"], 0.001),
            "loss": received["lost_packets"] / received["packets"] if received["packets"] else 1.0}


def lossless_udp(lab, target, packet_bytes, seconds, steps, flood):
    """The highest rate found at which under 0.1 % is lost, packets per second; 0 when none was found.

    Bisects on a logarithmic scale between an eighth of what got through a flood and what the sender itself could offer.
    """
    low, high, best = flood["received_pps"] / 8, flood["sent_pps"], 0.0
    for step in range(steps):
        rate = (low * high) ** 0.5 if step else min(flood["received_pps"], high)
        run = udp(lab, target, packet_bytes, seconds, rate)
        if run["loss"] >= LOSS_LIMIT:  # one hiccup of the machine must not decide
            run = udp(lab, target, packet_bytes, seconds, rate)
        if run["loss"] < LOSS_LIMIT:
            best = max(best, run["received_pps"])
            low = rate
        else:
            high = rate
        if high <= low:
            break
    return best


def exchange(lab, target, seconds, *options):
    """Runs one iperf3 client on host A against a server for this one run on host B. Returns what both say, as JSON."""
    for _ in range(2):
        client = None
        server = lab.host_b.pipe("iperf3", "-s", "-1", "-J", "-p", str(PORT))
        try:
            wait_until_listening(server)
            client = lab.host_a.pipe("iperf3", "-J", "-c", target[0], "-p", str(target[1]), "-t", str(seconds),
                                     "--connect-timeout", "5000", *options)
            # A flood may hold up iperf3's own control connection for a while, but not for ever.
            sent, received = (json.loads(p.communicate(timeout=seconds + 20)[0] or "{}") for p in (client, server))
            if "error" not in sent and "sum_received" in received.get("end", {}):
                return sent, received
            failure = sent.get("error") or received.get("error") or "it gave no result"
        except subprocess.TimeoutExpired:
            failure = f"no end {20} s after it should have come"
        except json.JSONDecodeError:
            failure = "its output was not JSON"
        finally:
            for process in (client, server):
                if process and process.poll() is None:
                    process.kill()
                    process.communicate()
    raise CannotRun(f"iperf3: {failure}")


def wait_until_listening(server):
    wanted = f":{PORT:04X} "
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        for table in ("tcp", "tcp6"):
            lines = Path(f"/proc/{server.pid}/net/{table}").read_text().splitlines()[1:]
            if any(wanted in line and line.split()[3] == "0A" for line in lines):  # 0A: LISTEN
                return
        time.sleep(0.005)
    raise CannotRun("iperf3 -s does not listen")
