package dev.elbo.demo;

import dev.elbo.analysis.PosteriorTerms;
import dev.elbo.analysis.information.Discrete;
import dev.elbo.analysis.information.Gaussian;
import dev.elbo.analysis.information.Unit;
import dev.elbo.analysis.mixture.Covariance;
import dev.elbo.analysis.mixture.GaussianMixture;
import dev.elbo.analysis.mixture.MixtureListener;
import java.util.ArrayList;
import java.util.List;

/** A mixture by expectation maximisation: the E-step closes the gap, the M-step raises ELBO and likelihood. */
final class EmContrast {
    private static final int COMPONENTS = 3;

    private EmContrast() {}

    static PosteriorReport.Em run(double[][] rows, long seed) {
        List<PosteriorReport.EmStep> steps = new ArrayList<>();
        double[][][] q = new double[1][][];
        GaussianMixture.fit(
                Examples.flat(rows),
                rows.length,
                rows[0].length,
                COMPONENTS,
                Covariance.FULL,
                seed,
                new MixtureListener() {
                    @Override
                    public void onStep(int components, int step, double meanLogLikelihood) {}

                    @Override
                    public void onMixture(int step, GaussianMixture mixture) {
                        if (step > 0) {
                            steps.add(new PosteriorReport.EmStep(
                                    step, PosteriorReport.Half.M, terms(rows, q[0], mixture)));
                        }
                        q[0] = new double[rows.length][];
                        for (int i = 0; i < rows.length; i++) {
                            q[0][i] = mixture.responsibilities(rows[i]);
                        }
                        steps.add(new PosteriorReport.EmStep(
                                step + 1, PosteriorReport.Half.E, terms(rows, q[0], mixture)));
                    }
                });
        return new PosteriorReport.Em(rows.length, COMPONENTS, steps);
    }

    /** Averages the terms over the rows; the ELBO comes from weights and Gaussians alone. */
    private static PosteriorTerms terms(double[][] rows, double[][] q, GaussianMixture mixture) {
        int components = mixture.components();
        double[] weights = mixture.weights();
        Gaussian[] gaussians = new Gaussian[components];
        for (int c = 0; c < components; c++) {
            gaussians[c] = new Gaussian(mixture.means()[c], mixture.covariances()[c]);
        }
        double logDensity = 0;
        double elbo = 0;
        double gap = 0;
        for (int i = 0; i < rows.length; i++) {
            double joint = Discrete.entropy(q[i], Unit.NATS);
            for (int c = 0; c < components; c++) {
                joint += q[i][c] * (Math.log(weights[c]) + gaussians[c].logDensity(rows[i]));
            }
            logDensity += mixture.logDensity(rows[i]) / rows.length;
            elbo += joint / rows.length;
            gap += Discrete.kl(q[i], mixture.responsibilities(rows[i]), Unit.NATS) / rows.length;
        }
        return new PosteriorTerms(logDensity, elbo, gap);
    }
}
