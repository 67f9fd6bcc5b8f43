"""Nsight Compute over a few training steps of 784-400-20: time, throughput, registers, occupancy and L2 of each kernel.

The training is `elbo train` on random bytes, which launches nothing but its steps, so the products of cuBLAS among the kernels are
those of the step. All that depends on ncu's options and on the form of its output is here.
"""

import csv
import io
import random
import shutil
import statistics
import struct

EXAMPLES, SIDE = 2560, 28
SECTIONS = ("SpeedOfLight", "LaunchStats", "Occupancy", "MemoryWorkloadAnalysis", "InstructionStats")
# launches of the start and of the first steps; some steps of 17
SKIPPED, PROFILED = 120, 70
NO_ACCESS = "ERR_NVGPUCTRPERM"

# ours: ncu's, of which the first that is there is taken
COLUMNS = {
    "microseconds": ("gpu__time_duration.sum",),
    "compute_percent": ("sm__throughput.avg.pct_of_peak_sustained_elapsed",),
    "memory_percent": ("gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed",),
    "dram_percent": ("gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed", "dram__throughput.avg.pct_of_peak_sustained_elapsed"),
    "l2_percent": ("lts__throughput.avg.pct_of_peak_sustained_elapsed",),
    "l2_hit_percent": ("lts__t_sector_hit_rate.pct",),
    "registers": ("launch__registers_per_thread",),
    "occupancy_percent": ("sm__warps_active.avg.pct_of_peak_sustained_active",),
    "grid": ("launch__grid_size",),
    "block": ("launch__block_size",),
    "instructions": ("smsp__inst_executed.sum", "sm__inst_executed.sum"),
}
MICROSECONDS = {"nsecond": 1e-3, "ns": 1e-3, "usecond": 1, "us": 1, "msecond": 1e3, "ms": 1e3, "second": 1e6, "s": 1e6}


def program():
    return shutil.which("ncu") or shutil.which("/usr/local/cuda/bin/ncu")


def write_data(file):
    """Pictures of random bytes as an IDX file."""
    with open(file, "wb") as out:
        out.write(struct.pack(">IIII", 0x803, EXAMPLES, SIDE, SIDE))
        out.write(random.Random(0).randbytes(EXAMPLES * SIDE * SIDE))


def command(ncu, elbo, data, run, log):
    sections = [word for section in SECTIONS for word in ("--section", section)]
    return [
        ncu, "--csv", "--page", "raw", "--log-file", str(log), "--target-processes", "all", "--clock-control", "none",
        "--launch-skip", str(SKIPPED), "--launch-count", str(PROFILED), *sections,
        *training(elbo, data, run),
    ]


def training(elbo, data, run):
    return [
        elbo, "train", "--backend", "cuda", "--data", str(data), "--hidden", "400", "--latent", "20", "--batch", "128",
        "--likelihood", "bernoulli", "--epochs", "2", "--seed", "0", "--out", str(run),
    ]


def read(text):
    """[{"kernel": name, column: value}] of ncu's raw CSV, in order of launch."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith('"ID"')), None)
    if start is None:
        return []
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[start:]))))
    units, rows = rows[0], rows[1:]
    return [launch(row, units) for row in rows if row.get("Kernel Name")]


def launch(row, units):
    values = {"kernel": row["Kernel Name"].split("(")[0]}
    for column, names in COLUMNS.items():
        name = next((each for each in names if row.get(each)), None)
        if name is None:
            continue
        try:
            value = float(row[name].replace(",", ""))
        except ValueError:
            continue
        values[column] = value * MICROSECONDS.get(units.get(name, ""), 1) if column == "microseconds" else value
    return values


def by_kernel(launches):
    """Medians of each kernel and grid, in order of their first launch: products of other shapes differ in their grids."""
    groups = {}
    for each in launches:
        groups.setdefault((each["kernel"], each.get("grid")), []).append(each)
    return [
        {
            "kernel": kernel,
            "launches": len(group),
            **{
                column: statistics.median(values)
                for column in COLUMNS
                if (values := [each[column] for each in group if column in each])
            },
        }
        for (kernel, _), group in groups.items()
    ]


def table(rows):
    """CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["kernel", "launches", *COLUMNS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
