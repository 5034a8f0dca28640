#!/usr/bin/env python3
"""timeline_svg.py TEXT > PICTURE: draws the timeline that a failing exploration printed.

TEXT is what the program said; the drawing begins at the line of lanes ("step  time  ...") and goes on
to "The failure needs". Deviations are red, notes grey, as they are in a terminal with colours.
"""

import re
import sys
from xml.sax.saxutils import escape

COLUMN, ROW, MARGIN = 7.25, 17, 14


def style(line, number):
    if number == 0:
        return "lane"
    if re.match(r"\s+\d+\s+\S+ \*", line):
        return "deviation"
    return "step" if re.match(r"\s+\d+ ", line) else "note"


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    drawing = re.search(r"^ *step  time.*?(?=^$)", text, re.S | re.M).group().rstrip().split("\n")
    facts = re.search(r"^The failure needs:\n.*?(?=^$)", text, re.S | re.M).group().rstrip().split("\n")
    lines = [(line, style(line, i)) for i, line in enumerate(drawing)]
    lines += [("", "note")] + [(line, "fact") for line in facts]
    width = int(max(len(line) for line, _ in lines) * COLUMN + 2 * MARGIN)
    height = len(lines) * ROW + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">')
    print("<style>text{font:12px 'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre;"
          "fill:#24292f}.lane,.fact{font-weight:bold}.note{fill:#6e7781}.deviation{fill:#cf222e}"
          ".page{fill:#ffffff;stroke:#d0d7de}</style>")
    print(f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>')
    for number, (line, name) in enumerate(lines):
        y = MARGIN + number * ROW + 12
        print(f'<text class="{name}" x="{MARGIN}" y="{y}" xml:space="preserve">{escape(line)}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
