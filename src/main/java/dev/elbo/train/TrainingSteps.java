package dev.elbo.train;

import dev.elbo.analysis.ConstantModel;
import dev.elbo.analysis.DataSource;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.Schedule;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.StoredModel;
import dev.elbo.net.Vae;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The steps of a run: Adam on mini-batches in a seeded order, on one backend or on several that have some of the shards each. What
 * changes from step to step lies in the backend's memory, so that a run replays recorded programs: of several steps with whole
 * batches if the backend wants that, of one step for the rest of the epoch, and of the partial last batch. If streamed data arrive
 * in two slots, there is one for each.
 */
final class TrainingSteps implements AutoCloseable {
    static final String PARAMETERS = "parameters";
    static final String FIRST_MOMENT = "first_moment";
    static final String SECOND_MOMENT = "second_moment";
    /** The name of the metrics of the current epoch's steps. */
    static final String METRICS = "metrics";

    static final String STEERING = "steering";

    private final Closer closer = new Closer();
    private final Objective objective;
    private final TrainingOptions options;
    private final Dataset examples;
    private final ShardRows rows;
    private final List<Lane> lanes = new ArrayList<>();
    /** The lane whose weights are evaluated and stored; those of the others are the same. */
    private final Lane main;

    final Arena parameters;
    /** The gradients of the last step. */
    final Arena gradients;

    final Vae vae;
    /** Null with one lane. */
    private final LaneExchange exchange;

    /** The mean of each feature over the examples; set from the first {@link #initialize} on. */
    private double[] mean;

    private double[] variance;

    private int epoch;

