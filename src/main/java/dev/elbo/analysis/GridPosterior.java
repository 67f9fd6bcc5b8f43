package dev.elbo.analysis;

import dev.elbo.analysis.information.DiagonalGaussian;
import dev.elbo.error.ElboException;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/**
 * The posterior of a VAE with one latent unit, by the trapezoidal rule over a grid of z: whatever the decoder is, log p(x) and
 * KL(q(z|x) ‖ p(z|x)) are exact to the backend's rounding. The decoder is run once, over the grid; make a new one after the
 * weights have changed.
 */
public final class GridPosterior implements AutoCloseable {
    /** The half width of the grid: far more than the prior needs, for encoders that are not trained yet. */
    private static final double RANGE = 40;
    /** Points for each unit of z: the rule is exact to rounding for Gaussians of a standard deviation of at least 1/70. */
    private static final int DENSITY = 100;
    /** Standard deviations of q beyond which its mass is left out, 1e-30 of it. */
    private static final double WIDTH = 12;

    private static final int POINTS = (int) (2 * RANGE * DENSITY) + 1;
    /** The largest error of log p(x) = ELBO + gap, in nats: float32 rounding, far below the reported digits. */
    private static final double TOLERANCE = 1e-4;

    private final Vae vae;
    private final Activations activations;
    private final Tensor x;
    private final double[] logPrior = new double[POINTS];

    /**
     * Evaluates the decoder of a model, with its current weights, on the grid.
     *
     * @param vae its weights are copied
     * @throws IllegalArgumentException unless the model has one latent unit, an encoder with a variance and no classes
     */
    public GridPosterior(Vae vae) {
        if (vae.spec().latent() != 1
                || !vae.network().stochastic()
                || vae.spec().conditional()) {
            throw new IllegalArgumentException(
                    "GridPosterior needs a variational autoencoder with one latent unit and without classes, not "
                            + vae.spec());
        }
        this.vae = vae;
        activations = vae.allocate(1, POINTS, false);
        try {
            x = vae.backend().allocate(ElementType.REAL, 1, vae.spec().inputs());
            double[] points = new double[POINTS];
            DiagonalGaussian prior = DiagonalGaussian.standard(1);
            for (int g = 0; g < POINTS; g++) {
                points[g] = point(g);
                logPrior[g] = prior.logDensity(new double[] {points[g]});
            }
            activations.z().write(points);
            vae.decode(activations);
        } catch (Throwable thrown) {
            activations.close();
            throw thrown;
        }
    }

    private static double point(int g) {
        return -RANGE + (double) g / DENSITY;
    }

    /**
     * {@return log p(x), ELBO with its analytic KL divergence from the prior, and gap of one example, each on its own}
     *
     * @param example D values
     * @throws ElboException numeric, if q is too narrow for the grid or beyond it
     */
    public PosteriorTerms terms(double[] example) {
        x.write(example);
        vae.encode(x, activations);
        vae.lossRows(x, activations);
        double[] reconstruction = activations.reconstruction().toDoubles();
        DiagonalGaussian q = new DiagonalGaussian(
                activations.mu().toDoubles(),
                new double[] {Math.exp(activations.logVar().toDoubles()[0])});
        double[] joint = new double[POINTS];
        Arrays.setAll(joint, g -> logPrior[g] - reconstruction[g]);
        double largest = Arrays.stream(joint).max().orElseThrow();
        double sum =
                Arrays.stream(joint).map(value -> Math.exp(value - largest)).sum();
        double logDensity = largest + Math.log(sum / DENSITY);
        double likelihood = 0;
        double gap = 0;
        double[] z = new double[1];
        double reach = WIDTH * Math.sqrt(q.variance()[0]);
        int end = (int) Math.min(POINTS, (q.mean()[0] + reach + RANGE) * DENSITY + 1);
        for (int g = (int) Math.max(0, (q.mean()[0] - reach + RANGE) * DENSITY); g < end; g++) {
            z[0] = point(g);
            double logQ = q.logDensity(z);
            double mass = Math.exp(logQ) / DENSITY;
            likelihood -= mass * reconstruction[g];
            gap += mass * (logQ - (joint[g] - logDensity));
        }
        double elbo = likelihood - q.kl(DiagonalGaussian.standard(1));
        if (!(Math.abs(logDensity - elbo - gap) <= TOLERANCE * Math.max(1, Math.abs(logDensity)))) {
            throw ElboException.numeric("q(z|x) with the mean " + q.mean()[0] + " and the variance " + q.variance()[0]
                    + " does not fit a grid from " + -RANGE + " to " + RANGE + " with " + DENSITY
                    + " points a unit; log p(x) cannot be computed");
        }
        return new PosteriorTerms(logDensity, elbo, gap);
    }

    /**
     * {@return means over some examples}
     *
     * @param examples of D values each
     */
    public PosteriorTerms terms(double[][] examples) {
        return PosteriorTerms.mean(examples, this::terms);
    }

    @Override
    public void close() {
        x.buffer().close();
        activations.close();
    }
}
