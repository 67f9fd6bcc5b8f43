#!/usr/bin/env python3
"""Tables of numbers with gaps, and scikit-learn's IterativeImputer on them; `benchmarks/impute` calls it.

    python3 sklearn_impute.py remove --table Vehicle.csv --without Class --whole whole.csv --gaps gaps.csv
    python3 sklearn_impute.py impute --gaps gaps.csv --out filled.csv --json result.json

`remove` standardises every column by all its values and removes half of the cells, those where
numpy.random.default_rng(0).random(shape) < 0.5. It writes the table before (--whole) and after (--gaps, NA for what was removed).
Without --table it takes the breast cancer table that scikit-learn has (WDBC).

`impute` fills the gaps, in at most 20 rounds of its default estimator, a Bayesian ridge regression. The seconds in the result are
those of fit_transform alone.
"""

import argparse
import csv
import json
import os
import sys
import time
import warnings
from pathlib import Path

# by default OpenBLAS takes all cores; read when the library is loaded, so before NumPy
os.environ.setdefault("OPENBLAS_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))

try:
    import numpy as np
    import sklearn
    from sklearn.datasets import load_breast_cancer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer
except ImportError as missing:
    sys.exit(f"scikit-learn is not there: {missing}")

ROUNDS = 20
REMOVED = 0.5
GAP = "NA"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    work = parser.add_subparsers(dest="work", required=True)
    remove = work.add_parser("remove")
    remove.add_argument("--table", type=Path, metavar="FILE", help="CSV of numbers with names (default: WDBC)")
    remove.add_argument("--without", metavar="COLUMN", help="that is left out, such as the class")
    remove.add_argument("--whole", type=Path, required=True, metavar="FILE")
    remove.add_argument("--gaps", type=Path, required=True, metavar="FILE")
    impute = work.add_parser("impute")
    impute.add_argument("--gaps", type=Path, required=True, metavar="FILE")
    impute.add_argument("--rounds", type=int, default=ROUNDS)
    impute.add_argument("--out", type=Path, required=True, metavar="FILE")
    impute.add_argument("--json", type=Path, required=True, metavar="FILE")
    return parser.parse_args()


def read(file):
    """Names, and an array with NaN for gaps."""
    with open(file, newline="") as lines:
        names, *rows = csv.reader(lines)
    return names, np.array([[float("nan" if cell == GAP else cell) for cell in row] for row in rows])


def table(options):
    if options.table is None:
        data = load_breast_cancer()
        return [name.replace(" ", ".") for name in data.feature_names], data.data
    with open(options.table, newline="") as lines:
        names, *rows = csv.reader(lines)
    kept = [i for i, name in enumerate(names) if name != options.without]
    return [names[i] for i in kept], np.array([[float(row[i]) for i in kept] for row in rows])


def write(file, names, x):
    with open(file, "w", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([GAP if np.isnan(value) else repr(float(value)) for value in row] for row in x)


def remove(options):
    names, x = table(options)
    x = (x - x.mean(0)) / x.std(0)
    write(options.whole, names, x)
    write(options.gaps, names, np.where(np.random.default_rng(0).random(x.shape) < REMOVED, np.nan, x))


def impute(options):
    names, x = read(options.gaps)
    # rounds that do not converge are the ones asked for
    warnings.simplefilter("ignore", ConvergenceWarning)
    imputer = IterativeImputer(max_iter=options.rounds, random_state=0)
    begin = time.perf_counter()
    filled = imputer.fit_transform(x)
    seconds = time.perf_counter() - begin
    write(options.out, names, filled)
    options.json.write_text(json.dumps({"version": sklearn.__version__, "rounds": imputer.n_iter_, "seconds": seconds}) + "\n")


def main():
    options = parse()
    remove(options) if options.work == "remove" else impute(options)


if __name__ == "__main__":
    main()
