package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.linalg.SampleCovariance;
import dev.elbo.linalg.SymmetricEigen;
import dev.elbo.net.Vae;
import java.util.Arrays;

/**
 * The Fréchet distance of generated examples from real ones in a feature space, both taken as Gaussians (Dowson and
 * Landau 1982; Heusel et al. 2017, eq. 6): {@code |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)}. 0 for equal moments, lower
 * is closer; it depends on the features and on the number of examples, so only distances over the same of both compare.
 */
public final class Frechet {
    private Frechet() {}

    /**
     * {@return the squared distance in the posterior means of a model, the features of {@link Probe}; at least 0}
     *
     * @param vae model; its encoder gives the features
     * @param images generated, count × inputs
     * @param real examples that the model was not trained on
     */
    public static double distance(Vae vae, float[] images, Dataset real) {
        Dataset generated = Dataset.of("samples", images, real.features());
        int cols = vae.spec().latent();
        return distance(codes(vae, generated), codes(vae, real), cols);
    }

    private static float[] codes(Vae vae, Dataset data) {
        try (DataSource source = DataSource.of(
                vae.backend(), data, DataPlacement.AUTO, vae.spec().classes())) {
            return new Inference(vae, 0).encode(source, false);
        }
    }

    /** Computes the distance from features row by row, {@code cols} each. */
    static double distance(float[] first, float[] second, int cols) {
        SampleCovariance ofFirst = sample(first, cols);
        SampleCovariance ofSecond = sample(second, cols);
        double[][] a = ofFirst.matrix();
        double[][] b = ofSecond.matrix();
        double distance = 0;
        for (int j = 0; j < cols; j++) {
            double difference = ofFirst.mean()[j] - ofSecond.mean()[j];
            distance += difference * difference + a[j][j] + b[j][j];
        }
        // tr (ab)^½ is that of the symmetric a^½ b a^½, whose eigenvalues are those of ab
        double[][] root = new SymmetricEigen(a).map(value -> Math.sqrt(Math.max(0, value)));
        for (double value : new SymmetricEigen(product(product(root, b), root)).values()) {
            distance -= 2 * Math.sqrt(Math.max(0, value));
        }
        return Math.max(0, distance);
    }

    private static SampleCovariance sample(float[] rows, int cols) {
        double[] values = new double[rows.length];
        Arrays.setAll(values, i -> rows[i]);
        return SampleCovariance.of(values, cols, rows.length / cols - 1.0);
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] product = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < a.length; k++) {
                for (int j = 0; j < a.length; j++) {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return product;
    }
}
