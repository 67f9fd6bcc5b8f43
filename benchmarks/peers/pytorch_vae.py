#!/usr/bin/env python3
"""Speed of PyTorch: training a VAE or an importance-weighted one with Adam 1e-3, or with --work inference using it.

    python3 pytorch_vae.py --data-folder DIR --threads 1 --likelihood bernoulli
    python3 pytorch_vae.py --device cuda --mode graph --preset large --precision tf32

Modes: eager; compile (torch.compile, max-autotune, PyTorch 2); graph (one step captured by hand into a CUDA graph, batches
taken by a counter on the device, fused capturable Adam). The data stay on the device: as bytes on a GPU, as floats on a CPU,
whichever is faster.

The first line of stderr says what runs; the result is one JSON object on stdout. images_per_second has one entry an epoch and
counts training alone; median leaves the first epoch out, as warm-up; test_elbo is in nats per example after each epoch, one
draw of noise, constants included.

OpenBLAS keeps to one thread unless OPENBLAS_NUM_THREADS is set: beside PyTorch's two, two of its own cost two thirds of the
speed (Debian's PyTorch 1.13.1). OPENBLAS_CORETYPE must not be set, or it may hold PyTorch to slower kernels. Without the package
libopenblas0 Debian's PyTorch multiplies by the reference BLAS, at an eighth of the speed; that is refused.
"""
import os
import sys
from pathlib import Path

import comparison

OPTIONS = comparison.parse(__doc__, ("eager", "compile", "graph"), ("cpu", "cuda"))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when the library is loaded, so before torch

try:
    import torch
    from torch.nn import functional

    from pytorch_model import Vae
except ImportError as missing:
    sys.exit(f"PyTorch is not there: {missing}")

PRESET = comparison.PRESETS[OPTIONS.preset]
GAUSSIAN = OPTIONS.likelihood == "gaussian"
CUDA = OPTIONS.device == "cuda"


class Training:
    def __init__(self, train, test):
        self.device = torch.device(OPTIONS.device)
        self.images = torch.from_numpy(train.copy()).to(self.device)
        if not CUDA:
            self.images = self.images.float() / 255
        self.test = torch.from_numpy(test.copy()).to(self.device)
        mean = torch.from_numpy(train.mean(0, dtype="float64") / 255).float()
        self.model = Vae(PRESET, GAUSSIAN, mean).to(self.device)
        kind = {"fused": True, "capturable": OPTIONS.mode == "graph"} if CUDA else {"foreach": False}
        # tried with 1.13: foreach=True is no faster on a CPU, nor is one flat parameter
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, **kind)
        self.forward = self.model.loss if PRESET.samples == 1 else self.model.importance_weighted
        if OPTIONS.mode == "compile":
            self.forward = torch.compile(self.forward, mode="max-autotune")
        self.order = torch.zeros(len(train), dtype=torch.int64, device=self.device)
        self.place = torch.arange(PRESET.batch, device=self.device)
        self.graph = self.capture() if OPTIONS.mode == "graph" else None

    def step(self, rows):
        x = self.images.index_select(0, rows)
        if CUDA:
            x = x.float().mul_(1 / 255)
        shape = (len(x), PRESET.latent) if PRESET.samples == 1 else (PRESET.samples, len(x), PRESET.latent)
        with torch.autocast(OPTIONS.device, torch.bfloat16, enabled=OPTIONS.precision == "bf16"):
            loss = self.forward(x, torch.randn(shape, device=self.device)) / len(x)
        loss.backward()
        self.optimizer.step()

    def counted_step(self):
        """A step whose batch follows from a counter on the device, so that it can be replayed."""
        self.optimizer.zero_grad(set_to_none=False)
        self.step(self.order.index_select(0, self.place))
        self.place.add_(PRESET.batch)

    def capture(self):
        if len(self.order) < 4 * PRESET.batch:
            sys.exit("--mode graph: at least 4 batches are needed to warm up")
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self.order.copy_(torch.randperm(len(self.order), device=self.device))
            self.step(self.order[: PRESET.batch])
            for _ in range(3):
                self.counted_step()
            self.place.copy_(torch.arange(PRESET.batch, device=self.device))
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.counted_step()
        return graph

    def epoch(self):
        self.order.copy_(torch.randperm(len(self.order), device=self.device))
        whole = len(self.order) // PRESET.batch
        if self.graph:
            self.place.copy_(torch.arange(PRESET.batch, device=self.device))
            for _ in range(whole):
                self.graph.replay()
        batches = self.order.split(PRESET.batch)
        for rows in batches[whole if self.graph else 0 :]:
            self.optimizer.zero_grad(set_to_none=not self.graph)
            self.step(rows)
        if CUDA:
            torch.cuda.synchronize()

    @torch.no_grad()
    def test_elbo(self):
        generator = torch.Generator(self.device).manual_seed(1)
        total = 0.0
        for rows in self.test.split(1000):
            noise = torch.randn(len(rows), PRESET.latent, generator=generator, device=self.device)
            total += self.model.loss(rows.float() / 255, noise).item()
        return -total / len(self.test) - (0.5 * PRESET.inputs * comparison.LN_2PI if GAUSSIAN else 0)


