#!/usr/bin/env python3
"""Golden cases: VAEs computed by PyTorch in float64 with autograd, to verify the numerics of elbo's backends.

    python3 make_golden.py --spec 784-400-20 --activation relu --likelihood bernoulli --batch 16 --seed 1 --out golden
    ./elbo verify --golden golden --backend cuda
    python3 make_golden.py --check golden

--spec is inputs-hidden-...-latent; the decoder mirrors it; 784-20 has no hidden layer. Weights, x and noise are random. Each
call adds a case to --out, a folder named after the options. It needs PyTorch and NumPy alone. --check takes one case or a
folder of cases, whoever made them, recomputes the expected arrays and exits 0 only when every one agrees to 1e-12.

A case is a folder: case.json, the given arrays (weights, x, noise) and the expected ones, as float64 .npy in C order.
B examples, D inputs, J latents, K samples.

case.json  name, kind (vae | iwae | adam | ae), inputs, hidden, latent,
           activation  relu | tanh | sigmoid | softplus | elu (alpha 1) | leaky_relu (slope 0.01)
           likelihood  gaussian (unit variance) | gaussian-optimal | gaussian-learned | bernoulli (on logits) | columns
           columns [{kind, size}, ...] for likelihood columns: gaussian | bernoulli | categorical, one-hot in size places |
                       poisson | negative-binomial; NaN in x is a missing value, of a categorical column in all its places
           kl          analytic (also when absent) | sampled
           picture [C, H, W] and conv [[channels, kernel, stride, padding], ...], mirrored too; x is (B, C * H * W) then
           classes n, whose one-hot columns are appended, last, to what the first dense layer of the encoder sees and to z
           beta, samples; and for adam steps, learning_rate, betas, epsilon
given      encoder.0.weight (out, in), encoder.0.bias, ... mu, log_var (not for ae), decoder.0 ..., output; those of
           convolutions (out, in, k, k), of transposed ones (in, out, k, k); labels (B) for classes;
           output.log_var (1) or (D) for gaussian-learned, for columns one value for each gaussian one;
           output.log_dispersion, one for each negative-binomial column; x (B, D);
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
           without grad.x for columns

Every given number of the cases made here is a float32, so that float32 backends start from the same inputs. A case takes the
first seed, from --seed on, that keeps pre-activations of ReLU and log variances away from their kinks and arrays at most 70 %
zeros, and whose run in float32 ends close: a backend that misses a case is wrong, not unlucky. If 100 seeds are refused, take
a smaller batch (ReLU) or fewer inputs (iwae: the error of log w grows with the sum over them).
"""
import argparse
import json
import math
import os
import re
import sys
from pathlib import Path

# one code path on every CPU: the vector width that PyTorch and OpenBLAS would choose changes last bits
os.environ["ATEN_CPU_CAPABILITY"] = "default"
os.environ["OPENBLAS_CORETYPE"] = "Prescott"

import numpy as np
import torch
from torch.nn import functional

CONVOLUTION = re.compile(r"([1-9]\d*)x([1-9]\d*)(?:s([1-9]\d*))?(?:p(\d+))?", re.ASCII)
LN_2PI = math.log(2 * math.pi)
LOG_VAR_RANGE = (-30.0, 20.0)
OPTIMAL_VARIANCE_FLOOR = 1e-6

CHECK_TOLERANCE = 1e-12
KINK_MARGIN = 1e-3  # smallest distance of a pre-activation, or of a log variance, to where its gradient jumps
OWN_KINK_MARGIN, OWN_TRIES = 1e-5, 100  # for --spec: float32 moves a pre-activation by less; so many seeds
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
LIKELIHOODS = ("gaussian", "gaussian-optimal", "gaussian-learned", "bernoulli", "columns")
COLUMN = re.compile(r"gaussian|bernoulli|poisson|negative-binomial|categorical:([2-9]|[1-9]\d{1,2})", re.ASCII)
COUNTS = ("poisson", "negative-binomial")
LOG_MEAN_RANGE = (-30.0, 30.0)


# ---- the model ----


