#!/usr/bin/env python3
"""Speed of PyTorch at the operations that `elbo bench kernels` times, at the same sizes.

    elbo bench kernels --backend cpu --threads 1 --json elbo.json
    python3 pytorch_ops.py --rows elbo.json --threads 1

Each operation is written as PyTorch does it best by hand: gradients that have a closed form in that form, the gradient of the
reparameterization by autograd, on a graph that is made once. Modes: eager; compile (torch.compile, max-autotune, PyTorch 2).
Cold is behind a write of 256 MiB, hot is repeated; both by the device's clock on a GPU. The result is one JSON object, its rows
those of the given file that are known here.
"""
import argparse
import json
import os
import re
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when the library is loaded, so before torch

try:
    import torch
    from torch.nn import functional
except ImportError as missing:
    sys.exit(f"PyTorch is not there: {missing}")

FLUSH_BYTES = 256 << 20
SECONDS = 0.5
REPEATS = 20


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True, metavar="FILE", help="what elbo bench kernels --json wrote")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--mode", choices=("eager", "compile"), default="eager")
    parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
    return parser.parse_args()


OPTIONS = parse()
DEVICE = torch.device(OPTIONS.device)
CUDA = OPTIONS.device == "cuda"


def normals(*shape):
    return torch.randn(shape, device=DEVICE)


def fractions(*shape):
    return torch.rand(shape, device=DEVICE)


def compiled(function):
    return torch.compile(function, mode="max-autotune-no-cudagraphs") if OPTIONS.mode == "compile" else function


def call(function, *arguments):
    ready = compiled(function)
    return lambda: ready(*arguments)


def divergences(mu, log_var):
    """z, the closed form and the draw's divergence of each row, as Ops.reparameterize."""
    noise = torch.randn_like(mu)
    sigma = torch.exp(0.5 * log_var)
    z = torch.addcmul(mu, sigma, noise)
    kl = 0.5 * (mu.square() + sigma.square() - 1 - log_var).sum(1)
    return z, kl, 0.5 * (z.square() - noise.square() - log_var).sum(1)


def reparameterize(rows, cols):
    return call(divergences, normals(rows, cols), normals(rows, cols))


def reparameterize_grad(rows, cols):
    mu, log_var = normals(rows, cols).requires_grad_(), normals(rows, cols).requires_grad_()

    def forward(mu, log_var):
        z, kl, _ = divergences(mu, log_var)
        return z, kl

    outputs = compiled(forward)(mu, log_var)
    seeds = normals(rows, cols), torch.full((rows,), 1 / rows, device=DEVICE)
    return lambda: torch.autograd.grad(outputs, (mu, log_var), seeds, retain_graph=True)


def gaussian_kl(rows, cols):
    return call(
        lambda mu, log_var: 0.5 * (mu.square() + torch.expm1(log_var) - log_var), normals(rows, cols), normals(rows, cols)
    )


def gaussian_loss(rows, cols):
    def loss(output, x):
        error = output - x
        return 0.5 * error.square().sum(1) + 0.9189385 * cols, error * (1 / rows)

    return call(loss, normals(rows, cols), fractions(rows, cols))


def bernoulli_loss(rows, cols):
    def loss(logits, x):
        return (functional.softplus(logits) - x * logits).sum(1), (torch.sigmoid(logits) - x) * (1 / rows)

    return call(loss, normals(rows, cols), fractions(rows, cols))


def optimal_log_var(rows, cols):
    return call(
        lambda output, x: functional.mse_loss(output, x).clamp(min=1e-6).log(), normals(rows, cols), fractions(rows, cols)
    )


def gather(rows, cols):
    data = torch.randint(1, 256, (rows, cols), dtype=torch.uint8, device=DEVICE)
    order = torch.randperm(rows, device=DEVICE)
    return call(lambda data, order: data.index_select(0, order).float() * (1 / 255), data, order)


def product(a, b):
    if OPTIONS.precision == "bf16":
        return (a.bfloat16() @ b.bfloat16()).float()
    return a @ b


def dense(rows, inner, cols):
    weight, bias = normals(cols, inner), normals(1, cols)
    if OPTIONS.precision == "bf16":
        return call(lambda x: torch.relu(product(x, weight.T) + bias), normals(rows, inner))
    return call(lambda x: torch.relu(functional.linear(x, weight, bias[0])), normals(rows, inner))


