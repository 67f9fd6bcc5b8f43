"""Tables with gaps as CSV files, what their columns are in a model, and how well gaps are filled.

Cells are kept as they are in a file, quotes included; no field of these tables has a comma in it.
"""

import collections
import json
import math
import pathlib
import random
import statistics
import struct

GAP = "NA"
NUMBERS = ("gaussian", "poisson", "negative-binomial")


def word(cell):
    return cell.strip('"')


def is_gap(cell):
    return cell == GAP


def read(file):
    """Names, and rows of cells."""
    header, *lines = pathlib.Path(file).read_text().splitlines()
    names = [word(name) for name in header.split(",")]
    rows = [line.split(",") for line in lines]
    for number, row in enumerate(rows, 2):
        if len(row) != len(names):
            raise ValueError(f"{file}, line {number}: {len(row)} fields, the first line has {len(names)}")
    return names, rows


def write(file, names, rows):
    with open(file, "w") as out:
        out.write(",".join(names) + "\n")
        out.writelines(",".join(row) + "\n" for row in rows)


def remove(names, rows, share, kept, seed=0):
    """The rows with gaps in place of a share of the cells, drawn at random, but none in the columns that are kept."""
    draws = random.Random(seed)
    return [
        [GAP if draws.random() < share and name not in kept else cell for name, cell in zip(names, row)] for row in rows
    ]


def kinds(model):
    """{name: kind} of the columns of elbo's model; "constant" is the kind of those that have one value."""
    with open(model, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        metadata = json.loads(file.read(length))["__metadata__"]
    return {column["name"]: column.get("kind", "constant") for column in json.loads(metadata["elbo.table"])["columns"]}


def check_kept(gaps, filled):
    """Raises ValueError unless every gap is filled and every other cell is as it was, byte for byte."""
    (names, before), (others, after) = read(gaps), read(filled)
    if names != others or len(before) != len(after):
        raise ValueError(f"{filled} has not the columns and rows of {gaps}")
    for line, (old, new) in enumerate(zip(before, after), 2):
        for name, cell, made in zip(names, old, new):
            if is_gap(made):
                raise ValueError(f"{filled}, line {line}, column '{name}': still a gap")
            if not is_gap(cell) and made != cell:
                raise ValueError(f"{filled}, line {line}, column '{name}': {made}, but it was {cell}")


def squared_error(whole, gaps, filled):
    """Mean over what was removed."""
    return statistics.fmean(
        (float(made) - float(truth)) ** 2
        for rows in zip(read(whole)[1], read(gaps)[1], read(filled)[1])
        for truth, cell, made in zip(*rows)
        if is_gap(cell) and not is_gap(truth)
    )


def by_kind(whole, gaps, filled, kind_of):
    """
    {kind: how well its columns are filled}, over what was removed: of numbers the root of the mean squared error in units of
    each column's deviation, beside the column's mean; of words the share that is right, beside the most frequent one. Columns
    of one value are left out.
    """
    names, truths = read(whole)
    holes, made = read(gaps)[1], read(filled)[1]
    found = collections.defaultdict(list)  # of a kind: (own error, the simple one's) of each cell
    columns = collections.defaultdict(dict)
    for i, name in enumerate(names):
        kind = kind_of.get(name, "constant")
        removed = [row for row in range(len(holes)) if is_gap(holes[row][i]) and not is_gap(truths[row][i])]
        if kind == "constant" or not removed:
            continue
        there = [word(row[i]) for row in holes if not is_gap(row[i])]
        pairs = [(word(truths[row][i]), word(made[row][i])) for row in removed]
        cells = numbers(there, pairs) if kind in NUMBERS else words(there, pairs)
        found[kind] += cells
        columns[kind][name] = {"removed": len(cells), **told(kind, cells)}
    return {
        kind: {"columns": columns[kind], "removed": len(cells), **told(kind, cells)} for kind, cells in sorted(found.items())
    }


def numbers(there, pairs):
    values = [float(value) for value in there]
    mean, deviation = statistics.fmean(values), statistics.pstdev(values)
    return [(((float(b) - float(a)) / deviation) ** 2, ((mean - float(a)) / deviation) ** 2) for a, b in pairs]


def words(there, pairs):
    mode = collections.Counter(there).most_common(1)[0][0]
    return [(a == b, a == mode) for a, b in pairs]


def told(kind, cells):
    own, simple = (statistics.fmean(column) for column in zip(*cells))
    if kind in NUMBERS:
        return {"rmse": math.sqrt(own), "rmse_of_mean": math.sqrt(simple), "better": own < simple}
    return {"accuracy": own, "accuracy_of_mode": simple, "better": own > simple}