def weight_shapes(case, variances=None):
    """Name -> shape of every weight; variances: the length of a learned output.log_var."""
    shapes = {}

    def linear(name, inputs, outputs):
        shapes[name + ".weight"] = (outputs, inputs)
        shapes[name + ".bias"] = (outputs,)
        return outputs

    classes = case.get("classes", 0)
    maps = feature_maps(case)
    convolutions = case.get("conv", [])
    for i, (channels, kernel, _, _) in enumerate(convolutions):
        shapes[f"encoder.{i}.weight"] = (channels, maps[i][0], kernel, kernel)
        shapes[f"encoder.{i}.bias"] = (channels,)
    width = (math.prod(maps[-1]) if convolutions else case["inputs"]) + classes
    for i, hidden in enumerate(case["hidden"], len(convolutions)):
        width = linear(f"encoder.{i}", width, hidden)
    linear("mu", width, case["latent"])
    if case["kind"] != "ae":
        linear("log_var", width, case["latent"])
    width = case["latent"] + classes
    names = decoder_names(case)
    for hidden in reversed(case["hidden"]):
        width = linear(next(names), width, hidden)
    if not convolutions:
        linear(next(names), width, case["inputs"])
    else:
        linear(next(names), width, math.prod(maps[-1]))
    for i in reversed(range(len(convolutions))):
        name, kernel = next(names), convolutions[i][1]
        shapes[name + ".weight"] = (maps[i + 1][0], maps[i][0], kernel, kernel)
        shapes[name + ".bias"] = (maps[i][0],)
    if case["likelihood"] == "gaussian-learned":
        shapes["output.log_var"] = (variances,)
    for name, kind in (("log_var", "gaussian"), ("log_dispersion", "negative-binomial")):
        count = sum(column["kind"] == kind for column in case.get("columns", []))
        if count:
            shapes[f"output.{name}"] = (count,)
    return shapes


def places(case):
    """(kind, the places of x and output) of each column."""
    start = 0
    for column in case.get("columns", []):
        size = column.get("size", 1)
        yield column["kind"], slice(start, start + size)
        start += size


