#!/usr/bin/env python3
"""Training speed of PyTorch eager on a CPU: the VAE 784-400-20, ReLU, batch 128, Adam 1e-3.

    python3 pytorch_cpu.py --data-folder DIR --threads 1 --epochs 4 --likelihood bernoulli --json OUT
    python3 pytorch_cpu.py --data-folder DIR --threads 1 --steps 200

DIR holds the IDX files train-images-idx3-ubyte and t10k-images-idx3-ubyte, plain or .gz.

By epochs: prints one JSON object. images_per_second has one entry an epoch and counts training alone; median leaves the first
epoch out, as warm-up; test_elbo is in nats per image after each epoch, on one fixed draw of noise, constants included.

With --steps N, by turns, so that contestants can alternate: after N steps of warm-up a first line of JSON says who is ready; then
each line "go" on stdin trains N steps and prints a line {images, seconds, images_per_second, loss}; the end of stdin ends it.

OpenBLAS keeps to one thread unless OPENBLAS_NUM_THREADS is set: beside PyTorch's two, two of its own cost two thirds of the
speed (Debian's PyTorch 1.13.1). OPENBLAS_CORETYPE must not be set, or it may hold PyTorch to slower kernels.
"""
import argparse
import gzip
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-folder", type=Path, required=True, metavar="DIR")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=4, help="the first is warm-up")
    parser.add_argument("--likelihood", choices=("gaussian", "bernoulli"), default="gaussian")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, metavar="N", help="take turns of N steps, driven by stdin")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
    options = parser.parse_args()
    if options.threads < 1 or options.epochs < 2 or (options.steps is not None and options.steps < 1):
        parser.error("at least 1 thread, 2 epochs, 1 step")
    return options


OPTIONS = parse()
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when the library is loaded, so before torch

import numpy as np
import torch
from torch import nn
from torch.nn import functional

INPUTS, HIDDEN, LATENT, BATCH = 784, 400, 20, 128
LN_2PI = math.log(2 * math.pi)


def read_images(folder, stem):
    """(N, 784) float32 in [0, 1]."""
    plain = folder / stem
    with open(plain, "rb") if plain.exists() else gzip.open(folder / (stem + ".gz"), "rb") as file:
        data = file.read()
    magic, count, rows, columns = np.frombuffer(data, ">i4", 4)
    if magic != 0x803 or rows * columns != INPUTS or len(data) != 16 + count * INPUTS:
        sys.exit(f"{stem}: not an IDX file of 28 x 28 images")
    pixels = np.frombuffer(data, np.uint8, offset=16).reshape(count, INPUTS)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


class Vae(nn.Module):
    def __init__(self, likelihood, pixel_mean):
        super().__init__()
        self.gaussian = likelihood == "gaussian"
        self.encoder = nn.Linear(INPUTS, HIDDEN)
        self.heads = nn.Linear(HIDDEN, 2 * LATENT)  # mu and log variance in one product
        self.decoder = nn.Linear(LATENT, HIDDEN)
        self.output = nn.Linear(HIDDEN, INPUTS)
        for weight in (self.encoder.weight, *self.heads.weight.chunk(2), self.decoder.weight, self.output.weight):
            nn.init.xavier_uniform_(weight)
        for layer in (self.encoder, self.heads, self.decoder):
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.output.bias.copy_(pixel_mean if self.gaussian else pixel_mean.clamp(1e-3, 1 - 1e-3).logit())

    def loss(self, x, noise):
        """Reconstruction + KL, summed over the batch; the Gaussian's constant left out."""
        mu, log_var = self.heads(functional.relu(self.encoder(x), inplace=True)).chunk(2, 1)
        sigma = torch.exp(0.5 * log_var)
        z = torch.addcmul(mu, sigma, noise)
        output = self.output(functional.relu(self.decoder(z), inplace=True))
        if self.gaussian:
            reconstruction = 0.5 * functional.mse_loss(output, x, reduction="sum")
        else:
            reconstruction = functional.binary_cross_entropy_with_logits(output, x, reduction="sum")
        return reconstruction - 0.5 * (1 + log_var - mu * mu - sigma * sigma).sum()


class Training:
    def __init__(self, images, likelihood):
        self.images = images
        self.model = Vae(likelihood, images.mean(0))
        # tried with 1.13: foreach=True is no faster on a CPU, nor is one flat parameter
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, foreach=False)
        self.batches = iter(())

    def next_batch(self):
        batch = next(self.batches, None)
        if batch is None:
            self.batches = iter(torch.randperm(len(self.images)).split(BATCH))
            batch = next(self.batches)
        return self.images.index_select(0, batch)

    def train(self, steps):
        """Images seen, seconds, and the last loss."""
        images = 0
        begin = time.perf_counter()
        for _ in range(steps):
            x = self.next_batch()
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.model.loss(x, torch.randn(len(x), LATENT)) / len(x)
            loss.backward()
            self.optimizer.step()
            images += len(x)
        return images, time.perf_counter() - begin, loss.item()


@torch.no_grad()
def test_elbo(model, images, noise):
    total = sum(model.loss(x, e).item() for x, e in zip(images.split(1000), noise.split(1000)))
    constant = 0.5 * INPUTS * LN_2PI if model.gaussian else 0.0
    return -total / len(images) - constant


def by_epochs(training, test, about):
    noise = torch.randn(len(test), LATENT, generator=torch.Generator().manual_seed(1))
    rates, elbos = [], []
    for epoch in range(OPTIONS.epochs):
        images, seconds, _ = training.train(math.ceil(len(training.images) / BATCH))
        rates.append(round(images / seconds, 1))
        elbos.append(round(test_elbo(training.model, test, noise), 3))
        print(f"epoch {epoch + 1}: {rates[-1]:.0f} images/s, test ELBO {elbos[-1]:.2f}", file=sys.stderr)
    result = {**about, "images_per_second": rates, "median": statistics.median(rates[1:]), "test_elbo": elbos}
    text = json.dumps(result)
    print(text)
    if OPTIONS.json:
        OPTIONS.json.write_text(text + "\n")


def by_turns(training, about):
    training.train(OPTIONS.steps)
    print(json.dumps({**about, "steps": OPTIONS.steps}), flush=True)
    turns = []
    for line in sys.stdin:
        if line.strip() != "go":
            sys.exit(f'stdin: "{line.strip()}" is not "go"')
        images, seconds, loss = training.train(OPTIONS.steps)
        turns.append({"images": images, "seconds": seconds, "images_per_second": round(images / seconds, 1), "loss": loss})
        print(json.dumps(turns[-1]), flush=True)
    if OPTIONS.json:
        OPTIONS.json.write_text(json.dumps({**about, "steps": OPTIONS.steps, "turns": turns}) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(OPTIONS.threads)
    torch.manual_seed(OPTIONS.seed)
    about = {
        "framework": "pytorch",
        "version": torch.__version__,
        "threads": OPTIONS.threads,
        "blas_threads": int(os.environ["OPENBLAS_NUM_THREADS"]),
        "likelihood": OPTIONS.likelihood,
        "batch": BATCH,
        "seed": OPTIONS.seed,
    }
    training = Training(read_images(OPTIONS.data_folder, "train-images-idx3-ubyte"), OPTIONS.likelihood)
    if OPTIONS.steps:
        by_turns(training, about)
    else:
        by_epochs(training, read_images(OPTIONS.data_folder, "t10k-images-idx3-ubyte"), about)
