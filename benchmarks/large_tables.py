"""Two large tables for timing: one of mixed columns with gaps, and one of numbers alone that is as wide for a model."""

import math
import pathlib
import random

from tables import GAP, write

ROWS = 100_000
FACTORS = 4
GAPS = 0.05
SIZES = (3, 4, 5, 6, 8, 12)
COLUMNS = [  # (kind, categories or 0), 60 columns
    *[("gaussian", 0)] * 24,
    *[("bernoulli", 0)] * 12,
    *(("categorical", size) for size in 2 * SIZES),
    *[("poisson", 0)] * 6,
    *[("negative-binomial", 0)] * 6,
]
# places of an example: one for each category
WIDTH = sum(size or 1 for _, size in COLUMNS)


def name_of(column):
    return f"{COLUMNS[column][0].replace('-', '_')}_{column + 1}"


# kinds that the values do not tell, NAME=KIND
COUNTS = [f"{name_of(i)}={kind}" for i, (kind, _) in enumerate(COLUMNS) if kind in ("poisson", "negative-binomial")]


def make(folder, rows=ROWS):
    """{name: path} of both, written to the folder."""
    files = {name: str(pathlib.Path(folder) / f"{name}.csv") for name in ("mixed", "plain")}
    mixed(files["mixed"], rows)
    plain(files["plain"], rows)
    return files


def mixed(file, rows):
    """Writes a table of numbers, yes and no, categories and counts, with gaps, whose columns share a few factors."""
    draws = random.Random(1)
    weights = loadings(draws, len(COLUMNS))
    write(file, [name_of(i) for i in range(len(COLUMNS))], (mixed_row(draws, weights) for _ in range(rows)))


def mixed_row(draws, weights):
    made = zip(COLUMNS, values(draws, weights))
    return [GAP if draws.random() < GAPS else cell(kind, size, value) for (kind, size), value in made]


def plain(file, rows):
    """Writes a table of numbers alone, as wide as the mixed one is for a model."""
    draws = random.Random(2)
    weights = loadings(draws, WIDTH)
    write(file, [f"x{i + 1}" for i in range(WIDTH)], ([f"{v:.5g}" for v in values(draws, weights)] for _ in range(rows)))


def loadings(draws, columns):
    return [[draws.gauss(0, 0.4) for _ in range(FACTORS)] for _ in range(columns)]


def values(draws, weights):
    """Of one row: about standard normal."""
    a, b, c, d = (draws.gauss(0, 1) for _ in range(FACTORS))
    return [a * p + b * q + c * r + d * s + draws.gauss(0, 0.6) for p, q, r, s in weights]


def cell(kind, size, value):
    if kind == "gaussian":
        return f"{20 + 5 * value:.5g}"
    if kind == "bernoulli":
        return "yes" if value > 0.5 else "no"
    if kind == "categorical":
        return "abcdefghijkl"[min(int(size * 0.5 * (1 + math.erf(value / math.sqrt(2)))), size - 1)]
    return str(int(math.exp(1 + value)))
