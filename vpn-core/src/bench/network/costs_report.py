"""costs.json as tables, put between two marks of costs.md, and as one picture."""

import re
from html import escape

import machine

BEGIN, END = "<!-- costs: begin -->", "<!-- costs: end -->"
LABELS, PANEL, GAP, ROW, HEAD, FOOT = 170, 150, 30, 22, 60, 36  # pixels
OWN, OTHER, INK, FAINT = "#0b7a75", "#8a94a6", "#1f2430", "#6b7280"


def write(result, folder):
    (folder / "costs.svg").write_text(svg(result))
    page = folder / "costs.md"
    if page.exists():
        # A function, because the tables may hold what re takes for a reference.
        text = re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{tables(result)}{END}", page.read_text(), flags=re.DOTALL)
        page.write_text(text)


def tables(result):
    parts = [f"\n{result['when'][:10]}, commits {result['machine']['commit']}; {machine.in_one_line(result['machine'])}.\n"]
    for link in result["links"].values():
        plain = link["systems"].get("plain routing", {}).get("seconds")
        parts.append(f"\n### {link['title']}\n\n{link['file_bytes']:,} bytes.\n\n"
                     "| | time, s | to plain | Mbit/s | CPU of both ends, s | bytes on the wire | more than the file |\n"
                     "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
        for name, figures in link["systems"].items():
            if "failure" in figures:
                parts.append(f"| {name} | failed: {figures['failure'][:80]} | | | | | |\n")
                continue
            ratio = f"{figures['seconds'] / plain:.2f}" if plain else ""
            more = 100 * (figures["wire_bytes"] / link["file_bytes"] - 1)
            parts.append(f"| {name} | {figures['seconds']:.3f} | {ratio} | {rate(link, figures):.3g} | {figures['cpu_s']:.2f} | "
                         f"{figures['wire_bytes']:,.0f} | {more:.1f} % |\n")
    return "".join(parts) + "\n"


def rate(link, figures):
    return link["file_bytes"] * 8 / figures["seconds"] / 1e6


def svg(result):
    links = list(result["links"].values())
    systems = list(dict.fromkeys(name for link in links for name in link["systems"]))
    width, height = LABELS + len(links) * (PANEL + GAP), HEAD + len(systems) * ROW + FOOT
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for row, name in enumerate(systems):
        parts.append(f'<text x="{LABELS - 8}" y="{HEAD + row * ROW + 15}" text-anchor="end" fill="{INK}">{escape(name)}</text>')
    for index, link in enumerate(links):
        parts += panel(link, LABELS + index * (PANEL + GAP), systems)
    note = f"Throughput of one file, Mbit/s; more is better. {result['when'][:10]}; {machine.in_one_line(result['machine'])}."
    parts += [f'<text x="10" y="{height - 12}" fill="{FAINT}">{escape(note)}</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def panel(link, left, systems):
    title, _, remark = link["title"].partition(", ")
    parts = [f'<text x="{left}" y="24" fill="{INK}" font-weight="bold">{escape(title)}</text>',
             f'<text x="{left}" y="40" fill="{FAINT}" font-size="10">{escape(remark.split(" (")[0])}</text>']
    rates = {name: rate(link, figures) for name, figures in link["systems"].items() if "seconds" in figures}
    for row, name in enumerate(systems):
        if name in rates:
            length = (PANEL - 45) * rates[name] / max(rates.values())
            top = HEAD + row * ROW
            colour = OWN if name.startswith("culvert") else OTHER
            parts += [f'<rect x="{left}" y="{top + 3}" width="{length:.1f}" height="{ROW - 7}" fill="{colour}"/>',
                      f'<text x="{left + length + 4:.1f}" y="{top + 15}" fill="{INK}">{rates[name]:.3g}</text>']
    return parts
