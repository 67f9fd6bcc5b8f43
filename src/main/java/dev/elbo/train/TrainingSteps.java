package dev.elbo.train;

import dev.elbo.analysis.ConstantModel;
import dev.elbo.analysis.DataSource;
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
import dev.elbo.io.SafeTensors;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.StoredModel;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.KlControlState;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The steps of a run on the backend: Adam on mini-batches in a seeded order. What changes from step to step lies in the
 * backend's memory, so that a run replays recorded programs: of several steps with whole batches if the backend wants
 * that, of one step for the rest of the epoch, and of the partial last batch. If streamed data arrive in two slots,
 * there is one for each.
 */
final class TrainingSteps implements AutoCloseable {
    static final String PARAMETERS = "parameters";
    static final String FIRST_MOMENT = "first_moment";
    static final String SECOND_MOMENT = "second_moment";
    /** The name of the metrics of the current epoch's steps. */
    static final String METRICS = "metrics";

    static final String STEERING = "steering";

    private final Closer closer = new Closer();
    private final Backend backend;
    private final Objective objective;
    private final TrainingOptions options;
    private final Dataset examples;
    private final int batch;
    private final int wholeBatches;
    private final int lastRows;
    final Arena parameters;
    /** The gradients of the last step. */
    final Arena gradients;

    private final Arena firstMoment;
    private final Arena secondMoment;
    final Vae vae;
    private final Clock clock;
    private final Pass pass;
    private final Schedule schedule;
    private final Tensor metrics;
    private final KlControlState steering;
    private final StepMemory memory;
    private final Program[] severalSteps;
    private final Program[] oneStep;
    private final StepMemory lastMemory;
    private final Program lastBatch;
    private int[] order;
    /** The mean of each feature over the examples; set from the first {@link #initialize} on. */
    private double[] mean;

    private double[] variance;

