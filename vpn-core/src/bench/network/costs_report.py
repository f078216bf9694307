"""costs.json as tables, put between two marks of costs.md, and as one picture."""

import re
from html import escape

import machine

BEGIN, END = "<!-- costs: begin -->", "<!-- costs: end -->"
LABELS, PANEL, GAP, ROW, HEAD, FOOT, APART = 200, 150, 26, 22, 64, 40, 10  # pixels
OWN, OTHER, INK, FAINT = "#0b7a75", "#8a94a6", "#1f2430", "#6b7280"
WINDOW_AT_S = (0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0)


def write(result, folder):
    links = list(result["links"].values())
    (folder / "costs.svg").write_text(svg(links))
    page = folder / "costs.md"
    # A function, because the tables may hold what re takes for a reference.
    text = re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{tables(links)}{END}", page.read_text(), flags=re.DOTALL)
    page.write_text(text)


def tables(links):
    parts = [f"\n{when(links)}; {machine.in_one_line(links[0]['machine'])}.\n"]
    for link in links:
        parts.append(f"\n### {link['title']}\n\n{link['file_bytes']:,} bytes, median of {link['repetitions']}.\n\n")
        parts.append(table(link, link["random"]))
        if "text" in link and link["text"]:
            parts.append(f"\nText of the same length:\n\n{table(link, link['text'])}")
        if link["windows"]:
            parts.append(f"\nCongestion window of the connection that sends over the WAN, in segments, as `ss -ti` shows it during one "
                         f"more transfer:\n\n{window_table(link['windows'])}")
    return "".join(parts) + "\n"


def when(links):
    days = sorted({link["when"][:10] for link in links})
    commits = list(dict.fromkeys(link["product_commit"] for link in links))
    return f"{' and '.join(days)}, commit{'s' if len(commits) > 1 else ''} {', '.join(commits)}"


def table(link, systems):
    plain = systems["plain routing"]["seconds"]
    parts = ["| | time, s | lowest to highest | to plain | Mbit/s | first transfer, s | CPU of both ends, s |",
             " bytes on the wire | more than the file |\n", "| --- |", " ---: |" * 8, "\n"]
    for name, figures in systems.items():
        first = f"{figures['cold_s']:.3f}" if systems is link["random"] else ""
        more = 100 * (figures["wire_bytes"] / link["file_bytes"] - 1)
        parts.append(f"| {name} | {figures['seconds']:.3f} | {figures['lowest_s']:.3f} to {figures['highest_s']:.3f} | "
                     f"{figures['seconds'] / plain:.2f} | {rate(link, figures):.3g} | {first} | {figures['cpu_s']:.3f} | "
                     f"{figures['wire_bytes']:,.0f} | {more:.1f} % |\n")
    return "".join(parts)


def window_table(windows):
    parts = ["| after, s |", *(f" {at:g} |" for at in WINDOW_AT_S), "\n| --- |", " ---: |" * len(WINDOW_AT_S), "\n"]
    for name, samples in windows.items():
        nearest = [min(samples, key=lambda sample: abs(sample[0] - at)) for at in WINDOW_AT_S]
        cells = [str(segments) if abs(s - at) < 0.1 else "" for (s, segments), at in zip(nearest, WINDOW_AT_S)]
        parts += [f"| {name} |", *(f" {cell} |" for cell in cells), "\n"]
    return "".join(parts)


def rate(link, figures):
    return link["file_bytes"] * 8 / figures["seconds"] / 1e6


def svg(links):
    rows = [("random", name) for name in dict.fromkeys(name for link in links for name in link["random"])]
    rows += [("text", name) for name in dict.fromkeys(name for link in links for name in link["text"])]
    width = LABELS + len(links) * (PANEL + GAP)
    block = HEAD + len(rows) * ROW + 2 * APART
    height = 2 * block + FOOT
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for top, title, unit, value in ((0, "Throughput of one file", "Mbit/s, more is better", rate),
                                    (block, "CPU of both ends", "s per transfer, less is better", lambda _, figures: figures["cpu_s"])):
        parts += [f'<text x="10" y="{top + 24}" fill="{INK}" font-weight="bold" font-size="13">{title}</text>',
                  f'<text x="10" y="{top + 40}" fill="{FAINT}">{unit}</text>']
        for row, (content, name) in enumerate(rows):
            parts.append(f'<text x="{LABELS - 8}" y="{top + place(rows, row) + 15}" text-anchor="end" fill="{INK}">'
                         f'{escape(name)}{": text" if content == "text" else ""}</text>')
        for index, link in enumerate(links):
            parts += panel(link, LABELS + index * (PANEL + GAP), top, rows, value)
    note = f"{when(links)}; medians; {machine.in_one_line(links[0]['machine'])}."
    parts += [f'<text x="10" y="{height - 12}" fill="{FAINT}">{escape(note)}</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def panel(link, left, top, rows, value):
    """One link's bars, the longest as long as there is room beside its number."""
    title, _, remark = link["title"].partition(", ")
    parts = [f'<text x="{left}" y="{top + 24}" fill="{INK}" font-weight="bold">{escape(title)}</text>',
             f'<text x="{left}" y="{top + 40}" fill="{FAINT}">{escape(remark.split(" (")[0])}</text>',
             f'<line x1="{left}" x2="{left}" y1="{top + HEAD - 8}" y2="{top + place(rows, len(rows) - 1) + ROW}" stroke="{FAINT}" stroke-width="0.5"/>']
    values = {row: value(link, link[row[0]][row[1]]) for row in rows if row[1] in link[row[0]]}
    pixels_each = (PANEL - 40) / max(values.values())
    for index, row in enumerate(rows):
        if row in values:
            length, y = pixels_each * values[row], top + place(rows, index)
            parts += [f'<rect x="{left}" y="{y + 3}" width="{length:.1f}" height="{ROW - 7}" fill="{OWN if row[1].startswith("culvert") else OTHER}"/>',
                      f'<text x="{left + length + 4:.1f}" y="{y + 15}" fill="{INK}">{shown(values[row])}</text>']
    return parts


def place(rows, index):
    """Where a row begins, in pixels below its block: those with text stand apart."""
    return HEAD + index * ROW + (APART if rows[index][0] == "text" else 0)


def shown(value):
    return f"{value:.0f}" if value >= 100 or value == 0 else f"{value:.3g}" if value >= 0.1 else f"{value:.3f}"
