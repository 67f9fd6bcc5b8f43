package dev.elbo.analysis;

import dev.elbo.linalg.LinearGaussian;
import dev.elbo.linalg.SampleCovariance;
import dev.elbo.linalg.SymmetricEigen;
import java.util.Arrays;

/**
 * Probabilistic principal component analysis in closed form (Tipping and Bishop 1999), which is the optimum of a linear
 * variational autoencoder (Dai et al. 2018; Lucas et al. 2019, theorem 1): for a variance s² the best weights are
 * W = U (Λ − s²)^½ over the largest eigenvalues λ of the data's covariance. Its columns are orthogonal, so the posterior has a
 * diagonal covariance, a diagonal q reaches it, and ELBO and mean log-likelihood are one. A unit whose λ ≤ s² has no weight
 * at all: it collapses, its posterior is the prior.
 */
public final class ProbabilisticPca {
    private final double[] mean;
    private final double[] eigenvalues;
    private final double[][] directions;
    private final int latents;
    private final double variance;

    private ProbabilisticPca(Spectrum spectrum, int latents, double variance) {
        this.mean = spectrum.mean;
        this.eigenvalues = spectrum.eigenvalues;
        this.directions = spectrum.directions;
        this.latents = latents;
        this.variance = variance;
    }

    /** Mean, and eigenvalues and directions of the covariance, the largest first. */
    private record Spectrum(double[] mean, double[] eigenvalues, double[][] directions) {
        static Spectrum of(double[] rows, int n, int d) {
            if (n < 1 || d < 1 || rows.length != (long) n * d) {
                throw new IllegalArgumentException(rows.length + " values do not make " + n + " rows of " + d);
            }
            for (int i = 0; i < rows.length; i++) {
                if (!Double.isFinite(rows[i])) {
                    throw new IllegalArgumentException("row " + i / d + ", column " + i % d + " (from 0) is " + rows[i]
                            + "; values must be finite");
                }
            }
            SampleCovariance covariance = SampleCovariance.of(rows, d, n);
            SymmetricEigen eigen = new SymmetricEigen(covariance.matrix());
            double[] values = eigen.values();
            double[][] vectors = eigen.vectors();
            int[] order = LatentUnits.descending(values);
            double[] sorted = new double[d];
            double[][] directions = new double[d][d];
            for (int k = 0; k < d; k++) {
                sorted[k] = Math.max(0, values[order[k]]);
                for (int i = 0; i < d; i++) {
                    directions[k][i] = vectors[i][order[k]];
                }
            }
            return new Spectrum(covariance.mean(), sorted, directions);
        }
    }

    /**
     * {@return the maximum-likelihood fit: s² is the mean of the eigenvalues that no unit takes}
     *
     * @param rows n × d, row-major
     * @param n number of rows
     * @param d values of a row
     * @param latents J, below d
     * @throws IllegalArgumentException if no variance is left outside the J directions
     */
    public static ProbabilisticPca fit(double[] rows, int n, int d, int latents) {
        requireLatents(latents, d - 1);
        Spectrum spectrum = Spectrum.of(rows, n, d);
        double variance =
                Arrays.stream(spectrum.eigenvalues, latents, d).average().orElseThrow();
        if (!(variance > 1e-14 * spectrum.eigenvalues[0])) {
            throw new IllegalArgumentException("the rows have no variance outside " + latents
                    + " directions, so that their likelihood has no maximum; take fewer latents, or give a variance");
        }
        return new ProbabilisticPca(spectrum, latents, variance);
    }

    /**
     * {@return the most likely weights for a variance that is given}
     *
     * @param rows n × d, row-major
     * @param n number of rows
     * @param d values of a row
     * @param latents J, at most d
     * @param variance s², above 0
     */
    public static ProbabilisticPca fit(double[] rows, int n, int d, int latents, double variance) {
        requireLatents(latents, d);
        if (!(variance > 0) || Double.isInfinite(variance)) {
            throw new IllegalArgumentException("variance must be positive and finite, not " + variance);
        }
        return new ProbabilisticPca(Spectrum.of(rows, n, d), latents, variance);
    }

    private static void requireLatents(int latents, int most) {
        if (latents < 1 || latents > most) {
            throw new IllegalArgumentException("latents must be 1 to " + most + ", not " + latents);
        }
    }

    /** {@return J} */
    public int latents() {
        return latents;
    }

    /** {@return s²} */
    public double variance() {
        return variance;
    }

    /** {@return λ, all d of them, the largest first} */
    public double[] eigenvalues() {
        return eigenvalues.clone();
    }

    /** {@return the model with m and W = U (Λ − s²)^½, unit j for the j-th largest eigenvalue} */
    public LinearGaussian model() {
        double[][] weight = new double[mean.length][latents];
        for (int j = 0; j < activeUnits(); j++) {
            double length = Math.sqrt(eigenvalues[j] - variance);
            for (int i = 0; i < mean.length; i++) {
                weight[i][j] = length * directions[j][i];
            }
        }
        return new LinearGaussian(weight, mean.clone(), variance);
    }

    /** {@return units with λ above s²; they come first, the others are collapsed} */
    public int activeUnits() {
        return (int) Arrays.stream(eigenvalues, 0, latents)
                .filter(value -> value > variance)
                .count();
    }

    /**
     * {@return KL(posterior ‖ prior) of unit j, mean over the rows: ½ ln(λ/s²), or 0 of a collapsed one}
     *
     * @param j number of the unit, from 0
     */
    public double kl(int j) {
        return j < activeUnits() ? 0.5 * Math.log(eigenvalues[j] / variance) : 0;
    }

    /**
     * {@return the active-unit statistic Var_x E[z_j|x] of unit j (Burda et al. 2016): 1 − s²/λ, or 0 of a
     * collapsed one}
     *
     * @param j number of the unit, from 0
     */
    public double activity(int j) {
        return j < activeUnits() ? 1 - variance / eigenvalues[j] : 0;
    }

    /**
     * {@return log p(x): the active directions have the variances λ, all others s²}
     *
     * @param x d values
     */
    public double logDensity(double[] x) {
        double rest = 0;
        double active = 0;
        for (int i = 0; i < mean.length; i++) {
            rest += (x[i] - mean[i]) * (x[i] - mean[i]);
        }
        for (int j = 0; j < activeUnits(); j++) {
            double along = 0;
            for (int i = 0; i < mean.length; i++) {
                along += directions[j][i] * (x[i] - mean[i]);
            }
            rest -= along * along;
            active += along * along / eigenvalues[j];
        }
        return -0.5
                * (mean.length * LinearGaussian.LOG_2_PI + logDeterminant() + active + Math.max(0, rest) / variance);
    }

    private double logDeterminant() {
        int active = activeUnits();
        double sum = Arrays.stream(eigenvalues, 0, active).map(Math::log).sum();
        return sum + (mean.length - active) * Math.log(variance);
    }

    /**
     * {@return the largest ELBO a linear VAE of this variance reaches on the rows, mean over them; their mean log p(x)
     * too}
     */
    public double optimalElbo() {
        int active = activeUnits();
        double rest = Arrays.stream(eigenvalues, active, mean.length).sum();
        return -0.5 * (mean.length * LinearGaussian.LOG_2_PI + logDeterminant() + active + rest / variance);
    }
}
