package dev.elbo.train;

import dev.elbo.analysis.ConstantModel;
import dev.elbo.analysis.DataSource;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.Schedule;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.group.Peers;
import dev.elbo.group.ShardSums;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.StoredModel;
import dev.elbo.net.Vae;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The steps of a run: Adam on mini-batches in a seeded order, on one backend or on several that have some of the shards each. What
 * changes from step to step lies in the backend's memory, so that a run replays recorded programs: of several steps with whole
 * batches if the backend wants that, of one step for the rest of the epoch, and of the partial last batch. If streamed data arrive
 * in two slots, there is one for each.
 */
final class TrainingSteps implements AutoCloseable {
    private final Closer closer = new Closer();
    private final Objective objective;
    private final TrainingOptions options;
    private final Dataset examples;
    private final ShardRows rows;
    private final List<Lane> lanes = new ArrayList<>();
    /** The lane whose weights are evaluated and stored; those of the others are the same. */
    private final Lane main;

    private final Shards shards;

    final Arena parameters;
    /** The gradients of the last step. */
    final Arena gradients;

    final Vae vae;
    /** Null for one lane that is on its own. */
    private final Exchange exchange;
    /** Null for a run of one process whose shards have no weights of their own. */
    private final GroupExchange group;
    /** What later steps depend on, as files hold it. */
    final StepTensors stored;

    /** The mean of each feature over the examples; set from the first {@link #initialize} on. */
    private double[] mean;

    private double[] variance;

    private int epoch;

    /**
     * Allocates and records everything, for {@code examples}; {@link #initialize} comes next. Throws usage if no batch is left.
     *
     * @param data of each backend: the examples of its shards
     * @param peers the other members, who have the other shards
     */
    TrainingSteps(
            List<Backend> backends,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            LaneData data,
            Dataset examples,
            Peers peers) {
        this.objective = objective;
        this.options = options;
        this.examples = examples;
        this.rows = data.rows();
        this.shards = data.shards();
        try {
            ShardSums sums = sums(backends.get(0), spec, peers);
            boolean apart = !shards.isAll();
            for (int i = 0; i < backends.size(); i++) {
                DataSource source = data.sources().get(i);
                int from = data.first(i);
                int to = data.first(i + 1);
                lanes.add(closer.register(new Lane(
                        backends.get(i), spec, objective, options, source, rows, from, to, apart ? sums : null)));
            }
            main = lanes.get(0);
            parameters = main.parameters;
            gradients = main.gradients;
            vae = main.vae;
            group = sums == null ? null : new GroupExchange(shards, sums, main);
            exchange = lanes.size() > 1 ? closer.register(new LaneExchange(lanes)) : apart ? group : null;
            stored = new StepTensors(lanes, rows, shards, group);
            lanes.forEach(lane -> lane.record(exchange));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private ShardSums sums(Backend backend, VaeSpec spec, Peers peers) {
        if (shards.isAll() && options.localSteps() == 1) {
            return null;
        }
        return new ShardSums(
                peers,
                rows.count(),
                Math.toIntExact(Parameters.layout(spec).size()),
                backend.unitRoundoff() >= 0x1p-24);
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
            mean = examples.mean(shards);
            variance = examples.variance(shards);
        }
        vae.storeLogVar(0);
        if (initial == null) {
            Initialization.initialize(parameters, vae.spec(), options.seed(), mean, variance);
        } else {
            initial.writeTo(vae);
        }
        Object weights = weights().array();
        Object zeros = stored.array();
        for (Lane lane : lanes) {
            if (lane != main) {
                lane.parameters.flat().write(weights);
            }
            lane.writeOwned(lane.firstMoment, zeros);
            lane.writeOwned(lane.secondMoment, zeros);
            lane.startApart(weights, zeros, zeros);
            if (lane.steering != null) {
                Tensor state = lane.steering.state();
                state.write(new double[(int) state.size()]);
            }
        }
    }

    /**
     * Returns the ELBO of the model that knows only the examples' mean and the variance around it, on data of which some member has
     * some; needs {@link #initialize}.
     */
    double constantElbo(Optional<Dataset> data) {
        ConstantModel constant = new ConstantModel(vae.spec(), mean, variance);
        if (shards.isAll()) {
            return constant.elbo(data.orElseThrow());
        }
        double here = data.map(set -> constant.elbo(set) * set.size()).orElse(0.0);
        double[] sums = shards.fold(Double::sum, here, data.map(Dataset::size).orElse(0));
        return sums[0] / sums[1];
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
        if (options.localSteps() > 1) {
            return apart(done);
        }
        int together = main.pass.steps();
        if (rows.wholeBatches() - done >= together && done % together == 0) {
            each(Lane::runSeveral);
            return together;
        }
        single(done);
        return 1;
    }

    /** Queues steps of shards on weights of their own, up to the average of these. */
    private int apart(int done) {
        int steps = Math.min(options.localSteps() - done % options.localSteps(), perEpoch() - done);
        for (int i = 0; i < steps; i++) {
            single(done + i);
        }
        group.average();
        return steps;
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

    /** Returns the elements of the weights of shards that take steps of their own, on the main lane. */
    long localElements() {
        return main.local() == null ? 0 : main.local().elements();
    }

    /** Returns the elements of the memory that steps compute in, on the main lane. */
    long stepElements() {
        return main.stepElements();
    }

    /** Returns the rows of {@link Metrics} of the epoch's steps so far, means over each batch. */
    double[] metrics(int done) {
        double[] all = stored.metricsOfShards(done);
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

    /** Returns the weights, in the backend's precision. */
    SafeTensors.Entry weights() {
        return stored.weights();
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
