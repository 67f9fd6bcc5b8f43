#!/usr/bin/env python3
"""Golden cases: small VAEs computed by PyTorch in float64 with autograd, for the tests of every backend.

    python3 src/test/golden/make_golden.py --out src/test/resources/golden     make the cases again
    python3 src/test/golden/make_golden.py --check src/test/resources/golden   recompute the arrays of all cases there

Made with PyTorch 1.13.1 and NumPy 1.24; under the same versions the files come out byte for byte the same.
--check takes one case or a folder of cases, whoever made them, and exits 0 only when every array agrees to 1e-12.

A case is a folder: case.json, the given arrays (weights, x, noise) and the expected ones, as float64 .npy in C order.
B examples, D inputs, J latents, K samples.

case.json  name, kind (vae | iwae | adam | ae), inputs, hidden, latent,
           activation  relu | tanh | sigmoid | softplus | elu (alpha 1) | leaky_relu (slope 0.01)
           likelihood  gaussian (unit variance) | gaussian-optimal | gaussian-learned | bernoulli (on logits)
           kl          analytic (also when absent) | sampled
           beta, samples; and for adam steps, learning_rate, betas, epsilon
given      encoder.0.weight (out, in), encoder.0.bias, ... mu, log_var (not for ae), decoder.0 ..., output;
           output.log_var (1) or (D) for gaussian-learned; x (B, D);
           noise (B, J); (K, B, J) for iwae and for vae with samples > 1; (steps, B, J) for adam; none for ae
expected   vae   mu, log_var (B, J; log_var after its clamp to [-30, 20]), z like noise, output (.., D) before any sigmoid,
                 reconstruction (B) or (K, B), kl (B) and kl_per_dim (B, J) always analytic, sampled_kl like reconstruction
                 (log q(z|x) - log p(z), with kl "sampled"), elbo (B; beta = 1; the mean over samples; with the KL that the
                 loss uses), loss_per_example (B), loss (), grad.<weight>, grad.x,
                 output.log_var (1) for gaussian-optimal: the log of the mean squared error over all K, B, D, at least 1e-6
           iwae  mu, log_var, z, output, reconstruction, kl, kl_per_dim, log_weights and normalized_weights (K, B), bound (B),
                 loss = -mean of bound, grad.<weight>, grad.x
           adam  losses (steps; each before its update), final.<weight>
           ae    mu, z (= mu), output, reconstruction, loss, grad.<weight>, grad.x

Every given number of the cases made here is a float32, so that float32 backends start from the same inputs. A case takes the
first seed whose pre-activations of ReLU and log variances stay away from their kinks, whose arrays are at most 30 % zeros (70 %
at the extremes), and whose run in float32 ends close: a backend that misses a case is wrong, not unlucky.
"""
import argparse
import itertools
import json
import math
import os
import shutil
import sys
from pathlib import Path

# one code path on every CPU: the vector width that PyTorch and OpenBLAS would choose changes last bits
os.environ["ATEN_CPU_CAPABILITY"] = "default"
os.environ["OPENBLAS_CORETYPE"] = "Prescott"

import numpy as np
import torch
from torch.nn import functional

LN_2PI = math.log(2 * math.pi)
LOG_VAR_RANGE = (-30.0, 20.0)
OPTIMAL_VARIANCE_FLOOR = 1e-6

CHECK_TOLERANCE = 1e-12
KINK_MARGIN = 1e-3  # smallest distance of a pre-activation, or of a log variance, to where its gradient jumps
FLOAT32_TOLERANCE = 2e-6  # relative L2 of the float32 run: a fifth of what float32 backends are allowed
FLOAT32_ADAM_GRADIENT = 1e-4  # Adam's first step is the gradient's sign: below this a float32 run may flip it
MAX_ZEROS = 0.3
MAX_ZEROS_EXTREME = 0.7  # clamped on purpose; one of three importance weights is all

ACTIVATIONS = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": lambda a: torch.logaddexp(a, torch.zeros_like(a)),  # functional.softplus is linear beyond 20
    "elu": functional.elu,
    "leaky_relu": lambda a: functional.leaky_relu(a, 0.01),
}
KINKED = ("relu", "leaky_relu")


