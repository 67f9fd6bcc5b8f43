"""Bars with quartiles as one SVG that reads on light and dark pages."""

from xml.sax.saxutils import escape

WIDTH, LEFT, ROW, TOP = 720, 150, 34, 56


def bars(title, unit, quartiles):
    """`quartiles` is {name: (low, median, high)}; the first is the one that the others are compared with."""
    longest = max(high for _, _, high in quartiles.values())
    span = WIDTH - LEFT - 110
    height = TOP + ROW * len(quartiles) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="14">',
        "<style>text{fill:#333}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
        f'<text x="12" y="22" font-weight="bold">{escape(title)}</text>',
        f'<text x="12" y="42" font-size="12">{escape(unit)}: median, quartiles</text>',
    ]
    for i, (name, (low, middle, high)) in enumerate(quartiles.items()):
        y = TOP + ROW * i
        end = LEFT + span * middle / longest
        colour = "#2a78d6" if i == 0 else "#9aa5b1"
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 18}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{end - LEFT:.1f}" height="22" rx="3" fill="{colour}"/>',
            f'<path d="M{LEFT + span * low / longest:.1f} {y + 14}H{LEFT + span * high / longest:.1f}" stroke="#e08a2b"'
            ' stroke-width="3"/>',
            f'<text x="{max(end, LEFT + span * high / longest) + 8:.1f}" y="{y + 18}">{middle:,.0f}</text>',
        ]
    return "\n".join(parts) + "\n</svg>\n"
