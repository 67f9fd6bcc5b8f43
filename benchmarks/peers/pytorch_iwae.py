#!/usr/bin/env python3
"""The model and recipe of Burda et al. (2016), one stochastic layer, in PyTorch on a CPU; `benchmarks/iwae-table1` calls it.

    python3 pytorch_iwae.py --data-folder DIR --learning-rate-steps 1:1e-3,3:7.2e-4 --epochs 4 --out FOLDER

784-200-200-50 with tanh, pixels binarised afresh every batch of 20, Adam with epsilon 1e-4. One sample is the ELBO with the
sampled KL divergence, more are the importance-weighted bound. A folder that has a state goes on from it, to the same result as
in one go. It leaves weights.safetensors with elbo's names there, for `elbo import`, and times.json: seconds of each epoch.

Tried with 1.13 for its speed: drawing the pixels as uniform < mean takes 88 us a batch, torch.bernoulli 211, a whole epoch of
either at once as long or longer. OpenBLAS keeps to one thread unless OPENBLAS_NUM_THREADS is set, see pytorch_vae.py.
"""
import argparse
import json
import os
import struct
import sys
import time
from pathlib import Path

import comparison

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when the library is loaded, so before torch

try:
    import torch

    from pytorch_model import Vae
except ImportError as missing:
    sys.exit(f"PyTorch is not there: {missing}")

PRESET = comparison.PRESETS["iwae50"]
BETAS = (0.9, 0.999)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-folder", type=Path, required=True, metavar="DIR", help="IDX files of 28 x 28 images")
    parser.add_argument("--learning-rate-steps", required=True, metavar="EPOCHS:RATE,..", help="as of elbo train")
    parser.add_argument("--epochs", type=int, required=True, help="in all, those of the state included")
    parser.add_argument("--adam-epsilon", type=float, default=1e-4)
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    return parser.parse_args()


def rates(steps):
    """Of each epoch of the stages."""
    stages = [stage.split(":") for stage in steps.split(",")]
    return [float(rate) for epochs, rate in stages for _ in range(int(epochs))]


def replace(path, write):
    """Old or new, never half of it."""
    temporary = path.with_name(f".{path.name}.tmp")
    write(temporary)
    os.replace(temporary, path)


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.contiguous().numpy().astype("<f4").tobytes())


class Training:
    def __init__(self, options):
        self.options = options
        self.rates = rates(options.learning_rate_steps)
        train = comparison.read_images(options.data_folder, "train-images-idx3-ubyte")
        self.images = torch.from_numpy(train.copy()).float() / 255
        mean = torch.from_numpy(train.mean(0, dtype="float64") / 255).float()
        self.model = Vae(PRESET, False, mean)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=1e-3, betas=BETAS, eps=options.adam_epsilon, foreach=False
        )
        self.seconds = []

    def epoch(self):
        for group in self.optimizer.param_groups:
            group["lr"] = self.rates[min(len(self.seconds), len(self.rates) - 1)]
        samples = self.options.samples
        loss_of = self.model.sampled_loss if samples == 1 else self.model.importance_weighted
        begin = time.perf_counter()
        for rows in torch.randperm(len(self.images)).split(PRESET.batch):
            grey = self.images.index_select(0, rows)
            x = (torch.rand_like(grey) < grey).float()
            shape = (len(x), PRESET.latent) if samples == 1 else (samples, len(x), PRESET.latent)
            self.optimizer.zero_grad(set_to_none=True)
            loss = loss_of(x, torch.randn(shape)) / len(x)
            loss.backward()
            self.optimizer.step()
        self.seconds.append(time.perf_counter() - begin)
        print(f"PyTorch: epoch {len(self.seconds)}: {len(self.images) / self.seconds[-1]:.0f} examples/s", file=sys.stderr)

    def run_of(self):
        """What a state must have been made with."""
        kept = ("learning_rate_steps", "adam_epsilon", "samples", "seed")
        return {name: getattr(self.options, name) for name in kept} | {"mean": self.images.mean().item()}

    def save(self, file):
        state = {
            "run": self.run_of(), "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "noise": torch.get_rng_state(), "seconds": self.seconds,
        }
        # first the times: whoever reads them must not think that less is done than is
        times = {"version": torch.__version__, "seconds": self.seconds}
        replace(self.options.out / "times.json", lambda path: path.write_text(json.dumps(times) + "\n"))
        replace(file, lambda path: torch.save(state, path))

    def load(self, file):
        state = torch.load(file)
        if state["run"] != self.run_of():
            sys.exit(f"{file}: is of another run: {state['run']}, not {self.run_of()}; give another folder")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["noise"])
        self.seconds = state["seconds"]

    def weights(self):
        """By elbo's names."""
        tensors = {}
        for name, value in self.model.state_dict().items():
            if name.startswith("heads."):
                mu, log_var = value.chunk(2)
                tensors[name.replace("heads", "mu")] = mu
                tensors[name.replace("heads", "log_var")] = log_var
            else:
                tensors[name] = value
        return tensors


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    training = Training(options)
    options.out.mkdir(parents=True, exist_ok=True)
    state = options.out / "state.pt"
    if state.exists():
        training.load(state)
        if len(training.seconds) > options.epochs:
            sys.exit(f"--epochs {options.epochs}: {state} has {len(training.seconds)} already")
    while len(training.seconds) < options.epochs:
        training.epoch()
        training.save(state)
    replace(options.out / "weights.safetensors", lambda path: write_safetensors(path, training.weights()))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