# ---- the model ----


def weight_shapes(case, variances=None):
    """Name -> shape of every weight; variances: the length of a learned output.log_var."""
    shapes = {}

    def linear(name, inputs, outputs):
        shapes[name + ".weight"] = (outputs, inputs)
        shapes[name + ".bias"] = (outputs,)
        return outputs

    width = case["inputs"]
    for i, hidden in enumerate(case["hidden"]):
        width = linear(f"encoder.{i}", width, hidden)
    linear("mu", width, case["latent"])
    if case["kind"] != "ae":
        linear("log_var", width, case["latent"])
    width = case["latent"]
    for i, hidden in enumerate(reversed(case["hidden"])):
        width = linear(f"decoder.{i}", width, hidden)
    linear("output", width, case["inputs"])
    if case["likelihood"] == "gaussian-learned":
        shapes["output.log_var"] = (variances,)
    return shapes


class Model:
    def __init__(self, case, weights, hold_variance=False):
        self.case = case
        self.weights = weights
        self.hold_variance = hold_variance  # gaussian-optimal: no gradient through the variance
        self.margin = math.inf  # distance to the nearest kink seen so far

    def linear(self, name, h):
        return functional.linear(h, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def layers(self, side, h):
        for i in range(len(self.case["hidden"])):
            h = self.linear(f"{side}.{i}", h)
            if self.case["activation"] in KINKED:
                self.keep_away(h, 0.0)
            h = ACTIVATIONS[self.case["activation"]](h)
        return h

    def keep_away(self, values, kink):
        self.margin = min(self.margin, (values - kink).abs().min().item())

    def encode(self, x):
        h = self.layers("encoder", x)
        mu = self.linear("mu", h)
        if self.case["kind"] == "ae":
            return mu, None
        log_var = self.linear("log_var", h)
        for edge in LOG_VAR_RANGE:
            self.keep_away(log_var, edge)
        return mu, log_var.clamp(*LOG_VAR_RANGE)

    def decode(self, z):
        return self.linear("output", self.layers("decoder", z))

    def log_likelihood_variance(self, x, output):
        """The log variance of a Gaussian likelihood: (), (1) or (D)."""
        likelihood = self.case["likelihood"]
        if likelihood == "gaussian":
            return torch.zeros((), dtype=x.dtype)
        if likelihood == "gaussian-learned":
            return self.weights["output.log_var"]
        log_var = ((x - output) ** 2).mean().clamp(min=OPTIMAL_VARIANCE_FLOOR).log().reshape(1)
        return log_var.detach() if self.hold_variance else log_var

    def reconstruction(self, x, output):
        """-log p(x|z), and for gaussian-optimal the log variance."""
        if self.case["likelihood"] == "bernoulli":
            return (torch.logaddexp(output, torch.zeros_like(output)) - output * x).sum(-1), {}
        log_var = self.log_likelihood_variance(x, output)
        nll = 0.5 * ((x - output) ** 2 / log_var.exp() + log_var + LN_2PI).sum(-1)
        return nll, {"output.log_var": log_var} if self.case["likelihood"] == "gaussian-optimal" else {}

    def run(self, x, noise):
        """One forward pass: name -> array, as the format names them."""
        kind = self.case["kind"]
        mu, log_var = self.encode(x)
        if kind == "ae":
            output = self.decode(mu)
            reconstruction, variance = self.reconstruction(x, output)
            return dict(mu=mu, z=mu, output=output, reconstruction=reconstruction, loss=reconstruction.mean(), **variance)

        sigma = (0.5 * log_var).exp()
        z = mu + sigma * noise
        output = self.decode(z)
        reconstruction, variance = self.reconstruction(x, output)
        kl_per_dim = 0.5 * (mu**2 + torch.expm1(log_var) - log_var)
        kl = kl_per_dim.sum(-1)
        log_prior = -0.5 * (z**2 + LN_2PI).sum(-1)
        log_posterior = -0.5 * (((z - mu) / sigma) ** 2 + log_var + LN_2PI).sum(-1)
        found = dict(mu=mu, log_var=log_var, z=z, output=output, reconstruction=reconstruction, **variance)
        found.update(kl=kl, kl_per_dim=kl_per_dim)

        if kind == "iwae":
            log_weights = log_prior - reconstruction - log_posterior
            bound = torch.logsumexp(log_weights, 0) - math.log(len(noise))
            found.update(log_weights=log_weights, normalized_weights=torch.softmax(log_weights, 0))
            found.update(bound=bound, loss=-bound.mean())
            return found

        mean_over_samples = (lambda a: a.mean(0)) if noise.dim() == 3 else (lambda a: a)
        divergence = kl
        if self.case.get("kl") == "sampled":
            found["sampled_kl"] = log_posterior - log_prior
            divergence = mean_over_samples(found["sampled_kl"])
        error = mean_over_samples(reconstruction)
        loss_per_example = error + self.case["beta"] * divergence
        found.update(elbo=-error - divergence, loss_per_example=loss_per_example, loss=loss_per_example.mean())
        return found


def expected(case, given, dtype=torch.float64, hold_variance=False):
    """The expected arrays of a case from its given ones, both name -> float64 array, and how near a kink it came."""
    tensors = {name: torch.tensor(values, dtype=dtype) for name, values in given.items()}
    noise = tensors.pop("noise", None)
    x = tensors.pop("x")
    weights = {name: tensor.requires_grad_() for name, tensor in tensors.items()}
    model = Model(case, weights, hold_variance)
    if case["kind"] == "adam":
        found = adam(case, model, x, noise)
    else:
        x.requires_grad_()
        found = model.run(x, noise)
        found["loss"].backward()
        found.update({f"grad.{name}": weight.grad for name, weight in weights.items()}, **{"grad.x": x.grad})
    return {name: tensor.detach().double().numpy().copy() for name, tensor in found.items()}, model.margin


def adam(case, model, x, noise):
    optimizer = torch.optim.Adam(
        model.weights.values(), lr=case["learning_rate"], betas=tuple(case["betas"]), eps=case["epsilon"]
    )
    losses = []
    for step in range(case["steps"]):
        optimizer.zero_grad()
        loss = model.run(x, noise[step])["loss"]
        loss.backward()
        if step == 0:
            smallest = min(weight.grad[weight.grad != 0].abs().min().item() for weight in model.weights.values())
            if smallest < FLOAT32_ADAM_GRADIENT:
                model.margin = 0.0
        optimizer.step()
        losses.append(loss.detach())
    return {"losses": torch.stack(losses), **{f"final.{name}": weight for name, weight in model.weights.items()}}


# ---- files ----


def read_case(folder):
    case = json.loads((folder / "case.json").read_text())
    arrays = {file.name[: -len(".npy")]: np.load(file) for file in sorted(folder.glob("*.npy"))}
    return case, arrays


def write_case(folder, case, arrays):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", np.asarray(values, dtype="<f8", order="C"))


def relative_error(found, wanted):
    """Relative L2; infinite where shapes differ or something is not finite."""
    if found.shape != wanted.shape or not (np.isfinite(found).all() and np.isfinite(wanted).all()):
        return math.inf
    size = np.linalg.norm(wanted)
    error = np.linalg.norm(found - wanted)
    return error / size if size > 0 else (0.0 if error == 0 else math.inf)


def given_names(case):
    names = set(weight_shapes(case, 1)) | {"x"}
    return names if case["kind"] == "ae" else names | {"noise"}


def check(folder):
    """Recomputes the expected arrays of one case or of a folder of cases; true when all agree and none is unknown."""
    folders = sorted(file.parent for file in folder.glob("**/case.json"))
    if not folders:
        sys.exit(f"{folder}: no case.json in it")
    good = True
    for case_folder in folders:
        case, arrays = read_case(case_folder)
        given = {name: arrays.pop(name) for name in given_names(case)}
        found, _ = expected(case, given)
        faults = [f"{name}: only on {side}" for name, side in
                  [(n, "disk") for n in sorted(arrays.keys() - found.keys())]
                  + [(n, "our side") for n in sorted(found.keys() - arrays.keys())]]
        worst = 0.0
        for name in sorted(arrays.keys() & found.keys()):
            error = relative_error(found[name], arrays[name])
            worst = max(worst, error)
            if not error < CHECK_TOLERANCE:
                faults.append(f"{name}: {error:.3g}")
        good = good and not faults
        print(f"{case['name']:45} {len(arrays):3} arrays, worst {worst:.2e}  {'; '.join(faults) or 'ok'}")
    print(f"{len(folders)} cases, {'all agree' if good else 'NOT all agree'} to {CHECK_TOLERANCE}")
    return good


# ---- making cases ----


def float32(tensor):
    return tensor.float().double().numpy()


def draw_weights(case, variances=None):
    return {
        name: torch.randn(shape) * (1 / math.sqrt(shape[1]) if len(shape) == 2 else 0.2)
        for name, shape in weight_shapes(case, variances).items()
    }


def draw_x(case, batch):
    if case["likelihood"] == "bernoulli":  # grey levels of bytes, some of them 0 and 255
        return (torch.rand(batch, case["inputs"]) * 360 - 50).round().clamp(0, 255) / 255
    return torch.randn(batch, case["inputs"])


def draw_noise(case, batch):
    lead = {"iwae": (case["samples"],), "adam": (case.get("steps"),), "ae": None}.get(case["kind"], ())
    if case["kind"] == "vae" and case["samples"] > 1:
        lead = (case["samples"],)
    return {} if lead is None else {"noise": torch.randn(*lead, batch, case["latent"])}


def acceptable(case, given, found, margin, most_zeros):
    if margin < KINK_MARGIN or any((values == 0).mean() > most_zeros for values in found.values()):
        return False
    single, _ = expected(case, given, torch.float32)
    return all(relative_error(single[name], values) < FLOAT32_TOLERANCE for name, values in found.items())


def make(out, case, batch, variances=None, adjust=None, accept=lambda found: True):
    """Writes the case with the first acceptable seed; adjust(given) may change what was drawn, accept(found) refuse it."""
    for seed in itertools.count(1):
        torch.manual_seed(seed)
        given = draw_weights(case, variances)
        given["x"] = draw_x(case, batch)
        given.update(draw_noise(case, batch))
        if adjust:
            adjust(given)
        given = {name: float32(tensor) for name, tensor in given.items()}
        found, margin = expected(case, given)
        most_zeros = MAX_ZEROS_EXTREME if adjust else MAX_ZEROS
        if accept(found) and acceptable(case, given, found, margin, most_zeros):
            break
        if seed == 20_000:
            sys.exit(f"{case['name']}: no acceptable seed")
    if case["likelihood"] == "gaussian-optimal":  # the envelope theorem: at its optimum the variance may be held
        held, _ = expected(case, given, hold_variance=True)
        for name, values in found.items():
            if not relative_error(held[name], values) < CHECK_TOLERANCE:
                sys.exit(f"{case['name']}: {name} differs when the variance is held")
    write_case(out / case["name"], case, {**given, **found})
    print(f"{case['name']:45} seed {seed:5}, {len(found)} arrays")


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
    name = [f"{kind}{count}", activation, likelihood, "h" + "x".join(map(str, shape["hidden"]))]
    name += [f"beta{beta:g}"] if kind == "vae" or beta not in (0.0, 1.0) else []
    name += [mark] if mark else []
    return dict(name="-".join(name), kind=kind, **shape, activation=activation, likelihood=likelihood,
                beta=beta, samples=samples, **more)


def make_all(out):
    shapes = Shapes()
    betas = itertools.cycle([1.0, 0.5, 4.0])
    common = list(itertools.product(["relu", "tanh", "sigmoid", "softplus"], ["gaussian", "bernoulli"]))

    def add(kind, activation, likelihood, depth=1, variances=None, adjust=None, accept=lambda found: True, **more):
        shape, batch = shapes.take(depth)
        if variances == "each":
            variances = shape["inputs"]
        make(out, describe(kind, shape, activation, likelihood, **more), batch, variances, adjust, accept)

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
    parser = argparse.ArgumentParser(description="makes or checks the golden cases")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--out", type=Path, metavar="DIR", help="make all cases in DIR; other folders there stay")
    choice.add_argument("--check", type=Path, metavar="DIR", help="recompute the case, or the cases, in DIR")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.check:
        sys.exit(0 if check(options.check) else 1)
    make_all(options.out)
