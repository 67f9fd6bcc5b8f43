#!/usr/bin/env python3
"""Training speed of JAX: a VAE or an importance-weighted one, with Adam 1e-3. Needs nothing but JAX and NumPy.

    python3 jax_vae.py --data-folder DIR --mode scan
    python3 jax_vae.py --device cuda --preset large --precision tf32

Modes: scan (an epoch is one compiled program: lax.scan over its steps); jit (a compiled step, called from Python). Parameters
and moments are donated; the data stay on the device as bytes.

The result is one JSON object on stdout. images_per_second has one entry an epoch and counts training alone; median leaves the
first epoch out, as compilation and warm-up; test_elbo is in nats per example after each epoch, one draw of noise, constants
included. A partial last batch is left out; it does not count as trained.
"""
import functools
import math
import os
import sys

import comparison

OPTIONS = comparison.parse(__doc__, ("scan", "jit"), ("cpu", "cuda"))
os.environ.setdefault("JAX_PLATFORMS", OPTIONS.device)
if OPTIONS.device == "cpu":
    # XLA's pool takes as many threads as the process may use cores
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: OPTIONS.threads])

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax import lax
except ImportError as missing:
    sys.exit(f"JAX is not there: {missing}")

PRESET = comparison.PRESETS[OPTIONS.preset]
GAUSSIAN = OPTIONS.likelihood == "gaussian"
ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8
COMPUTE = jnp.bfloat16 if OPTIONS.precision == "bf16" else jnp.float32


def initialize(key, pixel_mean):
    """Weights (in, out) and (kernel, kernel, in, out), Glorot uniform; the output's bias from the data."""
    widths = PRESET.widths()
    maps = PRESET.maps()
    back = (PRESET.latent, *reversed(widths if PRESET.convolutions else PRESET.hidden))

    def dense(key, inputs, outputs, heads=1):
        bound = math.sqrt(6 / (inputs + outputs))
        weight = jax.random.uniform(key, (inputs, heads * outputs), jnp.float32, -bound, bound)
        return weight, jnp.zeros(heads * outputs)

    def convolution(key, inputs, outputs, kernel):
        bound = math.sqrt(6 / (kernel * kernel * (inputs + outputs)))
        weight = jax.random.uniform(key, (kernel, kernel, inputs, outputs), jnp.float32, -bound, bound)
        return weight, jnp.zeros(outputs)

    keys = iter(jax.random.split(key, 2 * len(widths) + 2 * len(maps)))
    channels = [(a[0], b[0], each[1]) for a, b, each in zip(maps, maps[1:], PRESET.convolutions)]
    convolutions = [convolution(next(keys), *each) for each in channels]
    encoder = [dense(next(keys), a, b) for a, b in zip(widths, widths[1:])]
    heads = dense(next(keys), widths[-1], PRESET.latent, 2)
    decoder = [dense(next(keys), a, b) for a, b in zip(back, back[1:])]
    transposed = [convolution(next(keys), b, a, kernel) for a, b, kernel in reversed(channels)]
    if transposed:
        weight, _ = transposed.pop()
        pixel_mean = pixel_mean.reshape(maps[0][0], -1).mean(1)
    else:
        weight, _ = dense(next(keys), back[-1], PRESET.inputs)
    clipped = np.clip(pixel_mean, 1e-3, 1 - 1e-3)
    bias = jnp.asarray(pixel_mean if GAUSSIAN else np.log(clipped / (1 - clipped)), jnp.float32)
    return {
        "convolutions": convolutions, "encoder": encoder, "heads": heads, "decoder": decoder, "transposed": transposed,
        "output": (weight, bias),
    }


def linear(x, layer):
    weight, bias = layer
    product = jnp.matmul(x.astype(COMPUTE), weight.astype(COMPUTE), preferred_element_type=jnp.float32)
    return product + bias


def convolve(x, layer, settings, transposed=False):
    """Channels last, so that the dense layers see another order of the same values than those of other contestants."""
    weight, bias = layer
    _, kernel, stride, padding = settings
    x, weight, order = x.astype(COMPUTE), weight.astype(COMPUTE), ("NHWC", "HWIO", "NHWC")
    if transposed:
        around = kernel - 1 - padding
        y = lax.conv_transpose(x, weight, (stride, stride), [(around, around)] * 2, dimension_numbers=order)
    else:
        y = lax.conv_general_dilated(x, weight, (stride, stride), [(padding, padding)] * 2, dimension_numbers=order)
    return y.astype(jnp.float32) + bias


def pictures(x, place):
    channels, height, width = PRESET.maps()[place]
    return x.reshape(-1, height, width, channels)


