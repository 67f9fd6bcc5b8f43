"""Bars with quartiles as one SVG that reads on light and dark pages."""

from xml.sax.saxutils import escape

WIDTH, ROW, TOP = 720, 34, 56
LETTER = 7.4  # pixels of one, about


def text(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def bars(title, unit, quartiles, own="elbo"):
    """`quartiles` is {name: (low, median, high)}; those whose name begins with `own` stand out."""
    longest = max(high for _, _, high in quartiles.values())
    left = round(max(150, 20 + LETTER * max(map(len, quartiles))))
    span = WIDTH - left - 110
    height = TOP + ROW * len(quartiles) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="14">',
        "<style>text{fill:#333}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
        f'<text x="12" y="22" font-weight="bold">{escape(title)}</text>',
        f'<text x="12" y="42" font-size="12">{escape(unit)}: median, quartiles</text>',
    ]
    for i, (name, (low, middle, high)) in enumerate(quartiles.items()):
        y = TOP + ROW * i
        end = left + span * middle / longest
        colour = "#2a78d6" if name.startswith(own) else "#9aa5b1"
        parts += [
            f'<text x="{left - 10}" y="{y + 18}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{left}" y="{y + 3}" width="{end - left:.1f}" height="22" rx="3" fill="{colour}"/>',
            f'<path d="M{left + span * low / longest:.1f} {y + 14}H{left + span * high / longest:.1f}" stroke="#e08a2b"'
            ' stroke-width="3"/>',
            f'<text x="{max(end, left + span * high / longest) + 8:.1f}" y="{y + 18}">{text(middle)}</text>',
        ]
    return "\n".join(parts) + "\n</svg>\n"