def feature_maps(case):
    """(C, H, W) of the picture, then behind each convolution; of a case without pictures []."""
    maps = [tuple(case["picture"])] if "picture" in case else []
    for channels, kernel, stride, padding in case.get("conv", []):
        _, height, width = maps[-1]
        maps.append((channels, *((side + 2 * padding - kernel) // stride + 1 for side in (height, width))))
    return maps


def decoder_names(case):
    """Names of the decoder's layers: the last one is the output."""
    before = len(case["hidden"]) + (len(case["conv"]) if case.get("conv") else 0)
    yield from (f"decoder.{i}" for i in range(before))
    yield "output"


class Model:
    def __init__(self, case, weights, hold_variance=False, labels=None):
        self.case = case
        self.maps = feature_maps(case)
        self.convolutions = case.get("conv", [])
        self.one_hot = None if labels is None else functional.one_hot(labels.long(), case["classes"]).to(labels.dtype)
        self.weights = weights
        self.hold_variance = hold_variance  # gaussian-optimal: no gradient through the variance
        self.margin = math.inf  # distance to the nearest kink seen so far

    def linear(self, name, h):
        return functional.linear(h, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def activated(self, h):
        if self.case["activation"] in KINKED:
            self.keep_away(h, 0.0)
        return ACTIVATIONS[self.case["activation"]](h)

    def with_class(self, h):
        if self.one_hot is None:
            return h
        return torch.cat([h, self.one_hot.expand(*h.shape[:-1], -1)], -1)

    def seen(self, x):
        """What the encoder is given of x: 0 for what is missing, log1p of counts."""
        for kind, at in places(self.case):
            if kind in COUNTS:
                x = torch.cat([x[..., :at.start], torch.log1p(x[..., at]), x[..., at.stop:]], -1)
        return torch.nan_to_num(x, nan=0.0) if "columns" in self.case else x

    def convolve(self, x):
        """x (B, D) -> the last feature map, flattened channel first."""
        if not self.convolutions:
            return x
        h = x.reshape(len(x), *self.maps[0])
        for i, (_, _, stride, padding) in enumerate(self.convolutions):
            weight, bias = self.weights[f"encoder.{i}.weight"], self.weights[f"encoder.{i}.bias"]
            h = self.activated(functional.conv2d(h, weight, bias, stride, padding))
        return h.flatten(1)

    def keep_away(self, values, kink):
        self.margin = min(self.margin, (values - kink).abs().min().item())

    def encode(self, x):
        h = self.with_class(self.convolve(self.seen(x)))
        for i in range(len(self.case["hidden"])):
            h = self.activated(self.linear(f"encoder.{len(self.convolutions) + i}", h))
        mu = self.linear("mu", h)
        if self.case["kind"] == "ae":
            return mu, None
        log_var = self.linear("log_var", h)
        for edge in LOG_VAR_RANGE:
            self.keep_away(log_var, edge)
        return mu, log_var.clamp(*LOG_VAR_RANGE)

    def decode(self, z):
        names = decoder_names(self.case)
        h = self.with_class(z)
        for _ in self.case["hidden"]:
            h = self.activated(self.linear(next(names), h))
        if not self.convolutions:
            return self.linear(next(names), h)
        h = self.activated(self.linear(next(names), h))
        lead = h.shape[:-1]
        h = h.reshape(-1, *self.maps[-1])
        for i in reversed(range(len(self.convolutions))):
            _, kernel, stride, padding = self.convolutions[i]
            name = next(names)
            rest = [(side + 2 * padding - kernel) % stride for side in self.maps[i][1:]]
            weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
            h = functional.conv_transpose2d(h, weight, bias, stride, padding, rest)
            h = self.activated(h) if i > 0 else h
        return h.reshape(*lead, -1)

    def log_likelihood_variance(self, x, output):
        """The log variance of a Gaussian likelihood: (), (1) or (D)."""
        likelihood = self.case["likelihood"]
        if likelihood == "gaussian":
            return torch.zeros((), dtype=x.dtype)
        if likelihood == "gaussian-learned":
            return self.weights["output.log_var"]
        log_var = ((x - output) ** 2).mean().clamp(min=OPTIMAL_VARIANCE_FLOOR).log().reshape(1)
        return log_var.detach() if self.hold_variance else log_var

    def columns(self, x, output):
        """-log p of what is observed, by the definitions."""
        log_vars = iter(self.weights.get("output.log_var", []))
        log_dispersions = iter(self.weights.get("output.log_dispersion", []))
        total = 0
        for kind, at in places(self.case):
            t = x[..., at]
            there = ~torch.isnan(t[..., 0])
            t, o = torch.nan_to_num(t), output[..., at]
            if kind in COUNTS:
                for edge in LOG_MEAN_RANGE:
                    self.keep_away(o, edge)
                o = o.clamp(*LOG_MEAN_RANGE)
            if kind == "gaussian":
                v = next(log_vars)
                loss = 0.5 * (LN_2PI + v + (t - o) ** 2 / v.exp())
            elif kind == "bernoulli":
                loss = torch.logaddexp(o, torch.zeros_like(o)) - o * t
            elif kind == "categorical":
                loss = torch.logsumexp(o, -1, keepdim=True) - (t * o).sum(-1, keepdim=True)
            elif kind == "poisson":
                loss = o.exp() - t * o + torch.lgamma(t + 1)
            else:
                s = next(log_dispersions)
                theta, log_sum = s.exp(), torch.logaddexp(s, o)
                loss = (torch.lgamma(theta) + torch.lgamma(t + 1) - torch.lgamma(t + theta)
                        - theta * (s - log_sum) - t * (o - log_sum))
            total = total + torch.where(there, loss.squeeze(-1), torch.zeros_like(loss.squeeze(-1)))
        return total

    def reconstruction(self, x, output):
        """-log p(x|z), and for gaussian-optimal the log variance."""
        if self.case["likelihood"] == "columns":
            return self.columns(x, output), {}
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
    labels = tensors.pop("labels", None)
    weights = {name: tensor.requires_grad_() for name, tensor in tensors.items()}
    model = Model(case, weights, hold_variance, labels)
    if case["kind"] == "adam":
        found = adam(case, model, x, noise)
    else:
        through_x = "columns" not in case
        x.requires_grad_(through_x)
        found = model.run(x, noise)
        found["loss"].backward()
        found.update({f"grad.{name}": weight.grad for name, weight in weights.items()})
        found.update({"grad.x": x.grad} if through_x else {})
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
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.npy"):
        old.unlink()
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
    names = set(weight_shapes(case, 1)) | {"x"} | ({"labels"} if "classes" in case else set())
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
        name: torch.randn(shape) * (1 / math.sqrt(math.prod(shape[1:])) if len(shape) > 1 else 0.2)
        for name, shape in weight_shapes(case, variances).items()
    }


def draw_columns(case, batch, gaps):
    """Rows of a table, a share of whose cells is missing, of the first row all if any is."""
    drawn = []
    for kind, at in places(case):
        size = at.stop - at.start
        if kind == "gaussian":
            x = torch.randn(batch, 1)
        elif kind == "bernoulli":
            x = torch.randint(2, (batch, 1)).float()
        elif kind == "categorical":
            x = functional.one_hot(torch.randint(size, (batch,)), size).float()
        else:
            x = torch.poisson(3 * torch.rand(batch, 1).exp() ** (1 if kind == "poisson" else 2))
        missing = torch.rand(batch) < gaps
        missing[0] |= gaps > 0
        x[missing] = math.nan
        drawn.append(x)
    return torch.cat(drawn, 1)


def draw_x(case, batch, gaps=0.0):
    if case["likelihood"] == "columns":
        return draw_columns(case, batch, gaps)
    if case["likelihood"] == "bernoulli":  # grey levels of bytes, some of them 0 and 255
        return (torch.rand(batch, case["inputs"]) * 360 - 50).round().clamp(0, 255) / 255
    return torch.randn(batch, case["inputs"])


def draw_noise(case, batch):
    lead = {"iwae": (case["samples"],), "adam": (case.get("steps"),), "ae": None}.get(case["kind"], ())
    if case["kind"] == "vae" and case["samples"] > 1:
        lead = (case["samples"],)
    return {} if lead is None else {"noise": torch.randn(*lead, batch, case["latent"])}


def fault(case, given, found, margin, kink_margin, most_zeros):  # why a float32 backend could miss the case, or None
    if margin < kink_margin:
        return f"a pre-activation or a log variance is {margin:.2g} from a kink, {kink_margin:g} is needed"
    for name, values in found.items():
        if (values == 0).mean() > most_zeros:
            return f"{name} has more than {most_zeros:.0%} zeros"
    single, _ = expected(case, given, torch.float32)
    for name, values in found.items():
        error = relative_error(single[name], values)
        if not error < FLOAT32_TOLERANCE:
            return f"{name} in float32 is {error:.2g} from float64, {FLOAT32_TOLERANCE:g} is allowed"
    return None


def make(out, case, batch, variances=None, adjust=None, accept=lambda found: True, seeds=range(1, 20_001),
         kink_margin=KINK_MARGIN, most_zeros=MAX_ZEROS, gaps=0.0):
    """Writes the case with the first acceptable seed; adjust(given) may change what was drawn, accept(found) refuse it."""
    for seed in seeds:
        torch.manual_seed(seed)
        given = draw_weights(case, variances)
        given["x"] = draw_x(case, batch, gaps)
        given.update(draw_noise(case, batch))
        if "classes" in case:
            given["labels"] = torch.randint(case["classes"], (batch,))
        if adjust:
            adjust(given)
        given = {name: float32(tensor) for name, tensor in given.items()}
        found, margin = expected(case, given)
        why = fault(case, given, found, margin, kink_margin, most_zeros) if accept(found) else "refused"
        if not why:
            break
    else:
        sys.exit(f"{case['name']}: no acceptable seed among {len(seeds)}; of the last one {why}")
    if case["likelihood"] == "gaussian-optimal":  # the envelope theorem: at its optimum the variance may be held
        held, _ = expected(case, given, hold_variance=True)
        for name, values in found.items():
            if not relative_error(held[name], values) < CHECK_TOLERANCE:
                sys.exit(f"{case['name']}: {name} differs when the variance is held")
    write_case(out / case["name"], case, {**given, **found})
    print(f"{case['name']:45} seed {seed:5}, {len(found)} arrays")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--spec", metavar="D-H-...-J", help="make a case of a model of these widths")
    choice.add_argument("--check", type=Path, metavar="DIR", help="recompute the case, or the cases, in DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder that the case's folder is made in")
    parser.add_argument("--picture", metavar="CxHxW", help="the shape of x, for --conv")
    parser.add_argument("--conv", metavar="CxKsSpP,..", help="convolutions before the hidden layers, as elbo train has them")
    parser.add_argument("--classes", type=int, metavar="N", help="classes that encoder and decoder are told")
    parser.add_argument("--columns", metavar="KIND,..", help="of likelihood columns: gaussian, bernoulli, categorical:SIZE, poisson,"
                        " negative-binomial; D of --spec is the sum of their sizes")
    parser.add_argument("--gaps", type=float, default=0.0, metavar="SHARE", help="of the cells of columns (default: 0)")
    parser.add_argument("--objective", choices=["vae", "iwae", "ae"], default="vae", help="default: %(default)s")
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu", help="default: %(default)s")
    parser.add_argument("--likelihood", choices=LIKELIHOODS, default="gaussian", help="default: %(default)s")
    parser.add_argument("--variance", choices=["shared", "per-dimension"], default="shared", help="of gaussian-learned")
    parser.add_argument("--beta", type=float, default=1.0, help="weight of the KL divergence, of vae alone (default: 1)")
    parser.add_argument("--samples", type=int, default=1, metavar="K", help="of z, not of ae (default: 1)")
    parser.add_argument("--batch", type=int, default=8, metavar="B", help="examples (default: 8)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="first seed to try (default: 1)")
    o = parser.parse_args()
    for wrong, message in (
        (o.spec and not re.fullmatch(r"[1-9]\d*(-[1-9]\d*)+", o.spec, re.ASCII), "--spec must be like 784-400-20"),
        (o.spec and not o.out, "--spec needs --out"),
        (bool(o.picture) != bool(o.conv), "--conv and --picture need each other"),
        (o.picture and not re.fullmatch(r"[1-9]\d*x[1-9]\d*x[1-9]\d*", o.picture, re.ASCII), "--picture must be like 3x32x32"),
        (o.conv and not all(map(CONVOLUTION.fullmatch, o.conv.split(","))), "--conv must be like 32x4s2p1,64x4s2p1"),
        (bool(o.columns) != (o.likelihood == "columns"), "--columns and --likelihood columns need each other"),
        (o.columns and not all(map(COLUMN.fullmatch, o.columns.split(","))), "--columns must be like gaussian,categorical:3"),
        (not 0 <= o.gaps < 1 or o.gaps and not o.columns, "--gaps must be at least 0 and below 1, and needs --columns"),
        (o.classes is not None and o.classes < 2, "--classes must be at least 2"),
        (min(o.samples, o.batch) < 1, "--samples and --batch must be at least 1"),
        (o.seed < 0 or not 0 <= o.beta < math.inf, "--seed and --beta must be at least 0"),
        (o.objective != "vae" and o.beta != 1, f"--beta is not defined for --objective {o.objective}"),
        (o.objective == "ae" and o.samples > 1, "--samples is not defined for --objective ae"),
        (o.objective == "iwae" and o.likelihood == "gaussian-optimal", "gaussian-optimal is not defined for iwae"),
        (o.variance != "shared" and o.likelihood != "gaussian-learned", "--variance needs gaussian-learned"),
    ):
        if wrong:
            parser.error(message)
    return o


def convolution(text):
    """32x4s2p1 -> [channels, kernel, stride, padding]; without s the stride is 1, without p the padding (kernel - 1) // 2."""
    channels, kernel, stride, padding = CONVOLUTION.fullmatch(text).groups()
    return [int(channels), int(kernel), int(stride or 1), (int(kernel) - 1) // 2 if padding is None else int(padding)]


def make_own(o):
    inputs, *hidden, latent = map(int, o.spec.split("-"))
    each = o.variance == "per-dimension"
    kind = f"{o.objective}{o.samples}" if o.objective == "iwae" or o.samples > 1 else o.objective
    likelihood = o.likelihood + "-per-dimension" * each
    name = f"{kind}-{o.spec}-{o.activation}-{likelihood}-beta{o.beta:g}-batch{o.batch}-seed{o.seed}"
    case = dict(name=name, kind=o.objective, inputs=inputs, hidden=hidden, latent=latent, activation=o.activation,
                likelihood=o.likelihood, beta=0.0 if o.objective == "ae" else o.beta, samples=o.samples)
    if o.conv:
        case.update(picture=list(map(int, o.picture.split("x"))), conv=list(map(convolution, o.conv.split(","))))
        case["name"] += f"-picture{o.picture}-conv{o.conv.replace(',', '_')}"
        if math.prod(case["picture"]) != inputs or min(map(min, feature_maps(case))) < 1:
            sys.exit(f"--picture {o.picture} does not have {inputs} values, or a convolution leaves nothing of it")
    if o.columns:
        case["columns"] = [dict(kind=kind, **({"size": int(size)} if size else {}))
                           for kind, _, size in (text.partition(":") for text in o.columns.split(","))]
        case["name"] += f"-{o.columns.replace(':', '').replace(',', '_')}-gaps{o.gaps:g}"
        if sum(column.get("size", 1) for column in case["columns"]) != inputs:
            sys.exit(f"--columns {o.columns} do not have {inputs} places")
    if o.classes:
        case["classes"] = o.classes
        case["name"] += f"-classes{o.classes}"
    make(o.out, case, o.batch, inputs if each else 1, seeds=range(o.seed, o.seed + OWN_TRIES),
         kink_margin=OWN_KINK_MARGIN, most_zeros=MAX_ZEROS_EXTREME, gaps=o.gaps)


if __name__ == "__main__":
    options = arguments()
    torch.set_num_threads(1)
    sys.exit(not check(options.check) if options.check else make_own(options))