def forward(parameters, x, noise):
    """mu, log variance (B, J), z (K, B, J) and the output (K, B, D); noise (K, B, J)."""
    activation = ACTIVATIONS[PRESET.activation]
    h = x
    if PRESET.convolutions:
        h = pictures(x, 0)
        for layer, settings in zip(parameters["convolutions"], PRESET.convolutions):
            h = activation(convolve(h, layer, settings))
        h = h.reshape(len(x), -1)
    for layer in parameters["encoder"]:
        h = activation(linear(h, layer))
    mu, log_var = jnp.split(linear(h, parameters["heads"]), 2, 1)
    z = mu + jnp.exp(0.5 * log_var) * noise
    h = z
    for layer in parameters["decoder"]:
        h = activation(linear(h, layer))
    if not PRESET.convolutions:
        return mu, log_var, z, linear(h, parameters["output"])
    h = pictures(h, -1)
    *inner, last = reversed(PRESET.convolutions)
    for layer, settings in zip(parameters["transposed"], inner):
        h = activation(convolve(h, layer, settings, transposed=True))
    output = convolve(h, parameters["output"], last, transposed=True)
    return mu, log_var, z, output.reshape(*z.shape[:2], PRESET.inputs)


def log_likelihood(output, x):
    """(K, B), the Gaussian's constant left out."""
    return (-0.5 * jnp.square(output - x) if GAUSSIAN else x * output - jax.nn.softplus(output)).sum(-1)


def negative_elbo(parameters, x, noise):
    mu, log_var, _, output = forward(parameters, x, noise)
    kl = -0.5 * (1 + log_var - jnp.square(mu) - jnp.exp(log_var)).sum()
    return kl - log_likelihood(output, x).mean(0).sum()


def importance_weighted(parameters, x, noise):
    """-L_K summed over the batch (Burda et al. 2016, eq. 8)."""
    _, log_var, z, output = forward(parameters, x, noise)
    log_weight = log_likelihood(output, x) - 0.5 * jnp.square(z).sum(-1)
    log_weight += 0.5 * (log_var + jnp.square(noise)).sum(-1)
    return -(jax.nn.logsumexp(log_weight, 0) - math.log(len(noise))).sum()


LOSS = negative_elbo if PRESET.samples == 1 else importance_weighted


def step(state, images, rows, key):
    parameters, first, second, count = state
    x = images[rows].astype(jnp.float32) / 255
    noise = jax.random.normal(jax.random.fold_in(key, count), (PRESET.samples, len(rows), PRESET.latent))
    gradients = jax.grad(lambda p: LOSS(p, x, noise) / len(rows))(parameters)
    count = count + 1
    time = count.astype(jnp.float32)
    scale = RATE * jnp.sqrt(1 - BETA2**time) / (1 - BETA1**time)
    first = jax.tree_util.tree_map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
    second = jax.tree_util.tree_map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
    floor = EPSILON * jnp.sqrt(1 - BETA2**time)
    parameters = jax.tree_util.tree_map(
        lambda p, m, v: p - scale * m / (jnp.sqrt(v) + floor), parameters, first, second
    )
    return parameters, first, second, count


compiled_step = jax.jit(step, donate_argnums=0)


@functools.partial(jax.jit, donate_argnums=0)
def compiled_epoch(state, images, order, key):
    return lax.scan(lambda s, rows: (step(s, images, rows, key), None), state, order)[0]


@jax.jit
def test_loss(parameters, x, noise):
    return negative_elbo(parameters, x.astype(jnp.float32) / 255, noise)


class Training:
    def __init__(self, train, test):
        key = jax.random.PRNGKey(OPTIONS.seed)
        parameters = initialize(key, train.mean(0, dtype="float64") / 255)
        zeros = lambda: jax.tree_util.tree_map(jnp.zeros_like, parameters)
        self.state = (parameters, zeros(), zeros(), jnp.zeros((), jnp.int32))
        self.images = jnp.asarray(train)
        self.test = test
        self.key = key
        self.order = np.random.default_rng(OPTIONS.seed)
        self.batches = len(train) // PRESET.batch

    def epoch(self):
        rows = self.order.permutation(len(self.images))[: self.batches * PRESET.batch]
        order = jnp.asarray(rows.reshape(self.batches, PRESET.batch).astype(np.int32))
        if OPTIONS.mode == "scan":
            self.state = compiled_epoch(self.state, self.images, order, self.key)
        else:
            for i in range(self.batches):
                self.state = compiled_step(self.state, self.images, order[i], self.key)
        jax.block_until_ready(self.state)

    def test_elbo(self):
        total = 0.0
        for begin in range(0, len(self.test), 1000):
            x = jnp.asarray(self.test[begin : begin + 1000])
            noise = jax.random.normal(jax.random.PRNGKey(1 + begin), (1, len(x), PRESET.latent))
            total += float(test_loss(self.state[0], x, noise))
        return -total / len(self.test) - (0.5 * PRESET.inputs * comparison.LN_2PI if GAUSSIAN else 0)


if __name__ == "__main__":
    if OPTIONS.precision != "bf16":
        jax.config.update("jax_default_matmul_precision", "highest" if OPTIONS.precision == "fp32" else "tensorfloat32")
    training = Training(*comparison.data(OPTIONS))
    if training.batches < 1:
        sys.exit(f"fewer examples than a batch of {PRESET.batch}")
    about = {
        "framework": "jax",
        "version": jax.__version__,
        "gpu": str(jax.devices()[0]),
        "examples": training.batches * PRESET.batch,
    }
    comparison.run(OPTIONS, about, training.epoch, training.test_elbo)
