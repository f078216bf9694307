"""The result as one picture: a row for each system, a column for each figure."""

from dataclasses import dataclass
from html import escape
from math import log10

import machine
from report import BITS_1400


@dataclass(frozen=True)
class Panel:
    title: str
    better: str
    figure: str
    decimals: int
    divisor: float = 1.0
    logarithmic: bool = False  # where the worst is a thousand times the best


PANELS = (
    Panel("TCP, one stream, Gbit/s", "more is better", "tcp1_gbit_s", 2),
    Panel("UDP 1400 B lossless, Gbit/s", "more is better", "udp1400_lossless_pps", 2, BITS_1400),
    Panel("UDP 64 B received, kpps", "more is better", "udp64_flood_received_pps", 0, 1e3),
    Panel("CPU of both daemons, s/GB", "less is better", "cpu_s_per_gb", 2),
    Panel("ping p99 at half load, µs", "less is better, logarithmic", "ping_load_p99_us", 0, 1.0, True),
    Panel("peak RSS of a gateway, MB", "less is better", "peak_rss_mb", 0),
)
LABELS, PANEL, GAP, ROW, HEAD, FOOT = 150, 170, 36, 24, 64, 40  # pixels
OWN, OWN_NULL, OTHER, INK, FAINT = "#0b7a75", "#8cc7c3", "#8a94a6", "#1f2430", "#6b7280"


def svg(result):
    systems = sorted(result["systems"], key=lambda name: -median(result, name, "tcp1_gbit_s"))
    width = LABELS + len(PANELS) * (PANEL + GAP)
    height = HEAD + len(systems) * ROW + FOOT
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for row, name in enumerate(systems):
        weight = ' font-weight="bold"' if name.startswith("culvert") else ""
        parts.append(f'<text x="{LABELS - 10}" y="{HEAD + row * ROW + 16}" text-anchor="end" fill="{INK}"{weight}>{escape(name)}</text>')
    for index, panel in enumerate(PANELS):
        parts += draw(panel, LABELS + index * (PANEL + GAP), result, systems)
    quiet = "" if result["quiet"] else " NOT QUIET: compare nothing with this."
    note = (f"{result['when'][:10]}; medians of {result['settings']['repetitions']} runs, thin lines from lowest to highest. "
            f"{machine.in_one_line(result['machine'])}.{quiet}")
    parts += [f'<text x="10" y="{height - 14}" fill="{FAINT}" font-size="11">{escape(note)}</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def draw(panel, left, result, systems):
    """The bars of one column; a system without the figure has none."""
    parts = [f'<text x="{left}" y="26" fill="{INK}" font-weight="bold">{escape(panel.title)}</text>',
             f'<text x="{left}" y="42" fill="{FAINT}" font-size="11">{panel.better}</text>',
             f'<line x1="{left}" x2="{left}" y1="{HEAD - 8}" y2="{HEAD + len(systems) * ROW}" stroke="{FAINT}" stroke-width="0.5"/>']
    shown = {name: result["systems"][name]["summary"][panel.figure] for name in systems
             if panel.figure in result["systems"][name]["summary"]}
    if not shown:
        return parts
    length = scale(panel, [value for summary in shown.values() for value in (summary["median"], summary["high"]) if value > 0])
    for row, name in enumerate(systems):
        if name not in shown:
            continue
        value, low, high = (shown[name][key] for key in ("median", "low", "high"))
        top = HEAD + row * ROW
        colour = OWN_NULL if name == "culvert null" else OWN if name.startswith("culvert") else OTHER
        parts += [f'<rect x="{left}" y="{top + 4}" width="{length(value):.1f}" height="{ROW - 8}" fill="{colour}"/>',
                  f'<line x1="{left + length(low):.1f}" x2="{left + length(high):.1f}" y1="{top + ROW / 2}" y2="{top + ROW / 2}" '
                  f'stroke="{INK}" stroke-width="1"/>',
                  f'<text x="{left + length(max(value, high)) + 4:.1f}" y="{top + 16}" fill="{INK}">'
                  f'{value / panel.divisor:.{panel.decimals}f}</text>']
    return parts


def scale(panel, values):
    """A function from a value to pixels; the longest bar leaves room for its number."""
    room = PANEL - 40
    longest = max(values, default=1)
    if not panel.logarithmic:
        return lambda value: room * value / longest
    # half a decade below the shortest bar, so that the best still has one
    begin = log10(min(values)) - 0.5
    return lambda value: room * max(log10(value) - begin, 0) / (log10(longest) - begin) if value > 0 else 0


def median(result, name, figure):
    return result["systems"][name]["summary"].get(figure, {"median": 0})["median"]
