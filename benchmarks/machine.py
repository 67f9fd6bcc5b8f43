"""What every comparison says of the machine and of this repository, and the environment that all contestants run in."""

import os
import pathlib
import platform
import subprocess

HOME = pathlib.Path(__file__).resolve().parent.parent
PEERS = HOME / "benchmarks" / "peers"
RESULTS = HOME / "benchmarks" / "results"


def environment(threads):
    """The same for every contestant: OPENBLAS_CORETYPE may hold one of them to slower kernels."""
    variables = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS")}
    variables["OMP_NUM_THREADS"] = str(threads)
    return variables


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def commit():
    """Of ELBO_COMMIT, or of the checkout; "unknown" where there is none, or no git."""
    named = os.environ.get("ELBO_COMMIT")
    if named:
        return named
    try:
        done = subprocess.run(
            ["git", "-C", str(HOME), "rev-parse", "--short", "HEAD"], capture_output=True, text=True
        )
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
