package dev.elbo.demo;

import dev.elbo.analysis.LinearVae;
import dev.elbo.analysis.PosteriorTerms;
import dev.elbo.analysis.ProbabilisticPca;
import dev.elbo.analysis.information.DiagonalGaussian;
import dev.elbo.backend.Backend;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.linalg.Moments;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Probabilistic PCA: the posterior is known, some q of choice are compared with it, and a linear VAE finds it. */
final class PcaContrast {
    static final int EXAMPLES = 2000;
    static final int LATENTS = 4;
    /** Eigenvalues: three well above the variance 1 of the likelihood, the others well below. */
    static final double[] EIGENVALUES = {9, 4, 2.25, 0.5, 0.4, 0.3};

    private static final TreeSet<Integer> LOOKS = new TreeSet<>(List.of(0, 1, 2, 5, 10, 20, 50, 100, 200, 400));
    private static final double[] BETAS = {1, 3, 6, 12};
    private static final int DRAWS = 100_000;
    private static final int[] SAMPLES = {1, 10, 100, 1000};

    private PcaContrast() {}

    static double[][] rows(long seed) {
        return Examples.linear(seed, EXAMPLES, EIGENVALUES);
    }

    /** Trains a linear VAE of unit variance on the rows. */
    static List<PosteriorReport.Epoch> train(
            Backend backend, double[][] rows, long seed, double beta, Consumer<LinearVae> end) {
        VaeSpec spec = VaeSpec.mlp(rows[0].length, List.of(), LATENTS, Activation.IDENTITY, Likelihood.GAUSSIAN, true);
        return Training.run(
                backend,
                spec,
                rows,
                seed,
                beta,
                LOOKS,
                vae -> new LinearVae(vae).terms(rows),
                vae -> end.accept(new LinearVae(vae)));
    }

    static PosteriorReport.Pca run(Backend backend, long seed) {
        double[][] rows = rows(seed);
        double[] flat = Examples.flat(rows);
        int d = rows[0].length;
        ProbabilisticPca pca = ProbabilisticPca.fit(flat, rows.length, d, LATENTS, 1);
        LinearGaussian model = pca.model();
        double[] x = rows[0];
        double[][] covariance = model.posteriorCovariance();
        double[] variance = new double[LATENTS];
        double[] wider = new double[LATENTS];
        Arrays.setAll(variance, j -> covariance[j][j]);
        Arrays.setAll(wider, j -> 2 * variance[j]);
        double[] mean = model.posteriorMean(x);
        List<PosteriorReport.Choice> choices = List.of(
                choice("the prior", model, x, DiagonalGaussian.standard(LATENTS)),
                choice(
                        "its mean, variance 1",
                        model,
                        x,
                        new DiagonalGaussian(
                                mean, DiagonalGaussian.standard(LATENTS).variance())),
                choice("its mean, twice its variance", model, x, new DiagonalGaussian(mean, wider)),
                choice("the posterior itself", model, x, new DiagonalGaussian(mean, variance)));
        double[][] units = new double[1][];
        List<PosteriorReport.Epoch> epochs =
                train(backend, rows, seed, 1, vae -> units[0] = descending(vae.klPerUnit(rows)));
        double[] optimalKl = new double[LATENTS];
        Arrays.setAll(optimalKl, pca::kl);
        return new PosteriorReport.Pca(
                rows.length,
                LATENTS,
                pca.variance(),
                pca.eigenvalues(),
                choices,
                bounds(model, x, new DiagonalGaussian(mean, wider), seed),
                betas(flat, d),
                pca.optimalElbo(),
                epochs,
                units[0],
                optimalKl);
    }

    private static PosteriorReport.Choice choice(String name, LinearGaussian model, double[] x, DiagonalGaussian q) {
        return new PosteriorReport.Choice(
                name,
                new PosteriorTerms(
                        model.logDensity(x),
                        model.elbo(x, q.mean(), q.variance()),
                        model.gap(x, q.mean(), q.variance())));
    }

    private static double[] descending(double[] values) {
        return Arrays.stream(values)
                .map(value -> -value)
                .sorted()
                .map(value -> -value)
                .toArray();
    }

    /** Computes all bounds from the same draws: L_K rises with K on nested groups, draw by draw. */
    private static List<PosteriorReport.Bound> bounds(LinearGaussian model, double[] x, DiagonalGaussian q, long seed) {
        DiagonalGaussian prior = DiagonalGaussian.standard(q.size());
        double[] noise = new double[q.size()];
        double[] z = new double[q.size()];
        double[] point = new double[q.size()];
        double[] logWeights = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            Noise.normals(seed, 0, NoiseStream.EVALUATION, i, 0, noise.length, noise, 0);
            for (int j = 0; j < z.length; j++) {
                z[j] = q.mean()[j] + Math.sqrt(q.variance()[j]) * noise[j];
            }
            logWeights[i] = model.expectedLogLikelihood(x, z, point) + prior.logDensity(z) - q.logDensity(z);
        }
        List<PosteriorReport.Bound> bounds = new ArrayList<>();
        for (int samples : SAMPLES) {
            bounds.add(bound(logWeights, samples));
        }
        return bounds;
    }

    private static PosteriorReport.Bound bound(double[] logWeights, int samples) {
        Moments bounds = new Moments();
        for (int first = 0; first < logWeights.length; first += samples) {
            double[] group = Arrays.copyOfRange(logWeights, first, first + samples);
            double largest = Arrays.stream(group).max().orElseThrow();
            double sum = Arrays.stream(group).map(w -> Math.exp(w - largest)).sum();
            bounds.add(largest + Math.log(sum / samples));
        }
        return new PosteriorReport.Bound(samples, bounds.mean(), bounds.standardError());
    }

    /**
     * Computes optima of β-VAEs. Up to a constant, β-weighting the KL divergence is a likelihood of variance β s²: units with
     * λ ≤ β s² collapse.
     */
    private static List<PosteriorReport.Beta> betas(double[] flat, int d) {
        List<PosteriorReport.Beta> betas = new ArrayList<>();
        for (double beta : BETAS) {
            ProbabilisticPca pca = ProbabilisticPca.fit(flat, flat.length / d, d, LATENTS, beta);
            double kl = IntStream.range(0, LATENTS).mapToDouble(pca::kl).sum();
            betas.add(new PosteriorReport.Beta(beta, pca.activeUnits(), kl));
        }
        return betas;
    }
}
