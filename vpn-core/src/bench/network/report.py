"""The result as medians, as tables for a terminal and for Markdown, and as the ratios that Culvert is held to."""

import statistics
from dataclasses import dataclass

import machine

WIREGUARD = "wireguard-go"
BACKENDS = ("culvert jce", "culvert ipsec-mb")
PACKET_VPNS = ("openvpn", "nebula", "tinc", "fastd", "strongswan libipsec")


@dataclass(frozen=True)
class Column:
    """One figure in the table: where it comes from, and how it is written."""

    head: str
    figure: str
    decimals: int
    divisor: float = 1.0


BITS_1400 = 1e9 / (1400 * 8)  # packets per second to Gbit/s of IP packets
TABLES = (
    ("Throughput", (
        Column("TCP 1 stream Gbit/s", "tcp1_gbit_s", 2),
        Column("retransmits", "tcp1_retransmits", 0),
        Column("TCP 4 streams Gbit/s", "tcp4_gbit_s", 2),
        Column("retransmits", "tcp4_retransmits", 0),
        Column("UDP 1400 B lossless Gbit/s", "udp1400_lossless_pps", 2, BITS_1400),
        Column("flooded Gbit/s", "udp1400_flood_received_pps", 2, BITS_1400),
        Column("UDP 64 B lossless kpps", "udp64_lossless_pps", 0, 1e3),
        Column("flooded kpps", "udp64_flood_received_pps", 0, 1e3))),
    ("Latency and cost", (
        Column("ping p50 µs", "ping_idle_p50_us", 0),
        Column("p99", "ping_idle_p99_us", 0),
        Column("p99.9", "ping_idle_p99_9_us", 0),
        Column("half load p50 µs", "ping_load_p50_us", 0),
        Column("p99", "ping_load_p99_us", 0),
        Column("p99.9", "ping_load_p99_9_us", 0),
        Column("CPU s/GB daemons", "cpu_s_per_gb", 2),
        Column("machine", "machine_cpu_s_per_gb", 2),
        Column("peak RSS MB", "peak_rss_mb", 0),
        Column("start ms", "start_ms", 0))),
)


def medians(runs):
    """By figure: the median of all runs that have it, and the lowest and highest."""
    names = dict.fromkeys(name for run in runs for name in run["figures"])
    summary = {}
    for name in names:
        values = [run["figures"][name] for run in runs if name in run["figures"]]
        summary[name] = {"median": statistics.median(values), "low": min(values), "high": max(values), "runs": len(values)}
    return summary


def figure(result, system, name):
    found = result["systems"].get(system, {}).get("summary", {}).get(name)
    return found["median"] if found else None


def ratio(result, system, opponent, name):
    own, other = figure(result, system, name), figure(result, opponent, name)
    return own / other if own is not None and other else None


@dataclass(frozen=True)
class Goal:
    """One row of what must be shown: at least or at most a ratio, for each backend."""

    words: str
    figure: str
    opponents: tuple
    at_least: bool
    bounds: tuple  # in the order of BACKENDS

    def reached(self, result, backend):
        """The least favourable ratio to any opponent, and that opponent's name; None where nothing was measured."""
        ratios = [(ratio(result, backend, opponent, self.figure), opponent) for opponent in self.opponents]
        ratios = [pair for pair in ratios if pair[0] is not None]
        return (min if self.at_least else max)(ratios) if ratios else None


GOALS = (
    Goal("TCP one stream / wireguard-go", "tcp1_gbit_s", (WIREGUARD,), True, (1.4, 2.3)),
    Goal("TCP one stream / ssh -L", "tcp1_gbit_s", ("ssh -L",), True, (0.6, 1.0)),
    Goal("TCP one stream / each packet VPN but wireguard-go", "tcp1_gbit_s", PACKET_VPNS, True, (3.0, 5.0)),
    Goal("TCP one stream / own null cipher", "tcp1_gbit_s", ("culvert null",), True, (0.5, 0.8)),
    Goal("64-byte UDP received / wireguard-go", "udp64_flood_received_pps", (WIREGUARD,), True, (1.3, 1.8)),
    Goal("CPU s/GB / wireguard-go", "cpu_s_per_gb", (WIREGUARD,), False, (0.6, 0.33)),
    Goal("ping p50 / wireguard-go", "ping_idle_p50_us", (WIREGUARD,), False, (1.0, 1.0)),
    Goal("ping p99 / wireguard-go", "ping_idle_p99_us", (WIREGUARD,), False, (1.0, 1.0)),
    Goal("ping p50 at half load / wireguard-go", "ping_load_p50_us", (WIREGUARD,), False, (1.0, 1.0)),
    Goal("ping p99 at half load / wireguard-go", "ping_load_p99_us", (WIREGUARD,), False, (1.0, 1.0)),
    Goal("peak RSS / wireguard-go", "peak_rss_mb", (WIREGUARD,), False, (0.5, 0.5)),
)


