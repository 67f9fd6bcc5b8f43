package dev.elbo.bench;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Time and memory of training as the work grows, in one direction after the other from 784-400-20 at batch 128, each
 * beside the prediction of {@link TrainingPlan} and {@link Forecast}.
 */
public final class ScalingBench {
    private static final int INPUTS = 784;
    private static final int WIDTH = 400;
    private static final int LATENT = 20;
    private static final int BATCH = 128;
    /** Batch of importance-weighted steps. */
    private static final int SMALL_BATCH = 20;

    private static final int MIN_EPOCHS = 3;
    /** Examples that make an epoch long enough to be timed. */
    private static final int EXAMPLES = 1 << 14;

    private static final int MAX_STEPS = 32;
    private static final int MAX_EPOCHS = 1_000_000;
    private static final double LEARNING_RATE = 1e-4;

    /** The size that grows. */
    public enum Direction {
        /** Examples of a step. */
        BATCH("batch", 1, 8, 32, 128, 512, 2048),
        /** Units of the one hidden layer. */
        WIDTH("width", 32, 128, 400, 1024, 2048),
        /** Hidden layers of 400. */
        DEPTH("depth", 1, 2, 4, 8),
        /** Importance samples at batch 20. */
        SAMPLES("samples", 1, 5, 20, 50),
        /** Examples of the data, in the backend's memory. */
        RESIDENT("resident examples", 1_024, 10_240, 102_400),
        /** Examples of the data, sent from the host's memory. */
        STREAMED("streamed examples", 1_024, 10_240, 102_400);

        private final String label;
        private final int[] sizes;

        Direction(String label, int... sizes) {
            this.label = label;
            this.sizes = sizes;
        }

        /** {@return the name on axes} */
        public String label() {
            return label;
        }

        private int[] sizes() {
            return SmokeTest.isOn() ? IntStream.of(sizes).limit(2).toArray() : sizes;
        }
    }

    /**
     * One training.
     *
     * @param size in its direction
     * @param step seconds of a step, epoch by epoch
     * @param forecast seconds that were predicted for it
     * @param memory bytes in the backend's memory
     * @param plannedMemory bytes that were predicted
     * @param parameters of the model
     */
    public record Point(
            Direction direction,
            int size,
            int batch,
            Distribution step,
            double forecast,
            long memory,
            long plannedMemory,
            long parameters) {
        /** {@return seconds per example} */
        public double example() {
            return step.median() / batch;
        }

        /** {@return predicted seconds per example} */
        public double forecastExample() {
            return forecast / batch;
        }
    }

    private final Backend backend;
    private final Forecast forecast;
    private final double seconds;

    /** @param seconds least measuring time of each training */
    public ScalingBench(Backend backend, Forecast forecast, double seconds) {
        this.backend = backend;
        this.forecast = forecast;
        this.seconds = seconds;
    }

    /** Measures all directions; throws unavailable if times are meaningless, or without enough memory. */
    public List<Point> run(Consumer<String> progress) {
        Bench.timer(backend).close();
        int total = Stream.of(Direction.values())
                .mapToInt(direction -> direction.sizes().length)
                .sum();
        List<Point> points = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (int size : direction.sizes()) {
                progress.accept(points.size() + 1 + " of " + total + ": " + direction.label() + " " + size);
                points.add(measure(direction, size));
            }
        }
        return points;
    }

    private Point measure(Direction direction, int size) {
        boolean weighted = direction == Direction.SAMPLES;
        int depth = direction == Direction.DEPTH ? size : 1;
        int width = direction == Direction.WIDTH ? size : SmokeTest.isOn() ? 8 : WIDTH;
        VaeSpec model = StepOptions.model(SmokeTest.isOn() ? 12 : INPUTS, Collections.nCopies(depth, width), LATENT);
        Objective objective = weighted ? Objectives.iwae(size) : Objectives.vae();
        int batch = direction == Direction.BATCH ? size : weighted ? SMALL_BATCH : BATCH;
        boolean isData = direction == Direction.RESIDENT || direction == Direction.STREAMED;
        int examples = isData ? size : batch * steps(batch);
        TrainingOptions options = TrainingOptions.builder()
                .epochs(MAX_EPOCHS)
                .batchSize(batch)
                .learningRate(LEARNING_RATE)
                .patience(0)
                .dataPlacement(direction == Direction.STREAMED ? DataPlacement.STREAMED : DataPlacement.RESIDENT)
                .build();
        Split data = RandomBytes.split(examples, 1, model.inputs());
        try (BenchTraining training = BenchTraining.of(backend, model, objective, options, data)) {
            Epochs epochs = new Epochs();
            training.trainer().run(epochs);
            return new Point(
                    direction,
                    size,
                    batch,
                    epochs.seconds().times((double) batch / examples),
                    forecast.seconds(training.plan().step()),
                    training.bytes(),
                    training.plan().allBytes(),
                    training.plan().parameters());
        }
    }

    /** {@return the steps of an epoch, whole programs of them} */
    private int steps(int batch) {
        int each = backend.stepsPerProgram();
        return each * (SmokeTest.isOn() ? 1 : Math.max(2, Math.min(MAX_STEPS, EXAMPLES / (batch * each))));
    }

    /** The timer of epochs; the first one warms up, and as many more as fit into half the time. */
    private final class Epochs implements TrainingListener {
        private final List<Double> measured = new ArrayList<>();
        private final long start = System.nanoTime();
        private boolean warm;

        @Override
        public void onEpoch(EpochMetrics metrics) {
            boolean wasWarm = warm;
            warm = (System.nanoTime() - start) * 1e-9 > seconds / 2;
            if (wasWarm) {
                measured.add(metrics.seconds());
            }
        }

        @Override
        public boolean shouldStop() {
            return measured.size() >= (SmokeTest.isOn() ? 1 : MIN_EPOCHS)
                    && measured.stream().mapToDouble(Double::doubleValue).sum() > seconds;
        }

        Distribution seconds() {
            return Distribution.of(
                    measured.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }
}
