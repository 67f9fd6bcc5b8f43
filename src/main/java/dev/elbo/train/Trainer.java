package dev.elbo.train;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluation;
import dev.elbo.analysis.Evaluator;
import dev.elbo.analysis.Pass;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Program;
import dev.elbo.backend.Schedule;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Steering;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Owned;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains one model with Adam on mini-batches in a seeded order. What changes from step to step lies in the backend's memory,
 * so that a run replays recorded programs: of several steps with whole batches where the backend wants that, of one step for
 * what is left of the epoch, and of the partial last batch. Where streamed data arrive in two slots, there is one for each.
 */
public final class Trainer implements AutoCloseable {
    private final Owned owned = new Owned();
    private final Backend backend;
    private final Objective objective;
    private final TrainingOptions options;
    private final int examples;
    private final int batch;
    private final int stepsPerEpoch;
    private final Arena parameters;
    private final Arena gradients;
    private final Arena firstMoment;
    private final Arena secondMoment;
    private final Vae vae;
    private final Clock clock;
    private final Pass pass;
    private final Schedule schedule;
    private final Tensor metrics;
    private final Steering steering;
    private final Program[] severalSteps;
    private final Program oneStep;
    private final Program lastBatch;
    private final Evaluator test;
    private float[] bestWeights;
    private double bestLogVar;
    private double lastBeta;