def dense_grad(rows, inner, cols, with_input=True):
    def gradients(x, weight, y, d_y):
        d_y = d_y * (y > 0)
        return product(d_y.T, x), d_y.sum(0), product(d_y, weight) if with_input else None

    return call(gradients, normals(rows, inner), normals(cols, inner), fractions(rows, cols), normals(rows, cols))


def adam(count):
    parameter = normals(count).requires_grad_()
    parameter.grad = normals(count)
    optimizer = torch.optim.Adam([parameter], lr=1e-3, **({"fused": True} if CUDA else {"foreach": False}))
    return optimizer.step


NUMBERS = r"(\d+)(?: × (\d+))?(?: × (\d+))?"
KNOWN = {
    ("gather", rf"bytes, {NUMBERS} in random order"): gather,
    ("normal", NUMBERS): lambda rows, cols: call(torch.randn_like, normals(rows, cols)),
    ("reparameterize", NUMBERS): reparameterize,
    ("reparameterizeGrad", rf"analytic, {NUMBERS}"): reparameterize_grad,
    ("gaussianKl", NUMBERS): gaussian_kl,
    ("gaussianLoss", rf"unit variance, {NUMBERS}"): gaussian_loss,
    ("bernoulliLoss", NUMBERS): bernoulli_loss,
    ("optimalLogVar", NUMBERS): optimal_log_var,
    ("activate", rf"relu, {NUMBERS}"): lambda rows, cols: call(torch.relu, normals(rows, cols)),
    ("activate", rf"softplus, {NUMBERS}"): lambda rows, cols: call(functional.softplus, normals(rows, cols)),
    ("dense", rf"{NUMBERS}, relu"): dense,
    ("denseGrad", rf"{NUMBERS}, relu"): dense_grad,
    ("denseGrad", rf"{NUMBERS}, relu, no dX"): lambda *sizes: dense_grad(*sizes, with_input=False),
    ("adam", rf"{NUMBERS} parameters"): adam,
}


def find(op, size):
    for (name, pattern), make in KNOWN.items():
        found = re.fullmatch(pattern, size) if name == op else None
        if found:
            return lambda: make(*(int(number) for number in found.groups() if number))
    return None


def once(work, before=None):
    """Microseconds."""
    if before:
        before()
    if not CUDA:
        begin = time.perf_counter()
        work()
        return 1e6 * (time.perf_counter() - begin)
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    work()
    end.record()
    end.synchronize()
    return 1e3 * begin.elapsed_time(end)


def times(sample):
    values = []
    begin = time.perf_counter()
    while len(values) < 3 or time.perf_counter() - begin < SECONDS:
        values.append(sample())
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "lower_quartile": lower, "upper_quartile": upper, "measurements": len(values)}


def measure(work, flush):
    for _ in range(3):
        work()
    cold = times(lambda: once(work, lambda: flush.fill_(1)))
    hot = times(lambda: once(lambda: [work() for _ in range(REPEATS)]) / REPEATS)
    return {"cold": {"microseconds": cold}, "hot": {"microseconds": hot}}


def main():
    if OPTIONS.mode == "compile" and not hasattr(torch, "compile"):
        sys.exit(f"--mode compile: needs PyTorch 2, this is {torch.__version__}")
    if CUDA and not torch.cuda.is_available():
        sys.exit("--device cuda: PyTorch finds no GPU")
    torch.set_num_threads(OPTIONS.threads)
    torch.backends.cuda.matmul.allow_tf32 = OPTIONS.precision == "tf32"
    if OPTIONS.mode == "compile":
        # the graph is kept for many backward passes
        getattr(torch, "_functorch").config.donated_buffer = False
    flush = torch.zeros(FLUSH_BYTES, dtype=torch.uint8, device=DEVICE)
    rows = []
    for row in json.loads(OPTIONS.rows.read_text())["rows"]:
        make = find(row["op"], row["size"])
        if make:
            grad = row["op"] == "reparameterizeGrad"
            with torch.enable_grad() if grad else torch.no_grad():
                measured = measure(make(), flush)
            rows.append({"op": row["op"], "size": row["size"], "bytes": row["bytes"], **measured})
            hot = measured["hot"]["microseconds"]["median"]
            print(f"{row['op']} [{row['size']}]: {hot:.1f} µs hot", file=sys.stderr)
    result = {"framework": "pytorch", "version": torch.__version__, "mode": OPTIONS.mode, "rows": rows}
    print(json.dumps(result))
    if OPTIONS.json:
        OPTIONS.json.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
