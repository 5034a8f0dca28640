"""Plots as inline SVG; colours and fonts are the page's."""

import html
import math

WIDTH, LEFT, RIGHT = 720, 150, 20
ROW = 24


def tidy(value):
    """Few digits, and no exponent."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.4g}{unit}"
    return f"{value:.3g}"


class Axis:
    """Logarithmic; a 0 stands one step left of the least that is not."""

    def __init__(self, values, title="", begin=LEFT, end=WIDTH - RIGHT):
        self.values, self.title, self.begin, self.end = values, title, begin, end
        positive = [value for value in values if value > 0]
        self.floor = min(positive) / 4 if len(positive) < len(values) else min(positive)
        self.low, self.high = math.log(self.floor), math.log(max(positive))
        if self.high - self.low < 1e-9:
            self.low, self.high = self.low - 0.5, self.high + 0.5

    def at(self, value):
        part = (math.log(max(value, self.floor)) - self.low) / (self.high - self.low)
        return self.begin + part * (self.end - self.begin)

    def ticks(self):
        """1, 2 and 5 of every power of ten, thinned where there would be many."""
        first, last = math.floor(self.low / math.log(10)), math.ceil(self.high / math.log(10))
        leads = (1, 2, 5) if last - first <= 2 else (1,)
        all_ticks = [lead * 10.0**power for power in range(first, last + 1) for lead in leads]
        within = [t for t in all_ticks if self.low - 1e-9 <= math.log(t) <= self.high + 1e-9]
        return within[::max(1, math.ceil(len(within) / 9))]


def label(x, y, text, anchor="middle", kind=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{html.escape(text)}</text>")


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def svg(height, parts, title):
    return (f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(title)}">'
            f"{''.join(parts)}</svg>")


def interval_plot(lines, band):
    """`lines`: (title, counters) each; a point with its interval and extremes, beside core's 1."""
    ratios = [row[key] for _, row in lines for key in ("ratio_min", "ratio_max")]
    axis = Axis([min(0.8, *ratios), max(1.25, *ratios)])
    bottom = ROW * len(lines) + 6
    parts = []
    for title, row in lines:
        if title == band:
            low, high = axis.at(row["ratio_low"]), axis.at(row["ratio_high"])
            parts.append(f'<rect x="{low:.1f}" y="0" width="{high - low:.1f}" height="{bottom}" '
                         'class="band"/>')
    for tick in axis.ticks():
        parts.append(line(axis.at(tick), 0, axis.at(tick), bottom, "grid"))
        parts.append(label(axis.at(tick), bottom + 16, f"{tick:g}", kind="soft"))
    parts.append(line(axis.at(1), 0, axis.at(1), bottom, "floor"))
    parts.append(label(axis.end, bottom + 32, "time, by that of gRPC core", "end", "soft"))
    for index, (title, row) in enumerate(lines):
        y = ROW * index + ROW / 2
        kind = "b" if title == "Weft" else "a"
        parts.append(label(LEFT - 10, y + 4, title, "end"))
        parts.append(line(axis.at(row["ratio_min"]), y, axis.at(row["ratio_max"]), y,
                          f"{kind} thin-line"))
        parts.append(line(axis.at(row["ratio_low"]), y, axis.at(row["ratio_high"]), y,
                          f"{kind} wide-line"))
        parts.append(f'<circle cx="{axis.at(row["ratio_to_core"]):.1f}" cy="{y}" r="5" '
                     f'class="{kind}"/>')
    return svg(bottom + 40, parts, "ratios to gRPC core")


def line_plot(lines, x, key, title):
    """`lines`: for each client its rows, with x, `key` and perhaps the ends of its interval."""
    short = {"real_time": "us"}.get(key, key)
    shown = {client: [row for row in rows if row.get(key)] for client, rows in lines.items()}
    values = [row.get(f"{short}_{end}", row[key])
              for rows in shown.values() for row in rows for end in ("low", "high")]
    top, bottom = 30, 250
    y = Axis([min(values) * 0.8, max(values) * 1.25], begin=bottom, end=top)
    parts = []
    for tick in y.ticks():
        parts.append(line(x.begin, y.at(tick), x.end, y.at(tick), "grid"))
        parts.append(label(x.begin - 8, y.at(tick) + 4, tidy(tick), "end", "soft"))
    for tick in dict.fromkeys(x.values):
        parts.append(line(x.at(tick), bottom, x.at(tick), bottom + 4, "grid"))
        parts.append(label(x.at(tick), bottom + 18, tidy(tick) if tick else "0", kind="soft"))
    parts.append(label(x.end, bottom + 36, x.title, "end", "soft"))
    parts.append(label(10, 16, title, "start"))
    for index, (client, rows) in enumerate(shown.items()):
        kind = "b" if client == "weft" else "a"
        points = [(x.at(row["x"]), row) for row in rows]
        path = " ".join(f"{at:.1f},{y.at(row[key]):.1f}" for at, row in points)
        parts.append(f'<polyline points="{path}" class="{kind}"/>')
        for at, row in points:
            parts.append(line(at, y.at(row.get(f"{short}_low", row[key])), at,
                              y.at(row.get(f"{short}_high", row[key])), f"{kind} thin-line"))
            parts.append(f'<circle cx="{at:.1f}" cy="{y.at(row[key]):.1f}" r="3" class="{kind}"/>')
        parts.append(f'<circle cx="{WIDTH - 190 + 90 * index}" cy="12" r="4" class="{kind}"/>')
        parts.append(label(WIDTH - 180 + 90 * index, 16, {"weft": "Weft", "core": "core"}[client],
                           "start"))
    return svg(bottom + 46, parts, title)
