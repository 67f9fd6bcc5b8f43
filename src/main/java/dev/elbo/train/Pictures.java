package dev.elbo.train;

import dev.elbo.analysis.Inference;
import dev.elbo.analysis.ResidentData;
import dev.elbo.data.Dataset;
import dev.elbo.io.Curves;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Images;
import dev.elbo.net.Vae;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The pictures of a run: reconstructions beside originals, samples from the prior, curves over the epochs. */
final class Pictures {
    private static final int COLUMNS = 16;
    private static final int RECONSTRUCTIONS = 3 * COLUMNS;
    private static final int SAMPLES = 8 * COLUMNS;

    private final RunFolder run;
    private final Consumer<String> notes;

    /** @param notes hears of what cannot be drawn */
    Pictures(RunFolder run, Consumer<String> notes) {
        this.run = run;
        this.notes = notes;
    }

    /** Draws all of them, in the unit that the data were given in; what has no image shape has curves only. */
    void draw(Vae vae, Dataset test, List<EpochMetrics> epochs, long seed) {
        drawCurves(epochs);
        Optional<ImageShape> shape = test.image().or(() -> ImageShape.guess(test.features()));
        if (shape.isEmpty()) {
            notes.accept(test.features() + " values are no image that we know the shape of;"
                    + " no reconstructions.png and samples.png");
            return;
        }
        Inference inference = new Inference(vae, seed);
        Dataset first = test.first(Math.min(RECONSTRUCTIONS, test.examples()));
        try (ResidentData data = ResidentData.upload(vae.backend(), first)) {
            Images.writePng(
                    run.reconstructions(),
                    Images.pairs(
                            undone(test, first.values()),
                            undone(test, inference.reconstruct(data)),
                            first.examples(),
                            shape.get(),
                            COLUMNS,
                            Images.scale(shape.get())));
        }
        Images.writePng(
                run.samples(),
                Images.grid(
                        undone(test, inference.sample(SAMPLES)),
                        SAMPLES,
                        shape.get(),
                        COLUMNS,
                        Images.scale(shape.get())));
    }

    private static float[] undone(Dataset data, float[] rows) {
        data.standardization().ifPresent(standardization -> standardization.undo(rows));
        return rows;
    }

    private void drawCurves(List<EpochMetrics> epochs) {
        boolean hasElbo = !Double.isNaN(epochs.get(0).test().elbo());
        Curves.Panel reconstruction = panel("reconstruction", epochs, EpochMetrics.Part::reconstruction);
        List<Curves.Panel> panels = hasElbo
                ? List.of(
                        panel("ELBO", epochs, EpochMetrics.Part::elbo),
                        reconstruction,
                        panel("KL divergence", epochs, EpochMetrics.Part::kl))
                : List.of(reconstruction);
        Curves.writePng(run.curves(), panels);
    }

    private static Curves.Panel panel(
            String title, List<EpochMetrics> epochs, ToDoubleFunction<EpochMetrics.Part> value) {
        double[] x = epochs.stream().mapToDouble(EpochMetrics::epoch).toArray();
        return new Curves.Panel(
                title,
                "epoch",
                "nats per example",
                List.of(
                        new Curves.Series(
                                "train",
                                x,
                                epochs.stream()
                                        .mapToDouble(e -> value.applyAsDouble(e.train()))
                                        .toArray()),
                        new Curves.Series(
                                "test",
                                x,
                                epochs.stream()
                                        .mapToDouble(e -> value.applyAsDouble(e.test()))
                                        .toArray())));
    }
}
