"""What the Python contestants share: arguments, data, the result as one JSON object. Needs NumPy only."""

import argparse
import dataclasses
import gzip
import json
import math
import statistics
import sys
import time
from pathlib import Path

LN_2PI = math.log(2 * math.pi)


@dataclasses.dataclass(frozen=True)
class Preset:
    """A step that is compared everywhere; the same as those of `elbo bench step`."""

    inputs: int
    hidden: tuple
    latent: int
    activation: str
    samples: int  # importance samples; 1: the ELBO
    batch: int
    picture: tuple = ()  # channels, height, width: what comes before the hidden layers, and behind those of the decoder
    convolutions: tuple = ()  # each (channels, kernel, stride, padding)

    def maps(self):
        """Channels, height and width before, between and behind the convolutions."""
        maps = [self.picture]
        for channels, kernel, stride, padding in self.convolutions:
            maps.append((channels, *((size + 2 * padding - kernel) // stride + 1 for size in maps[-1][1:])))
        return maps

    def widths(self):
        """Of the encoder's dense layers, from what they take on."""
        return (math.prod(self.maps()[-1]) if self.convolutions else self.inputs, *self.hidden)


PRESETS = {
    "small": Preset(784, (400,), 20, "relu", 1, 128),
    "large": Preset(4096, (4096,), 512, "relu", 1, 4096),
    "iwae50": Preset(784, (200, 200), 50, "tanh", 50, 20),
    "conv": Preset(784, (256,), 20, "relu", 1, 128, (1, 28, 28), ((32, 4, 2, 1), (64, 4, 2, 1))),
}


ROWS = (1, 4096)  # of a call, where a model is used


def parse(doc, modes, devices):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="small")
    parser.add_argument("--work", choices=("training", "inference"), default="training")
    parser.add_argument("--data-folder", type=Path, metavar="DIR", help="IDX files of 28 x 28 images; else random bytes")
    parser.add_argument("--examples", type=int, metavar="N", help="of random data (default: 64 batches)")
    parser.add_argument("--device", choices=devices, default=devices[0])
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=4, help="the first is warm-up")
    parser.add_argument("--likelihood", choices=("gaussian", "bernoulli"), default="gaussian")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
    options = parser.parse_args()
    if options.threads < 1 or options.epochs < 2 or (options.examples is not None and options.examples < 1):
        parser.error("at least 1 thread, 2 epochs, 1 example")
    if options.data_folder and PRESETS[options.preset].inputs != 784:
        parser.error(f"--data-folder has 784 values an image, --preset {options.preset} needs others")
    return options


def data(options):
    """Training and test data, (N, D) uint8."""
    import numpy as np

    preset = PRESETS[options.preset]
    if options.data_folder:
        return read_images(options.data_folder, "train-images-idx3-ubyte"), read_images(
            options.data_folder, "t10k-images-idx3-ubyte"
        )
    random = np.random.default_rng(options.seed)
    examples = options.examples or 64 * preset.batch
    return tuple(
        random.integers(1, 256, (n, preset.inputs), dtype=np.uint8) for n in (examples, min(examples, preset.batch))
    )


def read_images(folder, stem):
    import numpy as np

    plain = folder / stem
    with open(plain, "rb") if plain.exists() else gzip.open(folder / (stem + ".gz"), "rb") as file:
        content = file.read()
    magic, count, rows, columns = np.frombuffer(content, ">i4", 4)
    if magic != 0x803 or rows * columns != 784 or len(content) != 16 + count * 784:
        sys.exit(f"{stem}: not an IDX file of 28 x 28 images")
    return np.frombuffer(content, np.uint8, offset=16).reshape(count, 784)


def time_calls(calls):
    """Times each of {(what, rows): call}, a second after one of warm-up; the results as `elbo bench inference` has them."""
    results = []
    for (what, rows), call in calls.items():
        begin = time.perf_counter()
        while time.perf_counter() - begin < 1:
            call()
        seconds = []
        while sum(seconds) < 1 or len(seconds) < 5:
            begin = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begin)
        lower, median, upper = (1e6 * value for value in statistics.quantiles(seconds, n=4, method="inclusive"))
        print(f"{what}, {rows} rows: {median:.1f} µs", file=sys.stderr)
        times = {"median": median, "lower_quartile": lower, "upper_quartile": upper, "measurements": len(seconds)}
        results.append({"what": what, "rows": rows, "microseconds": times})
    return results


def finish(options, result):
    text = json.dumps(result)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


def run(options, about, epoch, test_elbo):
    """Times epochs: `epoch()` trains one and returns when the device is done, `test_elbo()` is in nats per example."""
    examples = about.pop("examples")
    rates, elbos = [], []
    for number in range(options.epochs):
        begin = time.perf_counter()
        epoch()
        rates.append(round(examples / (time.perf_counter() - begin), 1))
        elbos.append(round(test_elbo(), 3))
        print(f"epoch {number + 1}: {rates[-1]:.0f} examples/s, test ELBO {elbos[-1]:.2f}", file=sys.stderr)
    result = {
        **about,
        "preset": options.preset,
        "device": options.device,
        "mode": options.mode,
        "precision": options.precision,
        "threads": options.threads,
        "likelihood": options.likelihood,
        "batch": PRESETS[options.preset].batch,
        "seed": options.seed,
        "images_per_second": rates,
        "median": statistics.median(rates[1:]),
        "test_elbo": elbos,
    }
    finish(options, result)
