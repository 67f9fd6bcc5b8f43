package dev.elbo.train;

import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Pass;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.group.ShardSums;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.KlControlState;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run has on one backend: the weights with the state of their optimiser, and the memory of the shards that are computed
 * there. All lanes of a run take the same steps, so that their weights are the same.
 */
final class Lane implements AutoCloseable {
    private final Closer closer = new Closer();
    final Backend backend;
    private final Objective objective;
    final TrainingOptions options;
    final ShardRows rows;
    /** The first shard of this lane, and the one behind its last. */
    final int from;

    final int to;
    final Arena parameters;
    /** The gradients of a step: sums over all shards. */
    final Arena gradients;

    /** The elements of the weights that are updated here, from the first to the one behind the last: all, or a part in a group. */
    final int ownedFrom;

    final int ownedTo;
    /** The moments of these, in one row; null if there are none. */
    final Tensor firstMoment;

    final Tensor secondMoment;
    final Vae vae;
    final Clock clock;
    final Schedule schedule;
    final KlControlState steering;
    final Pass pass;
    /** The gradients of each shard, in a row each, aligned; null with a single shard. */
    final Tensor parts;
    /** The shard of the first of these rows: 0 where all shards are gathered, {@link #from} in a group. */
    final int firstPart;
    /** The weights of each shard of this lane, if they take steps of their own. */
    private final LocalWeights local;
    /** A table of the means over the rows of each shard of this lane. */
    private final List<Tensor> metrics = new ArrayList<>();
    /** Programs of several steps of whole batches, of one, and of the last; null where no step has as many rows. */
    private StepPrograms several;

    private StepPrograms one;
    private StepPrograms last;

