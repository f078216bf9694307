"""What is measured of a system, in this order, in a lab of its own."""

import threading
import time
from dataclasses import dataclass

import latency
import traffic
import usage
from lab import CannotRun, Lab


@dataclass(frozen=True)
class Seconds:
    """How long each part of a run takes, in whole seconds: iperf3 takes 0.5 for 0, and 0 for ever."""

    warm_up: int
    tcp: int
    tcp_streams: int
    ping: int
    flood: int
    search_step: int
    search_steps: int

    def of_one_run(self):
        """About what one run of a system takes, for the estimate on the screen."""
        search = 2 * (self.flood + self.search_steps * 1.5 * (self.search_step + 0.3))
        return 3 + self.warm_up + self.tcp + self.tcp_streams + 2 * self.ping + 2 + search


# Five rounds of thirteen systems in less than half an hour: it is the repetitions that tell a hiccup from a difference, not the length of each.
FULL = Seconds(warm_up=3, tcp=3, tcp_streams=1, ping=1, flood=1, search_step=1, search_steps=2)
QUICK = Seconds(warm_up=1, tcp=2, tcp_streams=2, ping=1, flood=1, search_step=1, search_steps=3)

START_LIMIT_S = 60  # on a busy machine; a quiet one needs one or two


def measure(system_class, seconds, progress):
    """Runs one system once. Returns the figures by name; a part that failed is missing and its reason is in `failures`."""
    figures, failures = {}, {}
    with Lab() as lab:
        system = system_class(lab)
        system.prepare()
        start(system, figures, progress)
        progress("warm-up")
        figures["warm_up_gbit_s"] = traffic.tcp(lab, system.target, 1, seconds.warm_up)["gbit_s"]
        for part, of_packets in ((tcp_one_stream, False), (tcp_four_streams, False), (ping_no_load, True),
                                 (ping_half_load, True), (udp_1400, True), (udp_64, True)):
            if of_packets and not system.carries_packets:
                continue
            lab.check_daemons()
            progress(part.__name__.replace("_", " "))
            try:
                part(lab, system, seconds, figures)
            except CannotRun as cause:
                failures[part.__name__] = str(cause)
        figures["peak_rss_mb"] = max(usage.peak_rss_mb(gateway) for gateway in lab.gateways)
    return figures, failures


def start(system, figures, progress):
    progress("start")
    if not system.carries_packets:
        system.up()
        return
    first_answer = latency.FirstAnswer(system.lab.host_a, system.target[0])
    started = time.monotonic()
    try:
        system.up()
        answered = first_answer.wait(START_LIMIT_S, system.lab.check_daemons)
    finally:
        first_answer.stop()
    if answered is None:
        words = "; ".join(gateway.last_words() for gateway in system.lab.gateways)
        raise CannotRun(f"no ping was answered within {START_LIMIT_S} s; last said: {words}")
    figures["start_ms"] = (answered - started) * 1000


def tcp_one_stream(lab, system, seconds, figures):
    daemons, machine = usage.cpu_seconds(lab.gateways), usage.machine_cpu_seconds()
    run = traffic.tcp(lab, system.target, 1, seconds.tcp)
    gigabytes = run["bytes"] / 1e9
    figures["tcp1_gbit_s"] = run["gbit_s"]
    figures["tcp1_retransmits"] = run["retransmits"]
    figures["cpu_s_per_gb"] = (usage.cpu_seconds(lab.gateways) - daemons) / gigabytes
    figures["machine_cpu_s_per_gb"] = (usage.machine_cpu_seconds() - machine) / gigabytes


def tcp_four_streams(lab, system, seconds, figures):
    run = traffic.tcp(lab, system.target, 4, seconds.tcp_streams)
    figures["tcp4_gbit_s"] = run["gbit_s"]
    figures["tcp4_retransmits"] = run["retransmits"]


def ping_no_load(lab, system, seconds, figures):
    add_ping(figures, "ping_idle", latency.ping(lab.host_a, system.target[0], seconds.ping))


def ping_half_load(lab, system, seconds, figures):
    """Half of what the system itself carried in one TCP stream a moment ago: a faster one has more to carry meanwhile."""
    load = {}

    def send():
        try:
            load.update(traffic.tcp(lab, system.target, 1, seconds.ping + 2, figures["tcp1_gbit_s"] * 1e9 / 2))
        except CannotRun as cause:
            load["failure"] = cause

    if "tcp1_gbit_s" not in figures:
        raise CannotRun("the full load is not known")
    sender = threading.Thread(target=send, daemon=True)  # after Ctrl-C nobody waits for it: the lab ends its iperf3
    sender.start()
    time.sleep(1)
    round_trips = latency.ping(lab.host_a, system.target[0], seconds.ping)
    sender.join()
    if "failure" in load:
        raise load["failure"]
    add_ping(figures, "ping_load", round_trips)
    figures["ping_load_gbit_s"] = load["gbit_s"]


def add_ping(figures, name, round_trips):
    for key, value in round_trips.items():
        figures[f"{name}_{key}"] = value


def udp_1400(lab, system, seconds, figures):
    udp(lab, system, seconds, figures, 1400)


def udp_64(lab, system, seconds, figures):
    udp(lab, system, seconds, figures, 64)


def udp(lab, system, seconds, figures, packet_bytes):
    flood = traffic.udp(lab, system.target, packet_bytes, seconds.flood)
    figures[f"udp{packet_bytes}_flood_sent_pps"] = flood["sent_pps"]
    figures[f"udp{packet_bytes}_flood_received_pps"] = flood["received_pps"]
    figures[f"udp{packet_bytes}_lossless_pps"] = traffic.lossless_udp(
        lab, system.target, packet_bytes, seconds.search_step, seconds.search_steps, flood)
