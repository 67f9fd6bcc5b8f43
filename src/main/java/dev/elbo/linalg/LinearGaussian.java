package dev.elbo.linalg;

import java.util.Arrays;

/**
 * A latent variable model with a closed form for every quantity: z ~ N(0, I), x given z ~ N(Wz + m, s²I), whose
 * marginal is N(m, WWᵀ + s²I) and whose posterior is N(M⁻¹Wᵀ(x − m), s²M⁻¹), M = WᵀW + s²I (Tipping and Bishop 1999,
 * probabilistic principal component analysis). An approximate posterior q is Gaussian with a diagonal covariance.
 *
 * @param weight W, D × J
 * @param mean m, D
 * @param variance s²
 */
public record LinearGaussian(double[][] weight, double[] mean, double variance) {
    /** log 2π. */
    public static final double LOG_2_PI = Math.log(2 * Math.PI);

    /** {@return D} */
    public int inputs() {
        return mean.length;
    }

    /** {@return J} */
    public int latents() {
        return weight[0].length;
    }

    /**
     * {@return log p(x)}
     *
     * @param x D values
     */
    public double logDensity(double[] x) {
        Cholesky cholesky = new Cholesky(gram(weight));
        double[] error = error(x);
        return -0.5 * (inputs() * LOG_2_PI + cholesky.logDeterminant() + dot(error, cholesky.solve(error)));
    }

    /** M. */
    private double[][] precisionTimesVariance() {
        double[][] columns = new double[latents()][];
        Arrays.setAll(columns, this::column);
        return gram(columns);
    }

    /** A Aᵀ + s²I. */
    private double[][] gram(double[][] a) {
        double[][] gram = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                gram[i][j] = dot(a[i], a[j]) + (i == j ? variance : 0);
            }
        }
        return gram;
    }

    /**
     * {@return mean of p(z given x)}
     *
     * @param x D values
     */
    public double[] posteriorMean(double[] x) {
        double[] projected = new double[latents()];
        Arrays.setAll(projected, j -> dot(column(j), error(x)));
        return new Cholesky(precisionTimesVariance()).solve(projected);
    }

    /** {@return covariance of p(z given x), the same for every x} */
    public double[][] posteriorCovariance() {
        int j = latents();
        Cholesky cholesky = new Cholesky(precisionTimesVariance());
        double[][] covariance = new double[j][];
        for (int a = 0; a < j; a++) {
            double[] unit = new double[j];
            unit[a] = variance;
            covariance[a] = cholesky.solve(unit);
        }
        return covariance;
    }

    /**
     * {@return E_q log p(x given z)}
     *
     * @param x D values
     * @param qMean means of q, J values
     * @param qVariance variances of q's independent components, J values
     */
    public double expectedLogLikelihood(double[] x, double[] qMean, double[] qVariance) {
        double squares = 0;
        for (int d = 0; d < inputs(); d++) {
            double e = x[d] - mean[d] - dot(weight[d], qMean);
            squares += e * e;
        }
        return -0.5 * (inputs() * (LOG_2_PI + Math.log(variance)) + squares / variance) - spread(qVariance);
    }

    /**
     * {@return the loss by q's own variance in {@link #expectedLogLikelihood}: ½ Σ_j q variance_j |W_j|² / s²}
     *
     * @param qVariance variances of q's independent components, J values
     */
    public double spread(double[] qVariance) {
        double sum = 0;
        for (int j = 0; j < latents(); j++) {
            sum += qVariance[j] * dot(column(j), column(j));
        }
        return 0.5 * sum / variance;
    }

    /**
     * {@return KL(q ‖ prior)}
     *
     * @param qMean means of q, J values
     * @param qVariance variances of q's independent components, J values
     */
    public static double kl(double[] qMean, double[] qVariance) {
        double sum = 0;
        for (int j = 0; j < qMean.length; j++) {
            sum += 0.5 * (qMean[j] * qMean[j] + qVariance[j] - 1 - Math.log(qVariance[j]));
        }
        return sum;
    }

    /**
     * {@return E_q log p(x given z) − KL(q ‖ prior)}
     *
     * @param x D values
     * @param qMean means of q, J values
     * @param qVariance variances of q's independent components, J values
     */
    public double elbo(double[] x, double[] qMean, double[] qVariance) {
        return expectedLogLikelihood(x, qMean, qVariance) - kl(qMean, qVariance);
    }

    /**
     * {@return KL(q ‖ p(z given x)), which is log p(x) − ELBO}
     *
     * @param x D values
     * @param qMean means of q, J values
     * @param qVariance variances of q's independent components, J values
     */
    public double gap(double[] x, double[] qMean, double[] qVariance) {
        int j = latents();
        double[][] m = precisionTimesVariance();
        double[] posterior = posteriorMean(x);
        double[] distance = new double[j];
        double trace = 0;
        double logDeterminant = 0;
        for (int a = 0; a < j; a++) {
            distance[a] = qMean[a] - posterior[a];
            trace += m[a][a] * qVariance[a] / variance;
            logDeterminant += Math.log(qVariance[a]);
        }
        double square = 0;
        for (int a = 0; a < j; a++) {
            square += distance[a] * dot(m[a], distance) / variance;
        }
        double posteriorLogDeterminant = j * Math.log(variance) - new Cholesky(m).logDeterminant();
        return 0.5 * (trace + square - j + posteriorLogDeterminant - logDeterminant);
    }

    private double[] error(double[] x) {
        double[] error = new double[inputs()];
        Arrays.setAll(error, d -> x[d] - mean[d]);
        return error;
    }

    private double[] column(int j) {
        return Arrays.stream(weight).mapToDouble(row -> row[j]).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
