#!/usr/bin/env python3
"""Makes the bundled digits (src/main/resources/dev/elbo/data/digits) from scikit-learn's digits.csv.gz.

Usage: digits.py .../sklearn/datasets/data/digits.csv.gz OUTPUT_FOLDER

Needs nothing but Python. The same input gives the same bytes.
"""

import gzip
import hashlib
import pathlib
import struct
import sys

CSV_SHA256 = "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a"


def main(source, folder):
    packed = pathlib.Path(source).read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != CSV_SHA256:
        sys.exit(f"{source}: SHA-256 is {found}, expected {CSV_SHA256}")
    rows = [[int(float(field)) for field in line.split(",")] for line in gzip.decompress(packed).decode().split()]
    assert len(rows) == 1797 and all(len(row) == 65 for row in rows)
    assert all(0 <= value <= 16 for row in rows for value in row[:64])
    assert all(0 <= row[64] <= 9 for row in rows)
    folder = pathlib.Path(folder)
    images = struct.pack(">4I", 0x0803, len(rows), 8, 8) + bytes(value for row in rows for value in row[:64])
    labels = struct.pack(">2I", 0x0801, len(rows)) + bytes(row[64] for row in rows)
    (folder / "images-idx3-ubyte").write_bytes(images)
    (folder / "labels-idx1-ubyte").write_bytes(labels)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
