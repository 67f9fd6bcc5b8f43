package dev.elbo.report;

import dev.elbo.analysis.BitsPerDimension;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.LatentPaths;
import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.LogJacobian;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.data.Dataset;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Images;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.net.Vae;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The report's content from a model and held-out data: pictures, latent units, the marginal likelihood.
 *
 * @param spec specification of the model
 * @param data data that the model was evaluated on, if any
 * @param pictures empty if examples are not pictures
 * @param units empty without data, and of a plain autoencoder
 * @param estimate empty also if none was requested
 * @param bits conversion of a log likelihood to bits per dimension; empty without data
 * @param explained of each feature, 1 − mean squared error over variance, of the values that are there; empty without data,
 *     and for pictures
 * @param features their names
 */
public record ReportContent(
        VaeSpec spec,
        Optional<Dataset> data,
        List<Picture> pictures,
        Optional<LatentUnits> units,
        Optional<LikelihoodEstimate> estimate,
        Optional<BitsPerDimension> bits,
        Optional<double[]> explained,
        List<String> features) {
    private static final int COLUMNS = 12;
    private static final int RECONSTRUCTIONS = 2 * COLUMNS;
    private static final int SAMPLES = 4 * COLUMNS;
    /** The most classes whose samples are shown. */
    private static final int LINES = 12;

    private static final int UNITS = 10;
    private static final int STEPS = 11;
    private static final double RANGE = 3;
    /** Examples that the explained variances are taken over. */
    private static final int MAX_EXPLAINED = 10_000;
    /** Pixels above which a sheet would make the page heavy; fewer pictures are shown then. */
    private static final long MAX_PIXELS = 1 << 20;

    /** A sheet of pictures, with its caption. */
    record Picture(String title, String told, BufferedImage image) {}

    /**
     * Settings of the evaluation.
     *
     * @param examples number of the first examples, on which the marginal likelihood is estimated
     * @param importanceSamples of each of them; 0: no estimate
     * @param binarize whether the model sees binary pixels
     * @param placement of the data
     */
    public record Settings(int examples, int importanceSamples, boolean binarize, DataPlacement placement) {}

    /**
     * Evaluates a model for the report; random parts have seed 0.
     *
     * @param vae the model
     * @param rendering of values as pictures and names
     * @param data held-out data in the model's unit
     * @param settings of the evaluation
     * @param progress receives the progress of the marginal likelihood
     * @return the content; without data only the parts that need none
     */
    public static ReportContent of(
            Vae vae,
            Rendering rendering,
            Optional<Dataset> data,
            Settings settings,
            MarginalLikelihood.Progress progress) {
        VaeSpec spec = vae.spec();
        Inference inference = new Inference(vae, 0);
        List<Picture> pictures = new ArrayList<>();
        Optional<ImageShape> shape = rendering
                .image()
                .or(() -> data.flatMap(Dataset::image))
                .filter(image -> image.features() == spec.inputs() && image.features() <= MAX_PIXELS / 4);
        Optional<LatentUnits> units = Optional.empty();
        Optional<LikelihoodEstimate> estimate = Optional.empty();
        Optional<double[]> explained = Optional.empty();
        if (data.isPresent()) {
            Dataset judged = data.get();
            if (shape.isPresent()) {
                pictures.add(reconstructions(vae, inference, rendering, judged, shape.get()));
            } else {
                explained = Optional.of(explained(vae, inference, judged.first(MAX_EXPLAINED), settings.placement));
            }
            if (Network.of(spec).stochastic()) {
                try (DataSource source = DataSource.of(
                        vae.backend(), judged, settings.placement, vae.spec().classes())) {
                    units = Optional.of(LatentUnits.of(vae, source, settings.binarize, 0));
                }
                estimate = estimate(vae, judged.first(settings.examples), settings, progress);
            }
        }
        if (Network.of(spec).stochastic() && shape.isPresent()) {
            pictures.add(samples(inference, rendering, shape.get(), spec));
            pictures.add(traversal(inference, rendering, units, spec, shape.get()));
        }
        return new ReportContent(
                spec,
                data,
                List.copyOf(pictures),
                units,
                estimate,
                data.map(judged -> BitsPerDimension.of(vae.network().likelihood(), judged, settings.binarize)),
                explained,
                rendering.features());
    }

    private static int room(ImageShape shape, int wished) {
        long pixels = (long) shape.height() * shape.width() * Images.scale(shape) * Images.scale(shape);
        return (int) Math.max(1, Math.min(wished, MAX_PIXELS / pixels));
    }

    private static Picture reconstructions(
            Vae vae, Inference inference, Rendering rendering, Dataset data, ImageShape shape) {
        Dataset first = data.first(room(shape, RECONSTRUCTIONS));
        try (DataSource source = DataSource.of(
                vae.backend(), first, DataPlacement.AUTO, vae.spec().classes())) {
            float[] originals = rendering.unit().apply(first.values());
            float[] made = rendering.unit().apply(inference.reconstruct(source));
            return new Picture(
                    "Reconstructions",
                    "The first held-out examples, each above its reconstruction.",
                    Images.pairs(originals, made, first.size(), shape, COLUMNS, Images.scale(shape)));
        }
    }

    private static Picture samples(Inference inference, Rendering rendering, ImageShape shape, VaeSpec spec) {
        if (spec.conditional()) {
            return samplesOfClasses(inference, rendering, shape, spec.classes());
        }
        int count = room(shape, SAMPLES);
        return new Picture(
                "Samples",
                "Decoded draws from the prior.",
                Images.grid(
                        rendering.unit().apply(inference.sample(count)), count, shape, COLUMNS, Images.scale(shape)));
    }

    private static Picture samplesOfClasses(
            Inference inference, Rendering rendering, ImageShape shape, List<String> classes) {
        int lines = Math.min(Math.min(LINES, classes.size()), room(shape, LINES));
        int columns = Math.max(1, room(shape, lines * COLUMNS) / lines);
        int count = lines * columns;
        Inference ofEach =
                inference.inEachClass(columns, IntStream.range(0, lines).toArray());
        return new Picture(
                "Samples",
                "Decoded draws from the prior, a line for each class: "
                        + String.join(", ", classes.subList(0, lines))
                        + (lines < classes.size()
                                ? "; " + (classes.size() - lines) + " more classes are not shown"
                                : "")
                        + ".",
                Images.grid(rendering.unit().apply(ofEach.sample(count)), count, shape, columns, Images.scale(shape)));
    }

    private static Picture traversal(
            Inference inference, Rendering rendering, Optional<LatentUnits> units, VaeSpec spec, ImageShape shape) {
        int latent = spec.latent();
        int[] order = units.map(LatentUnits::byActivity)
                .orElseGet(() -> IntStream.range(0, latent).toArray());
        int lines = Math.max(1, room(shape, UNITS * STEPS) / STEPS);
        int[] chosen = Arrays.copyOf(order, Math.min(lines, order.length));
        float[] codes = LatentPaths.traversal(new float[latent], chosen, RANGE, STEPS);
        float[] made = rendering.unit().apply((spec.conditional() ? inference.inClasses(0) : inference).decode(codes));
        return new Picture(
                "Traversal",
                "One line per unit, which goes from −3 to 3 while the others are 0: "
                        + (units.isPresent() ? "the most active ones, " : "the first ones, ")
                        + Arrays.toString(chosen).replaceAll("[\\[\\]]", "")
                        + (spec.conditional()
                                ? "; in the class " + spec.classes().get(0)
                                : "") + ".",
                Images.grid(made, chosen.length * STEPS, shape, STEPS, Images.scale(shape)));
    }

    private static Optional<LikelihoodEstimate> estimate(
            Vae vae, Dataset data, Settings settings, MarginalLikelihood.Progress progress) {
        if (settings.importanceSamples == 0) {
            return Optional.empty();
        }
        try (DataSource source = DataSource.of(
                        vae.backend(), data, settings.placement, vae.spec().classes());
                MarginalLikelihood likelihood = new MarginalLikelihood(
                        vae, source, settings.importanceSamples, settings.binarize, 0, MarginalLikelihood.MEMORY)) {
            LikelihoodEstimate estimate = likelihood.run("log p(x) of " + data.name(), progress);
            return estimate.examples() == 0
                    ? Optional.empty()
                    : Optional.of(LogJacobian.of(data).undo(estimate));
        }
    }

    private static double[] explained(Vae vae, Inference inference, Dataset data, DataPlacement placement) {
        float[] made;
        try (DataSource source =
                DataSource.of(vae.backend(), data, placement, vae.spec().classes())) {
            made = inference.reconstruct(source);
        }
        double[] variance = data.variance();
        double[] error = new double[data.features()];
        int[] missing = new int[data.features()];
        float[] row = new float[data.features()];
        for (int i = 0; i < data.size(); i++) {
            data.row(i, row, 0);
            for (int j = 0; j < row.length; j++) {
                double difference = (double) row[j] - made[i * row.length + j];
                missing[j] += Float.isNaN(row[j]) ? 1 : 0;
                error[j] += Float.isNaN(row[j]) ? 0 : difference * difference / data.size();
            }
        }
        double[] explained = new double[error.length];
        double size = data.size();
        // a constant feature has no variance to explain
        Arrays.setAll(
                explained,
                j -> variance[j] > 0 ? 1 - error[j] * (size / (size - missing[j])) / variance[j] : Double.NaN);
        return explained;
    }
}