    /**
     * Allocates and records everything, for {@code examples} that are on the backend as {@code data}; {@link
     * #initialize} comes next. Throws usage if no batch is left.
     */
    TrainingSteps(
            Backend backend,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            DataSource data,
            Dataset examples) {
        int all = examples.size();
        if (options.dropLast() && options.batchSize() > all) {
            throw ElboException.usage("dropLast leaves none of the " + all + " training examples with batchSize "
                    + options.batchSize() + "; use a smaller batch");
        }
        this.backend = backend;
        this.objective = objective;
        this.options = options;
        this.examples = examples;
        this.batch = Math.min(options.batchSize(), all);
        this.wholeBatches = all / batch;
        this.lastRows = options.dropLast() ? 0 : all % batch;
        try {
            parameters = closer.register(backend.allocate(Parameters.layout(spec)));
            gradients = closer.register(backend.allocate(Parameters.layout(spec)));
            firstMoment = closer.register(backend.allocate(Parameters.layout(spec)));
            secondMoment = closer.register(backend.allocate(Parameters.layout(spec)));
            vae = closer.register(new Vae(backend, spec, parameters));
            clock = Clock.allocate(backend);
            closer.register(clock.counters());
            schedule = new Schedule(
                    closer.register(backend.allocate(ElementType.REAL, perEpoch(), Schedule.COLUMNS)), clock);
            metrics = closer.register(backend.allocate(ElementType.FLOAT64, perEpoch(), Metrics.COLUMNS));
            steering = objective.control().isAdaptive()
                    ? closer.register(KlControlState.allocate(backend, perEpoch()))
                    : null;
            pass = closer.register(data.pass(batch, Math.min(backend.stepsPerProgram(), wholeBatches), true));
            memory = new StepMemory(batch);
            severalSteps = new Program[pass.slots()];
            oneStep = new Program[pass.slots()];
            for (int slot = 0; slot < severalSteps.length; slot++) {
                severalSteps[slot] = record(memory, slot, pass.steps());
            }
            if (wholeBatches % pass.steps() != 0) {
                oneStep(pass.lastSlot());
            }
            lastMemory = lastRows == 0 ? null : new StepMemory(lastRows);
            lastBatch = lastRows == 0 ? null : record(lastMemory, pass.lastSlot(), 1);
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** The memory of a step of some rows; programs of as many rows share it, since they run one after the other. */
    private final class StepMemory {
        final Tensor x;
        final Activations activations;

        StepMemory(int rows) {
            x = closer.register(
                    backend.allocate(ElementType.REAL, rows, vae.spec().inputs()));
            activations = closer.register(vae.allocate(rows, objective.samples(), true));
        }

        long elements() {
            return x.size() + activations.elements();
        }
    }

    private Program record(StepMemory memory, int slot, int steps) {
        return closer.register(backend.record(() -> {
            for (int i = 0; i < steps; i++) {
                step(memory, slot);
            }
        }));
    }

    private Program oneStep(int slot) {
        if (oneStep[slot] == null) {
            oneStep[slot] = record(memory, slot, 1);
        }
        return oneStep[slot];
    }

    private void step(StepMemory memory, int slot) {
        NoiseSource noise = NoiseSource.perStep(options.seed(), NoiseStream.LATENT, clock);
        NoiseSource pixels =
                options.binarize() ? NoiseSource.perStep(options.seed(), NoiseStream.BINARIZE, clock) : null;
        Ops ops = backend.ops();
        pass.gather(slot, clock, pixels, memory.x, memory.activations.labels());
        objective.step(vae, memory.activations, memory.x, noise, schedule, gradients, metrics, steering);
        ops.adam(
                parameters.flat(), gradients.flat(), firstMoment.flat(), secondMoment.flat(), schedule, options.adam());
        ops.advance(clock, 1, memory.x.rows(), 1, 0);
    }

    int perEpoch() {
        return wholeBatches + (lastRows == 0 ? 0 : 1);
    }

    int examplesPerEpoch() {
        return wholeBatches * batch + lastRows;
    }

    /** Returns the examples of a step of an epoch, from 0. */
    int rows(int step) {
        return step < wholeBatches ? batch : lastRows;
    }

    /**
     * Initialises the weights, from seed and statistics if {@code initial} is null, and clears the state of earlier
     * steps.
     */
    void initialize(StoredModel initial) {
        if (mean == null) {
            mean = examples.mean();
            variance = examples.variance();
        }
        vae.storeLogVar(0);
        if (initial == null) {
            Initialization.initialize(parameters, vae.spec(), options.seed(), mean, variance);
        } else {
            initial.writeTo(vae);
        }
        for (Arena moment : new Arena[] {firstMoment, secondMoment}) {
            moment.flat().write(array(moment.flat()));
        }
        if (steering != null) {
            steering.state().write(new double[(int) steering.state().size()]);
        }
    }

    /** Returns the model that knows only the examples' mean and the variance around it; needs {@link #initialize}. */
    ConstantModel constant() {
        return new ConstantModel(vae.spec(), mean, variance);
    }

    /**
     * Plans the epoch after {@code before} of {@code steps}, from its step {@code done} on; {@link #start} begins it.
     */
    void plan(long before, int done, long steps, double rateFactor) {
        int epoch = Math.toIntExact(before / perEpoch()) + 1;
        double[] rows = new double[perEpoch() * Schedule.COLUMNS];
        double[] targets = new double[perEpoch()];
        for (int i = 0; i < perEpoch(); i++) {
            long t = before + i + 1;
            double rate = rateFactor * options.learningRate().at(t, steps, perEpoch());
            double[] row =
                    options.adam().scheduleRow(t, rate, options.klWeight().at(t, perEpoch()));
            System.arraycopy(row, 0, rows, i * Schedule.COLUMNS, row.length);
            targets[i] = objective.control().target(t, perEpoch());
        }
        schedule.table().write(rows);
        if (steering != null) {
            steering.targets().write(targets);
        }
        clock.set(Math.toIntExact(before + done + 1), done * batch, done, 0);
        order = Noise.permutation(options.seed(), epoch, examples.size());
    }

    /** Begins the epoch that was planned, with the data on their way. */
    void start(int done) {
        pass.start(order, done * batch);
    }

    /** Queues the next program and returns how many steps it has. */
    int next(int done) {
        int whole = wholeBatches - done;
        if (whole >= pass.steps() && done % pass.steps() == 0) {
            severalSteps[pass.slot()].run();
            pass.submitted(pass.steps() * batch);
            return pass.steps();
        }
        single(done);
        return 1;
    }

    /** Queues the next step alone, and returns what it computes with. */
    Activations single(int done) {
        boolean whole = done < wholeBatches;
        (whole ? oneStep(pass.slot()) : lastBatch).run();
        pass.submitted(rows(done));
        return (whole ? memory : lastMemory).activations;
    }

    /** Runs a step of a whole batch on undefined values, for a {@code CountingBackend}. */
    void dryRun() {
        oneStep(0).run();
    }

    /** Returns the elements of the memory that steps compute in. */
    long stepElements() {
        long last = lastMemory == null ? 0 : lastMemory.elements();
        return memory.elements() + last;
    }

    /** Returns the rows of {@link Metrics} of the epoch's steps so far. */
    double[] metrics(int done) {
        return metrics.rows(0, done).toDoubles();
    }

    /** Allocates an array of the backend's precision for a tensor of REAL. */
    private Object array(Tensor tensor) {
        int size = Math.toIntExact(tensor.size());
        return isFloat() ? new float[size] : new double[size];
    }

    private boolean isFloat() {
        return backend.unitRoundoff() >= 0x1p-24;
    }

    /** Returns the weights, in the backend's precision. */
    SafeTensors.Entry weights() {
        return read(parameters);
    }

    private SafeTensors.Entry read(Arena arena) {
        Object values = array(arena.flat());
        arena.flat().read(values);
        return new SafeTensors.Entry(new int[] {Math.toIntExact(arena.flat().size())}, values);
    }

    /** Returns all tensors that later steps depend on. */
    Map<String, SafeTensors.Entry> tensors(int done) {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put(PARAMETERS, weights());
        tensors.put(FIRST_MOMENT, read(firstMoment));
        tensors.put(SECOND_MOMENT, read(secondMoment));
        if (done > 0) {
            tensors.put(METRICS, new SafeTensors.Entry(new int[] {done, Metrics.COLUMNS}, metrics(done)));
        }
        if (steering != null) {
            double[] state = steering.state().toDoubles();
            tensors.put(STEERING, new SafeTensors.Entry(new int[] {state.length}, state));
        }
        return tensors;
    }

    Map<String, int[]> shapes(int done) {
        int[] flat = {Math.toIntExact(parameters.flat().size())};
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put(PARAMETERS, flat);
        shapes.put(FIRST_MOMENT, flat);
        shapes.put(SECOND_MOMENT, flat);
        if (done > 0) {
            shapes.put(METRICS, new int[] {done, Metrics.COLUMNS});
        }
        if (steering != null) {
            shapes.put(STEERING, new int[] {Math.toIntExact(steering.state().size())});
        }
        return shapes;
    }

    /** Inverts {@link #tensors}; throws data if one has another precision. */
    void restore(Map<String, SafeTensors.Entry> tensors, int done) {
        shapes(done).keySet().forEach(name -> {
            boolean isDouble = name.equals(METRICS) || name.equals(STEERING) || !isFloat();
            if (tensors.get(name).isDouble() != isDouble) {
                throw ElboException.data("the checkpoint's tensor '" + name + "' is not float" + (isDouble ? 64 : 32));
            }
        });
        parameters.flat().write(tensors.get(PARAMETERS).array());
        firstMoment.flat().write(tensors.get(FIRST_MOMENT).array());
        secondMoment.flat().write(tensors.get(SECOND_MOMENT).array());
        if (done > 0) {
            metrics.rows(0, done).write(tensors.get(METRICS).doubles());
        }
        if (steering != null) {
            steering.state().write(tensors.get(STEERING).doubles());
        }
    }

    @Override
    public void close() {
        closer.close();
    }
}
