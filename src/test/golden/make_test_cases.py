#!/usr/bin/env python3
"""The golden cases of the tests: every activation, likelihood, objective and extreme, by src/main/scripts/make_golden.py.

    python3 src/test/golden/make_test_cases.py --out src/test/resources/golden

Made with PyTorch 1.13.1 and NumPy 1.24; under the same versions the files come out byte for byte the same. A case takes the
first seed that is acceptable, as make_golden.py says, with at most 30 % zeros except at the extremes.
"""
import argparse
import itertools
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "main" / "scripts"))
sys.dont_write_bytecode = True  # no __pycache__ beside the script

# before torch: it sets how PyTorch computes
from make_golden import LOG_VAR_RANGE, MAX_ZEROS, MAX_ZEROS_EXTREME, OPTIMAL_VARIANCE_FLOOR, make

import torch


class Shapes:
    """Small sizes that differ from case to case."""

    def __init__(self):
        self.next = itertools.count()

    def take(self, depth):
        i = next(self.next)
        return dict(inputs=5 + i % 5, hidden=[4 + (i * 3 + 2 * layer) % 4 for layer in range(depth)], latent=2 + i % 3), 3 + i % 4


def describe(kind, shape, activation, likelihood, beta=1.0, samples=1, mark="", **more):
    """case.json; the name tells kind (with samples or steps), activation, likelihood, hidden widths and what else differs."""
    count = {"iwae": samples, "adam": more.get("steps")}.get(kind, samples if samples > 1 else "")
    hidden = "h" + "x".join(map(str, shape["hidden"])) if shape["hidden"] else "linear"
    name = [f"{kind}{count}", activation, likelihood, hidden]
    name += [f"beta{beta:g}"] if kind == "vae" or beta not in (0.0, 1.0) else []
    name += [mark] if mark else []
    return dict(name="-".join(name), kind=kind, **shape, activation=activation, likelihood=likelihood,
                beta=beta, samples=samples, **more)


