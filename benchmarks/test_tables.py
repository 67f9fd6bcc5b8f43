"""Tests of benchmarks/impute and of the tables of benchmarks/run, without elbo, R and scikit-learn: small scripts stand in."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import large_tables
import tables


def script(name):
    loader = importlib.machinery.SourceFileLoader(f"benchmarks_{name}", str(HERE / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


IMPUTE, RUN = script("impute"), script("run")
PEER_PYTHON = "/usr/bin/python3"

# trains in no time; fills gaps with FILL, a word by the column's name, and tells the kinds in KINDS
ELBO = """#!%(python)s
import json, os, pathlib, struct, sys
words = sys.argv[1:]
with open(os.environ["CALLS"], "a") as calls: calls.write(" ".join(words) + "\\n")
value = lambda name: words[words.index(name) + 1]
if os.environ.get("DIE") == words[0]: print("elbo: it is broken"); sys.exit(5)
if words[0] == "train":
    run = pathlib.Path(value("--out")); run.mkdir()
    kinds = json.loads(os.environ.get("KINDS", "{}"))
    columns = [{"name": name, **({"kind": kind} if kind else {})} for name, kind in kinds.items()]
    header = json.dumps({"__metadata__": {"elbo.table": json.dumps({"columns": columns})}}).encode()
    (run / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    rate = 80 if "columns" in words else 100
    epochs = int(value("--epochs")) if "--epochs" in words else 3
    lines = [json.dumps({"epoch": 1 + i, "train": {}, "examples_per_second": rate * i}) for i in range(epochs)]
    (run / "metrics.jsonl").write_text("\\n".join(lines) + "\\n")
if words[0] == "impute":
    header, *lines = open(value("--data")).read().splitlines()
    fill = json.loads(os.environ["FILL"])
    names = [name.strip('"') for name in header.split(",")]
    with open(value("--out"), "w") as out:
        out.write(header + "\\n")
        for line in lines:
            cells = [fill[n] if cell == "NA" else cell for n, cell in zip(names, line.split(","))]
            if "SPOIL" in os.environ: cells[0] += "0"
            out.write(",".join(cells) + "\\n")
""" % {"python": sys.executable}

# of R: the tables are in the folder TABLES
RSCRIPT = """#!%(python)s
import os, shutil, sys
for name in sys.argv[3:]: shutil.copy(os.path.join(os.environ["TABLES"], name + ".csv"), name + ".csv")
""" % {"python": sys.executable}

# of a Python with scikit-learn: removes the first row, fills with zeros
PYTHON = """#!%(python)s
import json, pathlib, sys
words = sys.argv[2:]
value = lambda name: pathlib.Path(words[words.index(name) + 1])
if words[0] == "remove":
    header, first, *rest = value("--table").read_text().splitlines()
    value("--whole").write_text("\\n".join([header, first, *rest]) + "\\n")
    value("--gaps").write_text("\\n".join([header, ",".join("NA" for _ in first.split(",")), *rest]) + "\\n")
if words[0] == "impute":
    value("--out").write_text(value("--gaps").read_text().replace("NA", "0"))
    value("--json").write_text(json.dumps({"version": "1", "rounds": 3, "seconds": 0.5}))
""" % {"python": sys.executable}


class Files(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def file(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name


class Scripts(Files):
    def setUp(self):
        super().setUp()
        self.tables, self.out, self.runs, self.calls = (self.folder / each for each in ("tables", "out", "runs", "calls"))
        self.tables.mkdir()
        (self.folder / "bin").mkdir()
        self.elbo = self.program("elbo", ELBO)
        self.program("Rscript", RSCRIPT)
        self.python = self.program("peer-python", PYTHON)
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        patch = mock.patch.dict(os.environ, {"PATH": path, "CALLS": str(self.calls), "TABLES": str(self.tables)})
        patch.start()
        self.addCleanup(patch.stop)

    def program(self, name, text):
        file = self.folder / "bin" / name
        file.write_text(text)
        file.chmod(0o755)
        return str(file)

    def behave(self, **variables):
        os.environ.update({k: v if isinstance(v, str) else json.dumps(v) for k, v in variables.items()})

    def main(self, module, *arguments):
        """What went to stdout, how it ended: None or what sys.exit was given."""
        told, end = io.StringIO(), None
        command = ["script", "--cpu", "--elbo", self.elbo, "--peer-python", self.python, "--out", str(self.out), *arguments]
        with mock.patch.object(sys, "argv", command), contextlib.redirect_stdout(told):
            with contextlib.redirect_stderr(io.StringIO()):
                try:
                    module.main()
                except SystemExit as ended:
                    end = ended.code
        return told.getvalue(), end

    def impute(self, *arguments):
        return self.main(IMPUTE, "--runs", str(self.runs), *arguments)

    def result(self, work):
        return json.loads((self.out / f"impute-{work}.json").read_text())


class Numbers(Scripts):
    def setUp(self):
        super().setUp()
        (self.tables / "Vehicle.csv").write_text("a,b\n0.5,-0.1\n3,4\n")

    def test_the_error_of_what_was_removed_is_told_beside_scikit_learn(self):
        self.behave(FILL={"a": "0.4", "b": "0.2"})
        told, end = self.impute("--only", "Vehicle")
        self.assertIsNone(end)
        self.assertIn("| Vehicle | 2 × 2 | 0.0500 | 0.23 | 0.1300 |", told)
        result = self.result("numbers")["tables"]["Vehicle"]
        self.assertAlmostEqual((0.1**2 + 0.3**2) / 2, result["elbo"]["mean_squared_error"])
        self.assertEqual(3, result["scikit-learn"]["rounds"])
        train, impute = self.calls.read_text().splitlines()
        for words in ("--objective iwae --samples 20 --hidden 128,128 --latent 10", "--epochs 500", "--test none"):
            self.assertIn(words, train)
        self.assertIn("--samples 1000", impute)
        self.assertEqual([train, impute], [command.removeprefix("elbo ") for command in result["commands"]])

    def test_a_missed_target_is_no_success(self):
        self.behave(FILL={"a": "2", "b": "2"})
        told, end = self.impute("--only", "Vehicle")
        self.assertEqual("not as good as wanted: Vehicle", end)
        self.assertIn("| Vehicle |", told)
        self.assertFalse(self.result("numbers")["tables"]["Vehicle"]["holds"])

    def test_a_rehearsal_is_short_and_marked(self):
        self.behave(FILL={"a": "2", "b": "2"})
        told, end = self.impute("--only", "Vehicle", "--rehearse")
        self.assertIsNone(end)
        self.assertIn("--epochs 1 ", self.calls.read_text())
        self.assertIn("**Rehearsal", told)
        self.assertIn("rehearsal", self.result("numbers"))

    def test_a_cell_that_changed_is_told(self):
        self.behave(FILL={"a": "0", "b": "0"}, SPOIL="yes")
        self.assertIn("line 3, column 'a': 30, but it was 3", self.impute("--only", "Vehicle")[1])

    def test_failures_are_one_line(self):
        self.behave(FILL={}, DIE="train")
        end = self.impute("--only", "Vehicle")[1]
        self.assertRegex(end, r"^benchmarks/impute: elbo: it is broken \(exit 5 of .*elbo train [^\n]*\)$")
        self.program("Rscript", "#!/bin/sh\necho no such package; exit 1\n")
        end = self.impute("--only", "Vehicle")[1]
        self.assertEqual(f"benchmarks/impute: R's package mlbench (Rscript) is not there; {IMPUTE.PACKAGES}", end)
        self.assertEqual(2, self.impute("--only", "Iris")[1])

    def test_files_alone(self):
        self.assertEqual(("", None), self.impute("--only", "Vehicle", "--data-only"))
        self.assertEqual("a,b\nNA,NA\n3,4\n", (self.runs / "Vehicle" / "gaps.csv").read_text())
        self.assertFalse(self.calls.exists())


class Mixed(Scripts):
    KINDS = {"V1": "bernoulli", "V2": None}

    def setUp(self):
        super().setUp()
        lines = [f'"r","{"y" if i % 3 else "n"}","u"' if i % 7 else '"d",NA,"u"' for i in range(100)]
        (self.tables / "HouseVotes84.csv").write_text('"Class","V1","V2"\n' + "\n".join(lines) + "\n")

    def test_words_are_compared_with_the_most_frequent_one(self):
        self.behave(KINDS=self.KINDS, FILL={"V1": '"n"', "V2": '"u"'})
        told, end = self.impute("--work", "mixed", "--only", "HouseVotes84")
        self.assertEqual("not as good as wanted: HouseVotes84", end)
        kinds = self.result("mixed")["tables"]["HouseVotes84"]["kinds"]
        self.assertEqual(["bernoulli"], list(kinds))
        self.assertAlmostEqual(1, kinds["bernoulli"]["accuracy"] + kinds["bernoulli"]["accuracy_of_mode"])
        self.assertGreater(kinds["bernoulli"]["accuracy_of_mode"], 0.5)
        train = self.calls.read_text().splitlines()[0]
        self.assertIn("gaps.csv --likelihood columns --label-column Class --out", train)

    def test_a_fifth_is_removed_and_never_a_class(self):
        self.impute("--only", "HouseVotes84", "--data-only")
        names, whole = tables.read(self.runs / "HouseVotes84" / "whole.csv")
        _, gaps = tables.read(self.runs / "HouseVotes84" / "gaps.csv")
        self.assertEqual([row[0] for row in whole], [row[0] for row in gaps])
        removed = sum(a != b for old, new in zip(whole, gaps) for a, b in zip(old, new))
        self.assertTrue(20 < removed < 60, removed)
        self.assertTrue((self.runs / "HouseVotes84" / "gaps.csv").read_text().startswith('"Class","V1","V2"\n"d",NA,'))


class Cells(Files):
    def test_each_kind_has_its_measure(self):
        whole = self.file("w", "x,c,b\n1,p,no\n5,q,no\n3,p,yes\nNA,r,yes\n9,r,no\n")
        gaps = self.file("g", "x,c,b\n1,p,no\nNA,NA,no\n3,p,NA\nNA,r,NA\nNA,NA,no\n")
        filled = self.file("f", "x,c,b\n1,p,no\n4,q,no\n3,p,yes\n8,r,no\n11,q,no\n")
        kind_of = {"x": "gaussian", "c": "categorical", "b": "bernoulli"}
        kinds = tables.by_kind(whole, gaps, filled, kind_of)
        # of x 1 and 3 are there, with mean 2 and deviation 1; the gap that was one before does not count
        self.assertEqual(2, kinds["gaussian"]["removed"])
        self.assertAlmostEqual(((1 + 4) / 2) ** 0.5, kinds["gaussian"]["rmse"])
        self.assertAlmostEqual(((9 + 49) / 2) ** 0.5, kinds["gaussian"]["rmse_of_mean"])
        self.assertEqual((0.5, 0), (kinds["categorical"]["accuracy"], kinds["categorical"]["accuracy_of_mode"]))
        self.assertEqual((0.5, 0), (kinds["bernoulli"]["accuracy"], kinds["bernoulli"]["accuracy_of_mode"]))
        self.assertEqual({"b"}, set(kinds["bernoulli"]["columns"]))
        self.assertEqual([True] * 3, [kind["better"] for kind in kinds.values()])
        worse = tables.by_kind(whole, gaps, self.file("worse", "x,c,b\n1,p,no\n20,p,no\n3,p,no\n8,r,no\n30,p,no\n"), kind_of)
        self.assertEqual([False] * 3, [kind["better"] for kind in worse.values()])
        self.assertAlmostEqual((1 + 4) / 2, tables.squared_error(*(self.first(file) for file in (whole, gaps, filled))))

    def first(self, file):
        lines = [line.split(",")[0] + "\n" for line in file.read_text().splitlines()]
        return self.file(file.name + "1", "".join(lines))

    def test_what_is_kept(self):
        gaps = self.file("g", "x\n1\nNA\n")
        tables.check_kept(gaps, self.file("f", "x\n1\n2\n"))
        for wrong, told in (
            ("x\n1.0\n2\n", "line 2, column 'x': 1.0, but it was 1"), ("x\n1\nNA\n", "line 3.*still a gap"), ("x\n1\n", "rows"),
        ):
            with self.assertRaisesRegex(ValueError, told):
                tables.check_kept(gaps, self.file("f", wrong))
        with self.assertRaisesRegex(ValueError, "line 2: 2 fields, the first line has 1"):
            tables.read(self.file("r", "x\n1,2\n"))

    def test_kinds_are_those_of_the_model(self):
        columns = [{"name": "a", "kind": "poisson"}, {"name": "b", "words": ["x"]}]
        header = json.dumps({"__metadata__": {"elbo.table": json.dumps({"columns": columns})}}).encode()
        (self.folder / "m").write_bytes(struct.pack("<Q", len(header)) + header + b"weights")
        self.assertEqual({"a": "poisson", "b": "constant"}, tables.kinds(self.folder / "m"))


class LargeTables(Scripts):
    def test_columns_are_of_their_kinds(self):
        files = large_tables.make(self.folder, 400)
        names, rows = tables.read(files["mixed"])
        self.assertEqual((60, 400), (len(names), len(rows)))
        gaps = sum(cell == tables.GAP for row in rows for cell in row)
        self.assertAlmostEqual(0.05, gaps / (60 * 400), delta=0.01)
        width = 0
        for i, (kind, size) in enumerate(large_tables.COLUMNS):
            seen = {row[i] for row in rows} - {tables.GAP}
            if kind == "bernoulli":
                self.assertEqual({"no", "yes"}, seen)
            elif kind == "categorical":
                self.assertEqual(size, len(seen))
            else:
                # more than a rule takes for categories
                self.assertGreater(len({float(value) for value in seen}), 12, names[i])
            width += size or 1
        self.assertEqual(width, len(tables.read(files["plain"])[0]))
        self.assertEqual(12, len(large_tables.COUNTS))
        self.assertLess(set(column.split("=")[0] for column in large_tables.COUNTS), set(names))

    def test_mixed_columns_are_timed_beside_numbers_alone(self):
        told, end = self.main(RUN, "--work", "tables", "--rounds", "2", "--rehearse")
        self.assertIsNone(end)
        self.assertIn("| training | elbo, numbers alone | 200 · 200 · 200 | 0.80 · 0.80 · 0.80 | – |", told)
        result = json.loads((self.out / "tables-1t.json").read_text())
        self.assertEqual([0.8] * 3, result["summary"]["training"]["elbo, numbers with a variance each"]["elbo_over_it"])
        calls = self.calls.read_text().splitlines()
        self.assertEqual(6, len(calls))
        self.assertIn("mixed.csv --likelihood columns --column poisson_49=poisson", calls[0])
        self.assertIn("plain.csv --test none", calls[1])


def has_scikit_learn():
    try:
        return subprocess.run([PEER_PYTHON, "-c", "import sklearn"], capture_output=True).returncode == 0
    except OSError:
        return False


@unittest.skipUnless(has_scikit_learn(), f"{PEER_PYTHON} has no scikit-learn")
class ScikitLearn(Files):
    def test_it_fills_what_it_removed(self):
        rows = [[i, 3 * i + i % 3, 100 - i, "k"] for i in range(60)]
        table = self.file("t", "a,b,c,Class\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
        whole, gaps, filled, result = (self.folder / name for name in ("w", "g", "f", "r"))
        peer = [PEER_PYTHON, "-B", str(HERE / "peers" / "sklearn_impute.py")]
        made = ["--whole", whole, "--gaps", gaps]
        subprocess.run([*peer, "remove", "--table", table, "--without", "Class", *made], check=True)
        names, cells = tables.read(gaps)
        self.assertEqual(["a", "b", "c"], names)
        self.assertAlmostEqual(0.5, sum(cell == tables.GAP for row in cells for cell in row) / 180, delta=0.1)
        # the first of numpy.random.default_rng(0): 0.637, 0.270, 0.041
        self.assertEqual([False, True, True], [cell == tables.GAP for cell in cells[0]])
        values = [float(row[0]) for row in tables.read(whole)[1]]
        self.assertAlmostEqual(0, sum(values))
        self.assertAlmostEqual(60, sum(value**2 for value in values))
        subprocess.run([*peer, "impute", "--gaps", gaps, "--out", filled, "--json", result], check=True)
        tables.check_kept(gaps, filled)
        self.assertLess(tables.squared_error(whole, gaps, filled), 0.5)
        self.assertGreater(json.loads(result.read_text())["rounds"], 1)


if __name__ == "__main__":
    unittest.main()