    /**
     * Allocates everything and initialises the weights from the seed and the training data's statistics.
     *
     * @param test never trained on
     * @throws IllegalArgumentException if the data do not fit the model
     */
    public Trainer(
            Backend backend, VaeSpec spec, Objective objective, TrainingOptions options, Dataset train, Dataset test) {
        if (train.features() != spec.inputs() || test.features() != spec.inputs()) {
            throw new IllegalArgumentException("the model has " + spec.inputs() + " inputs, the data "
                    + train.features() + " and " + test.features());
        }
        this.backend = backend;
        this.objective = objective;
        this.options = options;
        this.examples = train.examples();
        this.batch = Math.min(options.batch(), examples);
        this.stepsPerEpoch = (examples + batch - 1) / batch;
        try {
            DataPlacement placement = options.dataPlacement().resolve(backend, train, test);
            DataSource data = own(DataSource.of(backend, train, placement));
            DataSource heldOut = own(DataSource.of(backend, test, placement));
            parameters = own(backend.allocate(Parameters.layout(spec)));
            gradients = own(backend.allocate(Parameters.layout(spec)));
            firstMoment = own(backend.allocate(Parameters.layout(spec)));
            secondMoment = own(backend.allocate(Parameters.layout(spec)));
            Initialization.initialize(parameters, spec, options.seed(), train.mean(), train.variance());
            vae = own(new Vae(backend, spec, parameters));
            clock = Clock.allocate(backend);
            own(clock.counters().buffer());
            schedule = new Schedule(ownTensor(ElementType.REAL, stepsPerEpoch, Schedule.COLUMNS), clock);
            metrics = ownTensor(ElementType.FLOAT64, stepsPerEpoch, Metrics.COLUMNS);
            steering = objective.control().steers() ? own(Steering.allocate(backend, stepsPerEpoch)) : null;
            int wholeBatches = examples / batch;
            pass = own(data.pass(batch, Math.min(backend.stepsPerProgram(), wholeBatches), true));
            StepMemory memory = new StepMemory(batch, data.features());
            severalSteps = new Program[pass.slots()];
            for (int slot = 0; slot < severalSteps.length; slot++) {
                severalSteps[slot] = record(memory, slot, pass.steps());
            }
            oneStep = wholeBatches % pass.steps() == 0 ? null : record(memory, pass.lastSlot(), 1);
            lastBatch = examples % batch == 0
                    ? null
                    : record(new StepMemory(examples % batch, data.features()), pass.lastSlot(), 1);
            this.test = own(new Evaluator(vae, heldOut, objective.samples(), options.binarize(), options.seed()));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private <T extends AutoCloseable> T own(T resource) {
        return owned.add(resource);
    }

    private Tensor ownTensor(ElementType type, int rows, int cols) {
        Tensor tensor = backend.allocate(type, rows, cols);
        own(tensor.buffer());
        return tensor;
    }

    /** What a step of some rows needs; programs of as many rows share it, since they run one after the other. */
    private final class StepMemory {
        final Tensor x;
        final Activations activations;

        StepMemory(int rows, int features) {
            x = ownTensor(ElementType.REAL, rows, features);
            activations = own(vae.allocate(rows, objective.samples(), true));
        }
    }

    private Program record(StepMemory memory, int slot, int steps) {
        return own(backend.record(() -> {
            for (int i = 0; i < steps; i++) {
                step(memory, slot);
            }
        }));
    }

    private void step(StepMemory memory, int slot) {
        NoiseSource noise = NoiseSource.perStep(options.seed(), NoiseStream.LATENT, clock);
        NoiseSource pixels =
                options.binarize() ? NoiseSource.perStep(options.seed(), NoiseStream.BINARIZE, clock) : null;
        Ops ops = backend.ops();
        pass.gather(slot, clock, pixels, memory.x);
        objective.step(vae, memory.activations, memory.x, noise, schedule, gradients, metrics, steering);
        ops.adam(
                parameters.flat(), gradients.flat(), firstMoment.flat(), secondMoment.flat(), schedule, options.adam());
        ops.advance(clock, 1, memory.x.rows(), 1, 0);
    }

    /** The model, as far as it is trained. */
    public Vae vae() {
        return vae;
    }

    /** Its weights. */
    public Arena parameters() {
        return parameters;
    }

    /** Steps of the whole run, should it not stop early. */
    public long steps() {
        return (long) stepsPerEpoch * options.epochs();
    }

    /**
     * Trains to the end, or until the test ELBO has not improved for the options' patience.
     *
     * @throws ElboException numeric, if a training or test loss is not finite, naming the step
     */
    public TrainingResult run(TrainingListener listener) {
        List<EpochMetrics> epochs = new ArrayList<>();
        EpochMetrics kept = null;
        for (int epoch = 1; epoch <= options.epochs(); epoch++) {
            EpochMetrics metricsOfEpoch = epoch(epoch, listener);
            epochs.add(metricsOfEpoch);
            listener.onEpoch(metricsOfEpoch);
            if (options.patience() == 0) {
                kept = metricsOfEpoch;
            } else if (kept == null || score(metricsOfEpoch.test()) > score(kept.test())) {
                kept = metricsOfEpoch;
                keepWeights();
            } else if (epoch - kept.epoch() >= options.patience()) {
                break;
            }
        }
        if (bestWeights != null) {
            restoreWeights();
        }
        return new TrainingResult(epochs, kept);
    }

    private static double score(EpochMetrics.Part test) {
        return Double.isNaN(test.elbo()) ? -test.reconstruction() : test.elbo();
    }

    private EpochMetrics epoch(int epoch, TrainingListener listener) {
        long before = (long) (epoch - 1) * stepsPerEpoch;
        int[] order = Noise.permutation(options.seed(), epoch, examples);
        schedule.table().write(scheduleOf(before));
        if (steering != null) {
            steering.targets().write(targets(before));
        }
        clock.set(Math.toIntExact(before + 1), 0, 0, 0);
        long start = System.nanoTime();
        pass.start(order);
        for (int step = 0; step < stepsPerEpoch; ) {
            int rows = Math.min(batch, examples - step * batch);
            boolean several = pass.steps() <= (examples - step * batch) / batch;
            Program program = several ? severalSteps[pass.slot()] : rows == batch ? oneStep : lastBatch;
            int steps = several ? pass.steps() : 1;
            program.run();
            pass.used(steps * rows);
            for (int end = step + steps; step < end; step++) {
                listener.onStep(before + step + 1, steps());
            }
        }
        backend.synchronize();
        double seconds = (System.nanoTime() - start) * 1e-9;
        EpochMetrics.Part train = trainMetrics(epoch, before);
        return new EpochMetrics(
                epoch,
                before + stepsPerEpoch,
                train,
                testMetrics(epoch, before),
                vae.spec().stochastic() ? lastBeta : Double.NaN,
                objective.control().steers()
                        ? objective.control().target(before + stepsPerEpoch, stepsPerEpoch)
                        : Double.NaN,
                seconds,
                examples / seconds);
    }

    private double[] scheduleOf(long before) {
        double[] rows = new double[stepsPerEpoch * Schedule.COLUMNS];
        for (int step = 0; step < stepsPerEpoch; step++) {
            long t = before + step + 1;
            double[] row = options.adam()
                    .scheduleRow(
                            t,
                            options.learningRate().at(t, steps(), stepsPerEpoch),
                            options.klWeight().at(t, stepsPerEpoch));
            System.arraycopy(row, 0, rows, step * Schedule.COLUMNS, row.length);
        }
        return rows;
    }

    private double[] targets(long before) {
        double[] targets = new double[stepsPerEpoch];
        for (int step = 0; step < stepsPerEpoch; step++) {
            targets[step] = objective.control().target(before + step + 1, stepsPerEpoch);
        }
        return targets;
    }

    private EpochMetrics.Part trainMetrics(int epoch, long before) {
        double[] table = metrics.toDoubles();
        double[] means = new double[Metrics.COLUMNS];
        KlControl control = objective.control();
        for (int step = 0; step < stepsPerEpoch; step++) {
            int rows = step == stepsPerEpoch - 1 ? examples - step * batch : batch;
            if (!Double.isFinite(table[step * Metrics.COLUMNS + Metrics.LOSS])) {
                throw ElboException.numeric("the loss is not finite at step " + (before + step + 1) + " (epoch " + epoch
                        + "): reconstruction " + table[step * Metrics.COLUMNS + Metrics.RECONSTRUCTION] + ", KL "
                        + table[step * Metrics.COLUMNS + Metrics.KL]
                        + "; lower --learning-rate, or look for extreme values in the data");
            }
            lastBeta = table[step * Metrics.COLUMNS + Metrics.BETA];
            means[Metrics.LOSS] -=
                    control.offset(lastBeta, control.target(before + step + 1, stepsPerEpoch)) * rows / examples;
            for (int column = 0; column < Metrics.COLUMNS; column++) {
                means[column] += table[step * Metrics.COLUMNS + column] * rows / examples;
            }
        }
        if (vae.spec().likelihood() == Likelihood.GAUSSIAN_OPTIMAL) {
            vae.storeLogVar(StrictMath.log(means[Metrics.OUTPUT_VARIANCE]));
        }
        boolean stochastic = vae.spec().stochastic();
        return new EpochMetrics.Part(
                stochastic ? -means[Metrics.RECONSTRUCTION] - means[Metrics.KL] : Double.NaN,
                means[Metrics.LOSS],
                means[Metrics.RECONSTRUCTION],
                stochastic ? means[Metrics.KL] : Double.NaN);
    }

    private EpochMetrics.Part testMetrics(int epoch, long before) {
        Evaluation evaluation =
                test.run("the test loss after step " + (before + stepsPerEpoch) + " (epoch " + epoch + ")");
        double target = objective.control().target(before + stepsPerEpoch, stepsPerEpoch);
        return new EpochMetrics.Part(
                evaluation.elbo(),
                objective.loss(evaluation.reconstruction(), evaluation.kl(), evaluation.bound(), lastBeta)
                        - objective.control().offset(lastBeta, target),
                evaluation.reconstruction(),
                evaluation.kl());
    }

    private void keepWeights() {
        if (bestWeights == null) {
            bestWeights = new float[Math.toIntExact(parameters.flat().size())];
        }
        parameters.flat().read(bestWeights);
        bestLogVar = vae.storedLogVar();
    }

    private void restoreWeights() {
        parameters.flat().write(bestWeights);
        vae.storeLogVar(bestLogVar);
    }

    @Override
    public void close() {
        owned.close();
    }
}
