package dev.elbo.analysis;

import dev.elbo.analysis.information.DiagonalGaussian;
import dev.elbo.backend.LogVariance;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.linalg.Moments;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A trained VAE without hidden layers, read from its weights in float64. Its decoder is a {@link LinearGaussian}, so
 * ELBO, log p(x) and posterior gap are exact.
 */
public final class LinearVae {
    private final double[][] muWeight;
    private final double[] muBias;
    private final double[][] logVarWeight;
    private final double[] logVarBias;
    private final LinearGaussian model;

    /**
     * Copies the current weights of a model.
     *
     * @param vae the model
     * @throws IllegalArgumentException unless it is a VAE without hidden layers whose likelihood is gaussian or
     *     gaussian-optimal
     */
    public LinearVae(Vae vae) {
        VaeSpec spec = vae.spec();
        boolean optimal = spec.likelihood().equals(Likelihood.GAUSSIAN_OPTIMAL);
        VaeSpec linear = VaeSpec.mlp(
                spec.inputs(),
                List.of(),
                spec.latent(),
                spec.activation(),
                optimal ? spec.likelihood() : Likelihood.GAUSSIAN,
                true);
        if (!spec.equals(linear)) {
            throw new IllegalArgumentException(
                    "LinearVae needs a VAE without hidden layers and with one Gaussian variance, not " + spec);
        }
        muWeight = rows(vae, "mu.weight");
        muBias = rows(vae, "mu.bias")[0];
        logVarWeight = rows(vae, "log_var.weight");
        logVarBias = rows(vae, "log_var.bias")[0];
        double variance = optimal ? Math.exp(vae.storedLogVar()) : 1;
        model = new LinearGaussian(rows(vae, "output.weight"), rows(vae, "output.bias")[0], variance);
    }

    private static double[][] rows(Vae vae, String name) {
        Tensor tensor = vae.parameters().tensor(name);
        double[][] rows = new double[tensor.rows()][];
        Arrays.setAll(rows, i -> tensor.rows(i, 1).toDoubles());
        return rows;
    }

    /** {@return the decoder with the prior} */
    public LinearGaussian model() {
        return model;
    }

    /**
     * {@return q(z|x), log σ² clamped as everywhere}
     *
     * @param x D values
     */
    public DiagonalGaussian encode(double[] x) {
        double[] variance = affine(logVarWeight, logVarBias, x);
        Arrays.setAll(variance, j -> Math.exp(LogVariance.clamp(variance[j])));
        return new DiagonalGaussian(affine(muWeight, muBias, x), variance);
    }

    private static double[] affine(double[][] weight, double[] bias, double[] x) {
        double[] y = bias.clone();
        for (int j = 0; j < y.length; j++) {
            for (int i = 0; i < x.length; i++) {
                y[j] += weight[j][i] * x[i];
            }
        }
        return y;
    }

    /**
     * {@return log p(x), ELBO and gap of one example}
     *
     * @param x D values
     */
    public PosteriorTerms terms(double[] x) {
        DiagonalGaussian q = encode(x);
        return new PosteriorTerms(
                model.logDensity(x), model.elbo(x, q.mean(), q.variance()), model.gap(x, q.mean(), q.variance()));
    }

    /**
     * {@return means over some examples}
     *
     * @param examples of D values each
     */
    public PosteriorTerms terms(double[][] examples) {
        return PosteriorTerms.mean(examples, this::terms);
    }

    /**
     * {@return KL(q(z_j|x) ‖ N(0, 1)) of every unit j, means over some examples}
     *
     * @param rows examples of D values each
     */
    public double[] klPerUnit(double[][] rows) {
        double[] sums = new double[model.latents()];
        DiagonalGaussian prior = DiagonalGaussian.standard(1);
        for (double[] x : rows) {
            DiagonalGaussian q = encode(x);
            for (int j = 0; j < sums.length; j++) {
                DiagonalGaussian unit =
                        new DiagonalGaussian(new double[] {q.mean()[j]}, new double[] {q.variance()[j]});
                sums[j] += unit.kl(prior) / rows.length;
            }
        }
        return sums;
    }

    /**
     * {@return the active-unit statistic Var_x E[z_j|x] of every unit j (Burda et al. 2016)}
     *
     * @param rows examples of D values each
     */
    public double[] activity(double[][] rows) {
        Moments[] codes = Moments.columns(model.latents());
        for (double[] x : rows) {
            Moments.add(codes, encode(x).mean());
        }
        return Moments.variances(codes);
    }
}