    /**
     * Allocates and records everything, for {@code examples}; {@link #initialize} comes next. Throws usage if no batch is left.
     *
     * @param data of each backend: the examples of its shards
     */
    TrainingSteps(
            List<Backend> backends,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            LaneData data,
            Dataset examples) {
        this.objective = objective;
        this.options = options;
        this.examples = examples;
        this.rows = data.rows();
        try {
            for (int i = 0; i < backends.size(); i++) {
                DataSource source = data.sources().get(i);
                int from = data.first(i);
                int to = data.first(i + 1);
                lanes.add(closer.register(new Lane(backends.get(i), spec, objective, options, source, rows, from, to)));
            }
            main = lanes.get(0);
            parameters = main.parameters;
            gradients = main.gradients;
            vae = main.vae;
            exchange = lanes.size() == 1 ? null : closer.register(new LaneExchange(lanes));
            lanes.forEach(lane -> lane.record(exchange));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    int perEpoch() {
        return rows.perEpoch();
    }

    int examplesPerEpoch() {
        return rows.examplesPerEpoch();
    }

    /** Returns the examples of a step of an epoch, from 0. */
    int rows(int step) {
        return rows.rows(step);
    }

    /**
     * Initialises the weights, from seed and statistics if {@code initial} is null, and clears the state of earlier
     * steps.
     */
    void initialize(StoredModel initial) {
        if (mean == null) {
            mean = examples.mean(rows.count());
            variance = examples.variance(rows.count());
        }
        vae.storeLogVar(0);
        if (initial == null) {
            Initialization.initialize(parameters, vae.spec(), options.seed(), mean, variance);
        } else {
            initial.writeTo(vae);
        }
        Object weights = weights().array();
        Object zeros = array(main.firstMoment.flat());
        for (Lane lane : lanes) {
            if (lane != main) {
                lane.parameters.flat().write(weights);
            }
            lane.firstMoment.flat().write(zeros);
            lane.secondMoment.flat().write(zeros);
            if (lane.steering != null) {
                Tensor state = lane.steering.state();
                state.write(new double[(int) state.size()]);
            }
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
        epoch = Math.toIntExact(before / perEpoch()) + 1;
        double[] scheduled = new double[perEpoch() * Schedule.COLUMNS];
        double[] targets = new double[perEpoch()];
        for (int i = 0; i < perEpoch(); i++) {
            long t = before + i + 1;
            double rate = rateFactor * options.learningRate().at(t, steps, perEpoch());
            double[] row =
                    options.adam().scheduleRow(t, rate, options.klWeight().at(t, perEpoch()));
            System.arraycopy(row, 0, scheduled, i * Schedule.COLUMNS, row.length);
            targets[i] = objective.control().target(t, perEpoch());
        }
        lanes.forEach(lane -> lane.plan(before, done, scheduled, targets));
    }

    /** Begins the epoch that was planned, with the data on their way. */
    void start(int done) {
        each(lane -> lane.start(epoch, done));
    }

    private void each(Consumer<Lane> work) {
        if (exchange == null) {
            work.accept(main);
        } else {
            exchange.each(work);
        }
    }

    /** Queues the next program and returns how many steps it has. */
    int next(int done) {
        int together = main.pass.steps();
        if (rows.wholeBatches() - done >= together && done % together == 0) {
            each(Lane::runSeveral);
            return together;
        }
        single(done);
        return 1;
    }

    /** Queues the next step alone. */
    void single(int done) {
        each(done < rows.wholeBatches() ? Lane::runOne : Lane::runLast);
    }

    /** Returns what the shards of a step compute with. */
    List<Activations> activations(int step) {
        return lanes.stream()
                .flatMap(lane -> lane.memory(step).shards.stream())
                .map(Shard::activations)
                .toList();
    }

    /** Runs the first step of an epoch on undefined values, for a {@code CountingBackend}. */
    void dryRun() {
        main.dryRun();
    }

    /** Returns the elements of the gradients, on the main lane. */
    long gradientElements() {
        return main.gradientElements();
    }

    /** Returns the elements of the memory that steps compute in, on the main lane. */
    long stepElements() {
        return main.stepElements();
    }

    /** Returns the rows of {@link Metrics} of the epoch's steps so far, means over each batch. */
    double[] metrics(int done) {
        double[] all = metricsOfShards(done);
        int shards = rows.count();
        if (shards == 1) {
            return all;
        }
        double[] table = new double[done * Metrics.COLUMNS];
        for (int i = 0; i < table.length; i++) {
            int stepRows = rows(i / Metrics.COLUMNS);
            int column = i % Metrics.COLUMNS;
            double[] means = new double[rows.active(stepRows)];
            for (int shard = 0; shard < means.length; shard++) {
                means[shard] = all[shard * table.length + i];
            }
            // these are of the batch already, the same for each shard
            boolean shared = column == Metrics.BETA || column == Metrics.OUTPUT_VARIANCE;
            table[i] = shared ? means[0] : rows.mean(means, stepRows);
        }
        return table;
    }

    /** Returns the rows of each shard, one shard after the other. */
    private double[] metricsOfShards(int done) {
        int each = done * Metrics.COLUMNS;
        double[] all = new double[rows.count() * each];
        for (Lane lane : lanes) {
            for (int shard = lane.from; shard < lane.to; shard++) {
                Tensor table = lane.metrics(shard);
                table.buffer().read(table.offset(), all, shard * each, each);
            }
        }
        return all;
    }

    /** Allocates an array of the backend's precision for a tensor of REAL. */
    private Object array(Tensor tensor) {
        int size = Math.toIntExact(tensor.size());
        return isFloat() ? new float[size] : new double[size];
    }

    private boolean isFloat() {
        return main.backend.unitRoundoff() >= 0x1p-24;
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
        tensors.put(FIRST_MOMENT, read(main.firstMoment));
        tensors.put(SECOND_MOMENT, read(main.secondMoment));
        if (done > 0) {
            tensors.put(METRICS, new SafeTensors.Entry(metricsShape(done), metricsOfShards(done)));
        }
        if (main.steering != null) {
            double[] state = main.steering.state().toDoubles();
            tensors.put(STEERING, new SafeTensors.Entry(new int[] {state.length}, state));
        }
        return tensors;
    }

    private int[] metricsShape(int done) {
        return rows.count() == 1 ? new int[] {done, Metrics.COLUMNS} : new int[] {rows.count(), done, Metrics.COLUMNS};
    }

    Map<String, int[]> shapes(int done) {
        int[] flat = {Math.toIntExact(parameters.flat().size())};
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put(PARAMETERS, flat);
        shapes.put(FIRST_MOMENT, flat);
        shapes.put(SECOND_MOMENT, flat);
        if (done > 0) {
            shapes.put(METRICS, metricsShape(done));
        }
        if (main.steering != null) {
            shapes.put(
                    STEERING, new int[] {Math.toIntExact(main.steering.state().size())});
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
        int each = done * Metrics.COLUMNS;
        for (Lane lane : lanes) {
            lane.parameters.flat().write(tensors.get(PARAMETERS).array());
            lane.firstMoment.flat().write(tensors.get(FIRST_MOMENT).array());
            lane.secondMoment.flat().write(tensors.get(SECOND_MOMENT).array());
            for (int shard = lane.from; done > 0 && shard < lane.to; shard++) {
                Tensor table = lane.metrics(shard);
                table.buffer().write(table.offset(), tensors.get(METRICS).doubles(), shard * each, each);
            }
            if (lane.steering != null) {
                lane.steering.state().write(tensors.get(STEERING).doubles());
            }
        }
    }

    /** Waits for everything queued, on all backends. */
    void synchronize() {
        lanes.forEach(lane -> lane.backend.synchronize());
    }

    @Override
    public void close() {
        closer.close();
    }
}
