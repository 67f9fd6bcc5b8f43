package dev.elbo.net;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.tensor.Tensor;

/** The prior N(0, I). It has no settings and no parameters. */
record StandardNormalPrior() implements Prior {
    static final Kind<Prior> KIND = new Kind<>("standard-normal", (settings, place) -> new StandardNormalPrior());

    @Override
    public void draw(Ops ops, NoiseSource noise, Tensor z) {
        ops.normal(noise, z);
    }

    @Override
    public void sample(Ops ops, Activations a, NoiseSource noise) {
        ops.reparameterize(a.mu(), a.logVar(), noise, a.z(), a.kl(), a.sampledKl());
    }

    @Override
    public void sampleGrad(Ops ops, Activations a, NoiseSource noise, KlTerm kl) {
        ops.reparameterizeGrad(
                a.mu(),
                a.logVar(),
                noise,
                a.dZ(),
                kl.mode(),
                kl.schedule(),
                kl.rowWeight(),
                kl.scale(),
                a.dMu(),
                a.dLogVar());
    }
}