    /** @param sums over the shards of a group, which say what is updated here; null for a run of one process */
    Lane(
            Backend backend,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            DataSource data,
            ShardRows rows,
            int from,
            int to,
            ShardSums sums) {
        this.backend = backend;
        this.objective = objective;
        this.options = options;
        this.rows = rows;
        this.from = from;
        this.to = to;
        try {
            Layout layout = Parameters.layout(spec);
            parameters = closer.register(backend.allocate(layout));
            firstPart = sums == null ? 0 : from;
            int held = sums == null ? rows.count() : to - from;
            parts = rows.count() == 1
                    ? null
                    : closer.register(backend.allocate(ElementType.REAL, held, aligned(layout)));
            gradients = parts == null
                    ? closer.register(backend.allocate(layout))
                    : Arena.inRow(closer.register(backend.allocate(ElementType.REAL, 1, parts.cols())), layout);
            ownedFrom = sums == null ? 0 : sums.from();
            ownedTo = sums == null ? Math.toIntExact(layout.size()) : sums.to();
            firstMoment = moment();
            secondMoment = moment();
            vae = closer.register(new Vae(backend, spec, parameters));
            local = options.localSteps() == 1 ? null : closer.register(new LocalWeights(this, spec));
            clock = Clock.allocate(backend);
            closer.register(clock.counters());
            int steps = rows.perEpoch();
            schedule =
                    new Schedule(closer.register(backend.allocate(ElementType.REAL, steps, Schedule.COLUMNS)), clock);
            for (int shard = from; shard < to; shard++) {
                metrics.add(closer.register(backend.allocate(ElementType.FLOAT64, steps, Metrics.COLUMNS)));
            }
            steering =
                    objective.control().isAdaptive() ? closer.register(KlControlState.allocate(backend, steps)) : null;
            // between the programs of a step, lanes of some shards exchange what they have
            int together = to - from == rows.count() && local == null
                    ? Math.min(backend.stepsPerProgram(), Math.max(1, rows.wholeBatches()))
                    : 1;
            int batch = Math.min(batch(rows.batch()), data.size());
            pass = closer.register(data.pass(batch, together, true));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private Tensor moment() {
        return ownedFrom == ownedTo
                ? null
                : closer.register(backend.allocate(ElementType.REAL, 1, ownedTo - ownedFrom));
    }

    /** Rows of the matrix of gradients begin where arenas do. */
    private static int aligned(Layout layout) {
        return Math.toIntExact((layout.size() + Layout.ALIGNMENT - 1) / Layout.ALIGNMENT * Layout.ALIGNMENT);
    }

    /** Returns the rows of this lane in a step of so many. */
    int batch(int stepRows) {
        int own = 0;
        for (int shard = from; shard < to; shard++) {
            own += rows.rows(shard, stepRows);
        }
        return own;
    }

    private Tensor owned(Arena arena) {
        return arena.flat().cols(ownedFrom, ownedTo - ownedFrom);
    }

    /** Returns whether the lane has room for the gradients of all shards, and adds them itself. */
    boolean addsShards() {
        return parts.rows() == rows.count();
    }

    /** Returns the gradients of a shard of this lane. */
    private Arena gradients(int shard) {
        return parts == null ? gradients : Arena.inRow(parts.rows(shard - firstPart, 1), gradients.layout());
    }

    /** Writes a moment from an array with values of all elements. */
    void writeOwned(Tensor moment, Object all) {
        if (moment != null) {
            moment.buffer().write(moment.offset(), all, ownedFrom, ownedTo - ownedFrom);
        }
    }

    /** Gives the shards that take steps of their own the weights and moments of this lane. */
    void startApart(Object weights, Object first, Object second) {
        if (local != null) {
            for (int shard = from; shard < to; shard++) {
                local.values(shard, 0).write(weights);
                local.values(shard, 1).write(first);
                local.values(shard, 2).write(second);
            }
        }
    }

    /** Returns the weights of the shards that take steps of their own, or null. */
    LocalWeights local() {
        return local;
    }

    /** Returns the table of a shard of this lane. */
    Tensor metrics(int shard) {
        return metrics.get(shard - from);
    }

    /** The memory of a step of some rows; programs of as many rows share it, since they run one after the other. */
    final class StepMemory {
        final int stepRows;
        /** The shards of this lane that have rows in such a step. */
        final List<Shard> shards = new ArrayList<>();

        StepMemory(int stepRows) {
            this.stepRows = stepRows;
            NoiseSource noise = NoiseSource.perStep(options.seed(), NoiseStream.LATENT, clock);
            int active = Math.min(to, rows.active(stepRows));
            for (int shard = from; shard < active; shard++) {
                int own = rows.rows(shard, stepRows);
                Tensor x = closer.register(
                        backend.allocate(ElementType.REAL, own, vae.spec().inputs()));
                Activations activations = closer.register(vae.allocate(own, objective.samples(), true));
                shards.add(new Shard(
                        local == null ? vae : local.vae(shard),
                        activations,
                        x,
                        noise.fromRow(rows.firstRow(shard)),
                        schedule,
                        gradients(shard),
                        metrics(shard),
                        steering,
                        local == null ? stepRows : own));
            }
        }

        /** Allocates a row for each shard of the step, and one for their sum. */
        Tensor rows(int count, int width) {
            return closer.register(backend.allocate(ElementType.FLOAT64, count, width));
        }

        long elements() {
            return shards.stream()
                    .mapToLong(shard -> shard.x().size() + shard.activations().elements())
                    .sum();
        }

        /** Queues the gathering of the lane's rows of the batch. */
        void gather(int slot) {
            NoiseSource pixels =
                    options.binarize() ? NoiseSource.perStep(options.seed(), NoiseStream.BINARIZE, clock) : null;
            int first = 0;
            for (Shard shard : shards) {
                NoiseSource own =
                        pixels == null ? null : pixels.fromRow(shard.noise().firstRow());
                pass.gather(
                        slot, clock, first, own, shard.x(), shard.activations().labels());
                first += shard.x().rows();
            }
        }

        /** Queues the optimiser and moves the counters on to the next step. */
        void finish() {
            if (firstMoment != null) {
                backend.ops()
                        .adam(owned(parameters), owned(gradients), firstMoment, secondMoment, schedule, options.adam());
            }
            backend.ops().advance(clock, 1, batch(stepRows), 1, 0);
        }

        /** Queues the steps of the shards on weights of their own, and moves the counters on to the next step. */
        void finishApart() {
            shards.forEach(objective::step);
            for (int i = 0; i < shards.size(); i++) {
                local.adam(from + i, gradients(from + i));
            }
            backend.ops().advance(clock, 1, batch(stepRows), 1, 0);
        }
    }

    /**
     * Allocates the memory of steps and records what an epoch will need.
     *
     * @param exchange of the lanes; null if there is one
     */
    void record(Exchange exchange) {
        int together = pass.steps();
        if (rows.wholeBatches() > 0) {
            StepMemory whole = new StepMemory(rows.batch());
            several = closer.register(new StepPrograms(this, whole, objective, together, exchange));
            one = closer.register(new StepPrograms(this, whole, objective, 1, exchange));
            for (int slot = 0; slot < pass.slots(); slot++) {
                several.record(slot);
            }
            if (rows.wholeBatches() % together != 0) {
                one.record(pass.lastSlot());
            }
        }
        if (rows.lastRows() > 0) {
            last = closer.register(new StepPrograms(this, new StepMemory(rows.lastRows()), objective, 1, exchange));
            last.record(pass.lastSlot());
        }
    }

    void runSeveral() {
        several.run();
    }

    void runOne() {
        one.run();
    }

    void runLast() {
        last.run();
    }

    /** Returns the memory of a step of an epoch, from 0. */
    StepMemory memory(int step) {
        return (step < rows.wholeBatches() ? one : last).memory;
    }

    /** Runs the first step of an epoch on undefined values, for a {@code CountingBackend}. */
    void dryRun() {
        (one == null ? last : one).dryRun();
    }

    /** Returns the elements of the gradients, those of each shard and their sum. */
    long gradientElements() {
        return parts == null ? gradients.layout().size() : parts.size() + parts.cols();
    }

    /** Returns the elements of the memory that steps compute in. */
    long stepElements() {
        return (one == null ? 0 : one.memory.elements()) + (last == null ? 0 : last.memory.elements());
    }

    /** Plans an epoch from its step {@code done} on; {@link #start} begins it. */
    void plan(long before, int done, double[] scheduled, double[] targets) {
        schedule.table().write(scheduled);
        if (steering != null) {
            steering.targets().write(targets);
        }
        clock.set(Math.toIntExact(before + done + 1), done * batch(rows.batch()), done, 0);
    }

    /** Begins the epoch that was planned, with the data on their way. */
    void start(int epoch, int done) {
        int[] order = rows.order(options.seed(), epoch, from, to);
        int first = done * batch(rows.batch());
        // a last batch without a row of this lane's shards has nothing to read
        if (first < order.length) {
            pass.start(order, first);
        }
    }

    @Override
    public void close() {
        closer.close();
    }
}
