package dev.elbo.train;

import dev.elbo.analysis.Inference;
import dev.elbo.analysis.ResidentData;
import dev.elbo.data.Dataset;
import dev.elbo.io.Curves;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Images;
import dev.elbo.net.Vae;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The pictures of a run: reconstructions beside originals, samples from the prior (of a model with classes, a line for each
 * class), curves over the epochs; a note says which cannot be drawn.
 */
record Pictures(RunFolder run, Consumer<String> notes) {
    private static final int COLUMNS = 16;
    private static final int RECONSTRUCTIONS = 3 * COLUMNS;
    private static final int SAMPLES = 8 * COLUMNS;
    /** The most classes whose samples are drawn. */
    private static final int LINES = 12;

    /**
     * Draws all pictures, in the unit of the given data, whose first examples are reconstructed; data without an image
     * shape and tables have curves only.
     */
    void draw(Vae vae, Dataset data, List<EpochMetrics> epochs, long seed) {
        drawCurves(epochs);
        if (data.table().isPresent()) {
            return;
        }
        Optional<ImageShape> shape = data.image().or(() -> ImageShape.guess(data.features()));
        if (shape.isEmpty()) {
            notes.accept(data.features() + " values are not an image of known shape;"
                    + " reconstructions.png and samples.png are not drawn");
            return;
        }
        Inference inference = new Inference(vae, seed);
        Dataset first = data.first(Math.min(RECONSTRUCTIONS, data.size()));
        int scale = Images.scale(shape.get());
        try (ResidentData resident =
                ResidentData.upload(vae.backend(), first, vae.spec().classes())) {
            float[] originals = undone(data, first.values());
            float[] made = undone(data, inference.reconstruct(resident));
            BufferedImage pairs = Images.pairs(originals, made, first.size(), shape.get(), COLUMNS, scale);
            Images.writePng(run.picture("reconstructions.png"), pairs);
        }
        int count = samples(vae.spec().classes().size());
        float[] samples =
                undone(data, (vae.spec().conditional() ? ofClasses(inference, vae) : inference).sample(count));
        Images.writePng(run.picture("samples.png"), Images.grid(samples, count, shape.get(), COLUMNS, scale));
    }

    private static int samples(int classes) {
        return classes == 0 ? SAMPLES : COLUMNS * Math.min(classes, LINES);
    }

    /** A line of samples for each class. */
    private Inference ofClasses(Inference inference, Vae vae) {
        int classes = vae.spec().classes().size();
        int shown = Math.min(classes, LINES);
        if (shown < classes) {
            notes.accept("samples.png shows the first " + shown + " of " + classes + " classes, a line each");
        }
        return inference.inEachClass(COLUMNS, IntStream.range(0, shown).toArray());
    }

    private static float[] undone(Dataset data, float[] rows) {
        data.standardization().ifPresent(standardization -> standardization.invert(rows));
        return rows;
    }

    private void drawCurves(List<EpochMetrics> epochs) {
        boolean hasElbo = !Double.isNaN(epochs.get(0).train().elbo());
        Curves.Panel reconstruction = panel("reconstruction", epochs, EpochMetrics.Part::reconstruction);
        List<Curves.Panel> panels = hasElbo
                ? List.of(
                        panel("ELBO", epochs, EpochMetrics.Part::elbo),
                        reconstruction,
                        panel("KL divergence", epochs, EpochMetrics.Part::kl))
                : List.of(reconstruction);
        Curves.writePng(run.picture("curves.png"), panels);
    }

    private static Curves.Panel panel(
            String title, List<EpochMetrics> epochs, ToDoubleFunction<EpochMetrics.Part> value) {
        List<Curves.Series> series = new ArrayList<>();
        series.add(series("train", epochs, EpochMetrics::train, value));
        if (epochs.get(0).judged() != null) {
            String judged = epochs.get(0).validation() == null ? "test" : "validation";
            series.add(series(judged, epochs, EpochMetrics::judged, value));
        }
        return new Curves.Panel(title, "epoch", "nats per example", series);
    }

    private static Curves.Series series(
            String name,
            List<EpochMetrics> epochs,
            Function<EpochMetrics, EpochMetrics.Part> part,
            ToDoubleFunction<EpochMetrics.Part> value) {
        return new Curves.Series(
                name,
                epochs.stream().mapToDouble(EpochMetrics::epoch).toArray(),
                epochs.stream()
                        .mapToDouble(epoch -> value.applyAsDouble(part.apply(epoch)))
                        .toArray());
    }
}
