package dev.elbo.net;

import dev.elbo.backend.NoiseSource;
import dev.elbo.tensor.Tensor;

/** The prior N(0, I). It has no settings and no parameters. */
record StandardNormalPrior() implements Prior {
    static final Kind<Prior> KIND = new Kind<>("standard-normal", (settings, place) -> new StandardNormalPrior());

    @Override
    public void draw(Scope scope, NoiseSource noise, Tensor z) {
        scope.ops().normal(noise, z);
    }

    @Override
    public void sample(Scope scope, Activations a, NoiseSource noise) {
        scope.ops().reparameterize(a.mu(), a.logVar(), noise, a.z(), a.kl(), a.sampledKl());
    }

    @Override
    public void sampleGrad(Scope scope, Activations a, NoiseSource noise, KlTerm kl) {
        scope.ops()
                .reparameterizeGrad(
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
