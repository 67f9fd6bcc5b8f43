package dev.elbo.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.LinearVae;
import dev.elbo.analysis.PosteriorTerms;
import dev.elbo.analysis.ProbabilisticPca;
import dev.elbo.backend.Backend;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PosteriorDemoTest {
    private static final double IDENTITY = 1e-12;

    private static PosteriorReport report;

    @BeforeAll
    static void run() {
        try (Backend backend = Backends.reference()) {
            report = PosteriorDemo.run(backend, 0);
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
        }
    }

    private static void identity(PosteriorTerms terms) {
        assertEquals(
                terms.logDensity(), terms.elbo() + terms.gap(), IDENTITY * Math.max(1, Math.abs(terms.logDensity())));
        assertTrue(terms.gap() > -IDENTITY, "a divergence: " + terms);
    }

    @Test
    void onlyThePosteriorLeavesNoGap() {
        List<PosteriorReport.Choice> choices = report.pca().choices();
        choices.forEach(choice -> identity(choice.terms()));
        for (int i = 1; i < choices.size(); i++) {
            assertEquals(
                    choices.get(0).terms().logDensity(), choices.get(i).terms().logDensity(), 0, "whatever q is");
            assertTrue(choices.get(i).terms().gap() < choices.get(i - 1).terms().gap());
        }
        assertEquals(0, choices.get(3).terms().gap(), IDENTITY);
        assertTrue(choices.get(2).terms().gap() > 0.1);
    }

    /** Four units too wide by a factor 2 cost ½ (2 − 1 − ln 2) each. */
    @Test
    void theCostOfAWrongVariance() {
        assertEquals(
                2 * (1 - Math.log(2)), report.pca().choices().get(2).terms().gap(), IDENTITY);
    }

    @Test
    void moreSamplesAreATighterBound() {
        PosteriorTerms exact = report.pca().choices().get(2).terms();
        List<PosteriorReport.Bound> bounds = report.pca().bounds();
        assertEquals(exact.elbo(), bounds.get(0).mean(), 4 * bounds.get(0).standardError());
        for (int i = 1; i < bounds.size(); i++) {
            assertTrue(bounds.get(i).mean() > bounds.get(i - 1).mean());
        }
        PosteriorReport.Bound last = bounds.get(bounds.size() - 1);
        assertEquals(exact.logDensity(), last.mean(), 4 * last.standardError() + 1e-3);
        assertTrue(last.standardError() > 0 && last.standardError() < 0.01);
    }

    @Test
    void trainingClosesTheGapOfALinearVae() {
        List<PosteriorReport.Epoch> epochs = report.pca().epochs();
        epochs.forEach(epoch -> identity(epoch.terms()));
        assertEquals(0, epochs.get(0).epoch());
        for (int i = 1; i < epochs.size(); i++) {
            assertTrue(epochs.get(i).terms().gap() < epochs.get(i - 1).terms().gap(), "after " + epochs.get(i));
            assertTrue(epochs.get(i).terms().logDensity() <= report.pca().optimum() + IDENTITY);
        }
        assertTrue(epochs.get(epochs.size() - 1).terms().gap() < 1e-3);
    }

    @Test
    void theOptimumIsReachedOnTheFastBackend() {
        double[][] rows = PcaContrast.rows(0);
        ProbabilisticPca pca =
                ProbabilisticPca.fit(Examples.flat(rows), rows.length, rows[0].length, PcaContrast.LATENTS, 1);
        assertEquals(3, pca.activeUnits());
        LinearVae vae = train(rows, 1);
        PosteriorTerms reached = vae.terms(rows);
        assertTrue(reached.elbo() <= pca.optimalElbo() + IDENTITY);
        assertEquals(pca.optimalElbo(), reached.elbo(), 1e-2);
        double[] kl = sorted(vae.klPerUnit(rows));
        double[] activity = sorted(vae.activity(rows));
        for (int j = 0; j < PcaContrast.LATENTS; j++) {
            assertEquals(pca.kl(j), kl[PcaContrast.LATENTS - 1 - j], 0.01);
            assertEquals(pca.activity(j), activity[PcaContrast.LATENTS - 1 - j], 0.01);
        }
        assertEquals(1, collapsed(vae, rows));
    }

    /** A weight β of the KL divergence moves the threshold to λ ≤ β s², exactly. */
    @Test
    void betaCollapsesTheUnitsThatItShould() {
        double[][] rows = PcaContrast.rows(0);
        PosteriorReport.Beta three = report.pca().betas().get(1);
        assertEquals(3, three.beta());
        assertEquals(2, three.activeUnits());
        LinearVae vae = train(rows, 3);
        assertEquals(2, collapsed(vae, rows));
        assertEquals(three.kl(), Arrays.stream(vae.klPerUnit(rows)).sum(), 0.02);
        int[] units = report.pca().betas().stream()
                .mapToInt(PosteriorReport.Beta::activeUnits)
                .toArray();
        assertArrayEquals(new int[] {3, 2, 1, 0}, units);
    }

    private static LinearVae train(double[][] rows, double beta) {
        LinearVae[] trained = new LinearVae[1];
        try (Backend cpu = Backends.builder("cpu").threads(1).open()) {
            PcaContrast.train(cpu, rows, 0, beta, vae -> trained[0] = vae);
        }
        return trained[0];
    }

    private static double[] sorted(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** As everywhere, a unit is active whose statistic is above 0.01. */
    private static long collapsed(LinearVae vae, double[][] rows) {
        return Arrays.stream(vae.activity(rows))
                .filter(activity -> activity <= 0.01)
                .count();
    }

    @Test
    void expectationMaximisationClosesTheGapAndRaisesTheBound() {
        List<PosteriorReport.EmStep> steps = report.em().steps();
        assertTrue(steps.size() > 10);
        for (int i = 0; i < steps.size(); i++) {
            PosteriorReport.EmStep step = steps.get(i);
            identity(step.terms());
            if (i % 2 == 0) {
                assertEquals(PosteriorReport.Half.E, step.half());
                assertEquals(0, step.terms().gap(), 0, "q is the posterior");
            } else {
                assertEquals(PosteriorReport.Half.M, step.half());
                assertTrue(step.terms().gap() > 0, "the posterior has moved");
            }
            assertEquals(1 + i / 2, step.iteration());
            if (i > 0) {
                PosteriorTerms before = steps.get(i - 1).terms();
                assertTrue(step.terms().elbo() > before.elbo() - IDENTITY, "ELBO after " + step);
                assertTrue(step.terms().logDensity() > before.logDensity() - IDENTITY, "likelihood after " + step);
                if (i % 2 == 0) {
                    assertEquals(before.logDensity(), step.terms().logDensity(), 0, "the E-step leaves the model");
                }
            }
        }
    }

    @Test
    void anEncoderIsNotThePosterior() {
        List<PosteriorReport.Epoch> epochs = report.amortized().epochs();
        epochs.forEach(epoch -> identity(epoch.terms()));
        PosteriorTerms last = epochs.get(epochs.size() - 1).terms();
        assertTrue(last.gap() > 0.01, last.toString());
        assertTrue(report.amortized().worstGap() > 10 * last.gap());
        assertTrue(last.elbo() > epochs.get(0).terms().elbo());
    }
}
