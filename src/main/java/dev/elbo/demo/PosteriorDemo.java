package dev.elbo.demo;

import dev.elbo.backend.Backend;
import dev.elbo.io.Curves;
import dev.elbo.io.Curves.Panel;
import dev.elbo.io.Curves.Series;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The identity log p(x) = ELBO(q) + KL(q ‖ p(z|x)) with real numbers: in probabilistic PCA, where all three are known;
 * in a mixture, where expectation maximisation closes the gap at every step; and in a VAE, whose encoder leaves one.
 */
public final class PosteriorDemo {
    private static final int MIXTURE_EXAMPLES = 600;
    /** E- and M-steps that are drawn: later ones are all but flat. */
    private static final int HALVES = 11;

    private PosteriorDemo() {}

    /** Computes the report in seconds, in float64: a machine's rounding of exp and tanh does not show in its digits. */
    public static PosteriorReport run(Backend backend, long seed) {
        double[][] clusters = Examples.clusters(seed, MIXTURE_EXAMPLES);
        return new PosteriorReport(
                seed,
                PcaContrast.run(backend, seed),
                EmContrast.run(clusters, seed),
                AmortizedContrast.run(backend, clusters, seed));
    }

    /** Draws log p(x) and ELBO of the three as curves; the gap is what lies between them. */
    public static void writePng(Path file, PosteriorReport report) {
        List<PosteriorReport.EmStep> all = report.em().steps();
        List<PosteriorReport.EmStep> steps = all.subList(0, Math.min(HALVES, all.size()));
        double[] halves =
                IntStream.range(0, steps.size()).mapToDouble(i -> 1 + 0.5 * i).toArray();
        Curves.writePng(
                file,
                List.of(
                        epochs("linear VAE", report.pca().epochs()),
                        new Panel(
                                "mixture, expectation maximisation",
                                "E-steps at 1, 2, …, M-steps between",
                                "nats per example",
                                List.of(
                                        series(
                                                "log p(x)",
                                                halves,
                                                steps,
                                                s -> s.terms().logDensity()),
                                        series(
                                                "ELBO",
                                                halves,
                                                steps,
                                                s -> s.terms().elbo()))),
                        epochs(
                                "VAE on the mixture's examples",
                                report.amortized().epochs())));
    }

    /** Draws the epochs without the state before training, which would hide all that comes later. */
    private static Panel epochs(String title, List<PosteriorReport.Epoch> all) {
        List<PosteriorReport.Epoch> epochs =
                all.stream().filter(epoch -> epoch.epoch() > 0).toList();
        double[] x =
                epochs.stream().mapToDouble(epoch -> Math.log10(epoch.epoch())).toArray();
        return new Panel(
                title,
                "epoch, log10",
                "nats per example",
                List.of(
                        series("log p(x)", x, epochs, epoch -> epoch.terms().logDensity()),
                        series("ELBO", x, epochs, epoch -> epoch.terms().elbo())));
    }

    private static <T> Series series(String name, double[] x, List<T> rows, ToDoubleFunction<T> value) {
        return new Series(name, x, rows.stream().mapToDouble(value).toArray());
    }
}