class Inference:
    """From an array of the caller's to another, as a program would ask: encode, decode, and score by one draw."""

    def __init__(self):
        self.device = torch.device(OPTIONS.device)
        self.model = Vae(PRESET, GAUSSIAN, torch.full((PRESET.inputs,), 0.5)).to(self.device).eval()
        wrap = (lambda f: torch.compile(f, mode="max-autotune")) if OPTIONS.mode == "compile" else (lambda f: f)
        self.mean = wrap(self.model.mean_of)
        self.decoded = wrap(lambda z: self.model.output_of(z) if GAUSSIAN else torch.sigmoid(self.model.output_of(z)))
        self.negative_elbo = wrap(self.rows)

    def rows(self, x, noise):
        """-ELBO of each row in nats."""
        mu, log_var = self.model.heads_of(x)
        sigma = torch.exp(0.5 * log_var)
        output = self.model.output_of(torch.addcmul(mu, sigma, noise))
        if GAUSSIAN:
            reconstruction = 0.5 * (output - x).square().sum(1) + 0.5 * PRESET.inputs * comparison.LN_2PI
        else:
            reconstruction = functional.binary_cross_entropy_with_logits(output, x, reduction="none").sum(1)
        return reconstruction - 0.5 * (1 + log_var - mu * mu - sigma * sigma).sum(1)

    def ask(self, function, values, *more):
        with torch.inference_mode(), torch.autocast(OPTIONS.device, torch.bfloat16, enabled=OPTIONS.precision == "bf16"):
            return function(torch.from_numpy(values).to(self.device), *more).float().cpu().numpy()

    def calls(self):
        import numpy as np

        random = np.random.default_rng(OPTIONS.seed)
        calls = {}
        for rows in comparison.ROWS:
            x = random.random((rows, PRESET.inputs), dtype=np.float32)
            z = random.random((rows, PRESET.latent), dtype=np.float32)
            noise = torch.randn(PRESET.latent, device=self.device).expand(rows, -1)  # the same for each, as elbo's
            calls["encode", rows] = lambda x=x: self.ask(self.mean, x)
            calls["decode", rows] = lambda z=z: self.ask(self.decoded, z)
            calls["score", rows] = lambda x=x, noise=noise: self.ask(self.negative_elbo, x, noise)
        return calls


if __name__ == "__main__":
    if OPTIONS.mode == "compile" and not hasattr(torch, "compile"):
        sys.exit(f"--mode compile: needs PyTorch 2, this is {torch.__version__}")
    if OPTIONS.mode == "graph" and not CUDA:
        sys.exit("--mode graph: needs --device cuda")
    if CUDA and not torch.cuda.is_available():
        sys.exit("--device cuda: PyTorch finds no GPU")
    if not CUDA and "/blas/libblas.so" in Path("/proc/self/maps").read_text():
        sys.exit("PyTorch has the reference BLAS; install libopenblas0")
    torch.set_num_threads(OPTIONS.threads)
    torch.manual_seed(OPTIONS.seed)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = OPTIONS.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    if OPTIONS.work == "inference":
        if OPTIONS.mode == "graph":
            sys.exit("--mode graph: is for training")
        result = {"framework": "pytorch", "version": torch.__version__, "mode": OPTIONS.mode}
        comparison.finish(OPTIONS, {**result, "inference": comparison.time_calls(Inference().calls())})
        sys.exit()
    training = Training(*comparison.data(OPTIONS))
    about = {
        "framework": "pytorch",
        "version": torch.__version__,
        "blas_threads": int(os.environ["OPENBLAS_NUM_THREADS"]),
        "examples": len(training.order),
    }
    if CUDA:
        about.update(gpu=torch.cuda.get_device_name(), cuda=torch.version.cuda)
    comparison.run(OPTIONS, about, training.epoch, training.test_elbo)