def goals(result):
    """Every goal with what was reached, as written to JSON."""
    rows = []
    for goal in GOALS:
        row = {"goal": goal.words}
        for backend, bound in zip(BACKENDS, goal.bounds):
            reached = goal.reached(result, backend)
            if reached:
                value, opponent = reached
                met = value >= bound if goal.at_least else value <= bound
                row[backend] = {"ratio": round(value, 3), "bound": bound, "met": met, "against": opponent}
        rows.append(row)
    return rows


def tables(result, markdown):
    """All tables of a result as lines of text."""
    lines = []
    for title, columns in TABLES:
        heads = ["system", *(column.head for column in columns)]
        rows = [[name, *(cell(result, name, column) for column in columns)] for name in result["systems"]]
        lines += ["", f"## {title}" if markdown else title, "", *grid(heads, rows, markdown)]
    rows = goal_rows(result)
    if rows:
        heads = ["ratio", *(head for backend in BACKENDS for head in (backend, "wanted"))]
        lines += ["", "## Ratios" if markdown else "Ratios", "", *grid(heads, rows, markdown)]
    return lines


def cell(result, system, column):
    value = figure(result, system, column.figure)
    return "-" if value is None else f"{value / column.divisor:.{column.decimals}f}"


def goal_rows(result):
    rows = []
    for goal, row in zip(GOALS, result["goals"]):
        cells = [goal.words]
        for backend, bound in zip(BACKENDS, goal.bounds):
            reached = row.get(backend)
            wanted = f"{'>=' if goal.at_least else '<='} {bound:g}"
            cells += [f"{reached['ratio']:.2f}{'' if reached['met'] else ' missed'}" if reached else "-", wanted]
        rows.append(cells)
    return rows if any(cell != "-" for row in rows for cell in row[1::2]) else []


def grid(heads, rows, markdown):
    if markdown:
        ruler = "| --- |" + " ---: |" * (len(heads) - 1)
        return ["| " + " | ".join(heads) + " |", ruler, *("| " + " | ".join(row) + " |" for row in rows)]
    # Heads are broken into words on lines of their own: the columns stay as narrow as their numbers.
    head_words = [[head] if index == 0 else head.split() for index, head in enumerate(heads)]
    height = max(map(len, head_words))
    head_rows = [[words[line - height + len(words)] if line >= height - len(words) else "" for words in head_words]
                 for line in range(height)]
    widths = [max(len(row[index]) for row in head_rows + rows) for index in range(len(heads))]
    return ["  ".join(text.ljust(width) if index == 0 else text.rjust(width)
                      for index, (text, width) in enumerate(zip(row, widths))).rstrip() for row in head_rows + rows]


def remarks(result):
    """What a reader has to know beside the figures."""
    yield machine.in_one_line(result["machine"])
    settings = result["settings"]
    yield (f"median of {settings['repetitions']} interleaved runs, TCP runs of {settings['seconds']['tcp']} s; LAN and WAN links are "
           f"veth pairs with MTU 1500, all on one machine; UDP sizes are whole IP packets")
    if not result["quiet"]:
        yield (f"NOT QUIET: others used up to {result['foreign_load_high'] * 100:.0f} % of the machine between the runs; "
               "compare nothing with this result")
    for name, reason in result["skipped"].items():
        yield f"skipped: {name}: {reason}"
    for name, system in result["systems"].items():
        for reason in system["failed_runs"]:
            yield f"failed: one run of {name}: {reason}"
        for part, reason in {key: text for run in system["runs"] for key, text in run["failures"].items()}.items():
            yield f"failed at least once: {name}: {part}: {reason}"


METHOD = """\
## How it is measured

Four network namespaces: LAN host, gateway, gateway, LAN host; the daemons run in the gateways, iperf3 and ping on the hosts.
Each run of a system has new namespaces, new keys and new daemons. Rounds are interleaved and each begins with another system.

* **start**: from starting the first daemon to the first answered ping, all commands in between included
* **TCP**: what arrived, after a warm-up, with Linux's default congestion control (cubic) whatever the machine is set to;
  **retransmits** of that run
* **CPU s/GB**: user and system time of both gateways' processes during the one-stream run, per 10^9 bytes that arrived;
  *machine* is all CPU time in that run, load generator and kernel included
* **ping**: at most one per millisecond; *half load* is a TCP stream at half of what the system itself carried, so a faster system carries more
* **UDP flooded**: what arrived while the sender sent as fast as it could; **lossless**: the highest rate with under 0.1 % loss
* **peak RSS**: VmHWM of the larger gateway at the end of its run

Daemons, load generator and kernel share the cores, so rates are lower than between real machines; the ratios are what counts.""".split("\n")


def markdown_page(result):
    lines = ["# Benchmark", "",
             f"Made by `vpn-core/src/bench/network/bench --publish` on {result['when'][:10]}; all runs are in `benchmark.json`.", "",
             "![throughput, cost and latency of every system](benchmark.svg)", "", *(f"* {remark}" for remark in remarks(result)),
             *tables(result, markdown=True), "", *METHOD, "", "## Versions and settings", "", "| system | version | settings |", "| --- | --- | --- |",
             *(f"| {name} | {system['version']} | {system['settings']} |" for name, system in result["systems"].items()), ""]
    return "\n".join(lines)
