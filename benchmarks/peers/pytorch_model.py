"""The VAE of the PyTorch contestants, started as elbo starts: Glorot uniform, the output at the mean of the data."""

import math

import torch
from torch import nn
from torch.nn import functional

ACTIVATIONS = {"relu": lambda x: functional.relu(x, inplace=True), "tanh": torch.tanh}


class Vae(nn.Module):
    """A `comparison.Preset`, with a Gaussian of unit variance or a Bernoulli on logits behind it."""

    def __init__(self, preset, gaussian, pixel_mean):
        super().__init__()
        self.activation = ACTIVATIONS[preset.activation]
        self.gaussian = gaussian
        widths = preset.widths()
        maps = preset.maps()
        self.pictures = maps[0], maps[-1]  # of an example, and in front of the dense layers
        self.convolutions = nn.ModuleList(nn.Conv2d(a[0], *each) for a, each in zip(maps, preset.convolutions))
        self.encoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.heads = nn.Linear(widths[-1], 2 * preset.latent)  # mu and log variance in one product
        back = (preset.latent, *reversed(widths if preset.convolutions else preset.hidden))
        self.decoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(back, back[1:]))
        if preset.convolutions:
            transposed = [nn.ConvTranspose2d(each[0], a[0], *each[1:]) for a, each in zip(maps, preset.convolutions)]
            *inner, self.output = reversed(transposed)
            self.transposed = nn.ModuleList(inner)
            pixel_mean = pixel_mean.view(len(self.output.bias), -1).mean(1)
        else:
            self.output = nn.Linear(back[-1], preset.inputs)
        for name, parameter in self.named_parameters():
            if name == "heads.weight":
                for head in parameter.chunk(2):
                    nn.init.xavier_uniform_(head)
            elif parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)
        if self.convolutions:
            self.to(memory_format=torch.channels_last)  # tried with 1.13 on a CPU: a tenth faster
        with torch.no_grad():
            self.output.bias.copy_(pixel_mean if gaussian else pixel_mean.clamp(1e-3, 1 - 1e-3).logit())

    def hidden_of(self, x):
        if self.convolutions:
            x = x.view(-1, *self.pictures[0])
            for layer in self.convolutions:
                x = self.activation(layer(x))
            x = x.flatten(1)
        for layer in self.encoder:
            x = self.activation(layer(x))
        return x

    def heads_of(self, x):
        return self.heads(self.hidden_of(x)).chunk(2, 1)

    def mean_of(self, x):
        """Without the work for the variance."""
        latent = self.heads.out_features // 2
        return functional.linear(self.hidden_of(x), self.heads.weight[:latent], self.heads.bias[:latent])

    def output_of(self, z):
        for layer in self.decoder:
            z = self.activation(layer(z))
        if not self.convolutions:
            return self.output(z)
        z = z.view(-1, *self.pictures[1])
        for layer in self.transposed:
            z = self.activation(layer(z))
        return self.output(z).flatten(1)

    def reconstruction(self, output, x):
        """-log p(x|z) summed over all, the Gaussian's constant left out."""
        if self.gaussian:
            return 0.5 * functional.mse_loss(output, x, reduction="sum")
        return functional.binary_cross_entropy_with_logits(output, x, reduction="sum")

    def loss(self, x, noise):
        """Reconstruction + KL summed over the batch, the Gaussian's constant left out; noise (B, J)."""
        mu, log_var = self.heads_of(x)
        sigma = torch.exp(0.5 * log_var)
        output = self.output_of(torch.addcmul(mu, sigma, noise))
        return self.reconstruction(output, x) - 0.5 * (1 + log_var - mu * mu - sigma * sigma).sum()

    def sampled_loss(self, x, noise):
        """As `loss` with the KL divergence of the draw: -L_1, but for the squares of the noise, of which no gradient comes."""
        mu, log_var = self.heads_of(x)
        z = torch.addcmul(mu, torch.exp(0.5 * log_var), noise)
        return self.reconstruction(self.output_of(z), x) + 0.5 * (z.square().sum() - log_var.sum())

    def importance_weighted(self, x, noise):
        """-L_K summed over the batch (Burda et al. 2016, eq. 8), the Gaussian's constant left out; noise (K, B, J)."""
        mu, log_var = self.heads_of(x)
        z = torch.addcmul(mu, torch.exp(0.5 * log_var), noise)
        output = self.output_of(z.flatten(0, 1)).view(len(noise), *x.shape)
        if self.gaussian:
            log_p = -0.5 * (output - x).square().sum(2)
        else:
            log_p = (x * output - functional.softplus(output)).sum(2)
        log_weight = log_p - 0.5 * z.square().sum(2) + 0.5 * (log_var + noise.square()).sum(2)
        return -(torch.logsumexp(log_weight, 0) - math.log(len(noise))).sum()