def make_all(out, only):
    shapes = Shapes()
    betas = itertools.cycle([1.0, 0.5, 4.0])
    common = list(itertools.product(["relu", "tanh", "sigmoid", "softplus"], ["gaussian", "bernoulli"]))

    def add(kind, activation, likelihood, depth=1, variances=None, adjust=None, accept=lambda found: True, **more):
        shape, batch = shapes.take(depth)
        if variances == "each":
            variances = shape["inputs"]
        gaps = more.pop("gaps", 0.0)
        most_zeros = MAX_ZEROS_EXTREME if adjust or gaps else MAX_ZEROS
        case = describe(kind, {**shape, "inputs": more.pop("inputs", shape["inputs"])}, activation, likelihood, **more)
        if only not in case["name"]:
            return
        make(out, case, batch, variances, adjust, accept, most_zeros=most_zeros, gaps=gaps)

    # what everyone's format knows
    for activation, likelihood in common:
        for depth in (1, 2):
            add("vae", activation, likelihood, depth, beta=next(betas))
    for i, (activation, likelihood) in enumerate(common):
        add("iwae", activation, likelihood, 1 + i % 2, samples=2 + (i + i // 4) % 4)
    add("iwae", "tanh", "gaussian", samples=1)
    adam20 = dict(steps=20, learning_rate=0.01, betas=[0.9, 0.999], epsilon=1e-8)
    add("adam", "relu", "gaussian", **adam20)
    add("adam", "relu", "bernoulli", **adam20)
    add("adam", "tanh", "gaussian", 2, beta=0.5, **adam20)
    add("adam", "tanh", "bernoulli", mark="betas", **{**adam20, "betas": [0.8, 0.95], "epsilon": 1e-4})

    # activations of ours
    for i, (activation, likelihood) in enumerate(itertools.product(["elu", "leaky_relu"], ["gaussian", "bernoulli"])):
        add("vae", activation, likelihood, 1 + (i + i // 2) % 2, beta=next(betas))
    add("iwae", "elu", "bernoulli", samples=3)
    add("iwae", "leaky_relu", "gaussian", samples=3)

    # variances of a Gaussian likelihood
    add("vae", "relu", "gaussian-optimal", beta=1.0)
    add("vae", "tanh", "gaussian-optimal", 2, beta=4.0)
    add("vae", "tanh", "gaussian-optimal", samples=3)
    add("vae", "tanh", "gaussian-optimal", mark="floor", adjust=tiny_errors, accept=at_floor)
    add("adam", "tanh", "gaussian-optimal", **adam20)
    for variances, mark in ((1, "shared"), ("each", "each")):
        add("vae", "relu", "gaussian-learned", variances=variances, mark=mark)
        add("vae", "tanh", "gaussian-learned", 2, variances=variances, mark=mark, beta=0.5, samples=3)
        add("iwae", "tanh", "gaussian-learned", variances=variances, mark=mark, samples=3)
        add("adam", "tanh", "gaussian-learned", variances=variances, mark=mark, **adam20)

    # several samples; the sampled KL
    for activation, likelihood, depth in (("relu", "gaussian", 1), ("tanh", "bernoulli", 2), ("softplus", "gaussian", 2)):
        add("vae", activation, likelihood, depth, beta=next(betas), samples=3)
    add("vae", "relu", "bernoulli", mark="sampled", kl="sampled")
    add("vae", "tanh", "gaussian", 2, beta=4.0, mark="sampled", kl="sampled")
    add("vae", "softplus", "bernoulli", beta=0.5, samples=3, mark="sampled", kl="sampled")
    add("vae", "tanh", "gaussian-optimal", samples=2, mark="sampled", kl="sampled")

    # the plain autoencoder
    add("ae", "relu", "gaussian", beta=0.0)
    add("ae", "tanh", "bernoulli", 2, beta=0.0)
    add("ae", "sigmoid", "gaussian-optimal", beta=0.0)
    add("ae", "softplus", "gaussian-learned", variances="each", beta=0.0)

    # extremes
    add("vae", "tanh", "gaussian", mark="clamp", adjust=wide_log_var, accept=at_both_clamps)
    add("vae", "relu", "bernoulli", mark="clamp", adjust=wide_log_var, accept=at_both_clamps)
    add("iwae", "tanh", "bernoulli", mark="clamp", samples=3, adjust=wide_log_var, accept=at_both_clamps)
    add("vae", "tanh", "bernoulli", mark="logits", adjust=large_logits)

    # convolutions and classes: grey and colour, odd sizes, output padding, strides 1 to 3, no hidden layers
    grey, colour = dict(picture=[1, 7, 6], inputs=42), dict(picture=[3, 5, 7], inputs=105)
    two = dict(conv=[[4, 3, 2, 1], [5, 2, 1, 0]])
    add("vae", "tanh", "bernoulli", mark="conv", **grey, **two)
    add("vae", "relu", "gaussian", 0, beta=0.5, mark="conv", **colour, conv=[[4, 4, 3, 2]])
    add("vae", "softplus", "gaussian-optimal", 2, mark="conv-classes", **colour, **two, classes=3)
    add("vae", "elu", "bernoulli", 0, mark="conv-classes", samples=2, **grey, conv=[[3, 3, 2, 0]], classes=2)
    add("iwae", "tanh", "gaussian", mark="conv-classes", samples=3, **colour, conv=[[4, 5, 2, 2]], classes=4)
    add("adam", "tanh", "gaussian-learned", variances=1, mark="conv", **grey, conv=[[3, 3, 1, 1]], **adam20)
    add("ae", "sigmoid", "gaussian", 0, beta=0.0, mark="conv", **colour, conv=[[4, 3, 2, 1]])
    add("vae", "relu", "bernoulli", 2, mark="classes", classes=5)
    add("iwae", "tanh", "bernoulli", 0, mark="classes", samples=4, classes=3)
    add("adam", "tanh", "gaussian", mark="classes", classes=3, **adam20)

    # tables: every kind of column, without and with gaps, with classes, and as a picture
    mixed = table("gaussian", "bernoulli", 3, "poisson", "negative-binomial", "gaussian", 4, "negative-binomial")
    add("vae", "tanh", "columns", beta=0.5, mark="mixed", **mixed)
    add("vae", "relu", "columns", 2, mark="gaps", samples=2, gaps=0.4, **mixed)
    add("iwae", "tanh", "columns", mark="gaps-classes", samples=4, gaps=0.3, classes=3, **mixed)
    add("vae", "softplus", "columns", mark="gaps-conv", gaps=0.3, picture=[1, 3, 4], conv=[[3, 2, 1, 0]],
        **table("gaussian", 2, "poisson", 5, "bernoulli", "gaussian", "bernoulli"))
    add("adam", "tanh", "columns", mark="gaps", gaps=0.3, **mixed, **adam20)
    add("ae", "sigmoid", "columns", beta=0.0, mark="counts", **table("poisson", "negative-binomial", "poisson"))


def table(*kinds):
    """Columns by their kinds, a categorical one by its size."""
    columns = [dict(kind="categorical", size=kind) if isinstance(kind, int) else dict(kind=kind) for kind in kinds]
    return dict(columns=columns, inputs=sum(column.get("size", 1) for column in columns))


def tiny_errors(given):
    """Data and outputs so small that the mean squared error is under its floor, without cancellation."""
    for name in ("x", "output.weight", "output.bias"):
        given[name] *= 5e-4


def at_floor(found):
    return found["output.log_var"][0] == math.log(OPTIMAL_VARIANCE_FLOOR)


def wide_log_var(given):
    """Log variances on both sides of both clamps: every latent has some inside and some outside."""
    given["log_var.weight"] *= 12
    given["decoder.0.weight"] *= 1e-4  # z of 10,000 and more would saturate every unit
    given["log_var.bias"] = torch.tensor([-31.0, 19.0, -29.0, 17.0])[: len(given["log_var.bias"])]


def at_both_clamps(found):
    low, high = (found["log_var"] == edge for edge in LOG_VAR_RANGE)
    outside = (low | high).sum(0)
    return low.sum() >= 2 and high.sum() >= 2 and outside.min() >= 1 and outside.max() < len(low)


def large_logits(given):
    """Logits near +50 and -50, whichever way x leans."""
    signs = torch.ones(len(given["output.bias"]))
    signs[::2] = -1
    given["output.bias"] = 50 * signs
    given["output.weight"] *= 3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="makes the golden cases of the tests")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the cases' folder; other folders there stay")
    parser.add_argument("--only", metavar="TEXT", default="", help="make the cases whose name holds this text (default: all)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    make_all(options.out, options.only)
