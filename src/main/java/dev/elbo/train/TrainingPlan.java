package dev.elbo.train;

import dev.elbo.analysis.Evaluator;
import dev.elbo.backend.Backend;
import dev.elbo.cost.CountingBackend;
import dev.elbo.cost.Work;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.group.Peers;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.net.Vae;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Closer;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The resources that a run takes, found by making all of it on a {@link CountingBackend}: the memory and the programs are those that
 * {@link Trainer} makes.
 *
 * <p>Not counted are the memory that a driver needs for its context and for graphs, and scratch beyond that of a newly opened
 * backend, which only sums over very tall layers need; on the host, the arrays that each operation keeps for its threads.
 *
 * @param parameters weights and biases
 * @param bytes of the backend's memory by use, in the order of {@link Use}
 * @param step launches of a step of a whole batch
 * @param stepsPerEpoch steps, the partial last batch among them
 * @param batches whole batches' worth of examples of an epoch
 * @param evaluation launches of a chunk of the held-out data
 * @param chunks such chunks' worth of held-out examples
 * @param epochs of the run
 */
public record TrainingPlan(
        long parameters,
        Map<Use, Long> bytes,
        List<Work> step,
        int stepsPerEpoch,
        double batches,
        List<Work> evaluation,
        double chunks,
        int epochs) {
    /** The use of memory. */
    public enum Use {
        /** Weights and biases, of each shard too if it takes steps of its own. */
        WEIGHTS,
        /** The gradients of the weights, of each shard too. */
        GRADIENTS,
        /** The two moments of Adam, likewise. */
        MOMENTS,
        /** The values and gradients of a step, and its batch. */
        ACTIVATIONS,
        /** Examples, or the two slots that they are streamed through; their order; an epoch's tables. */
        DATA,
        /** The workspace of the evaluation on held-out examples. */
        EVALUATION,
        /** The backend's own workspace. */
        WORKSPACE;

        /** {@return the name in files and tables} */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * {@return the plan of a run on one backend or several, of which it is that of the first} It has the most to do. What backends
     * exchange at every step is left out.
     *
     * @param like the backend that it would be on; nothing is allocated there
     * @param spec of the model
     * @param objective of the training
     * @param options of the training
     * @param data training data, and data for evaluation
     * @param backends that share the shards, at least 1
     * @param beside makes everything else that the backend's memory would hold
     * @throws IllegalArgumentException if the data do not fit the model
     * @throws dev.elbo.error.ElboException usage, if dropping the last batch leaves none; unavailable, if no memory would be enough
     */
    public static TrainingPlan of(
            Backend like,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            Split data,
            int backends,
            Function<Vae, AutoCloseable> beside) {
        try (CountingBackend counter = new CountingBackend(like);
                RunResources memory = new RunResources(
                        List.of(counter),
                        backends,
                        spec,
                        objective,
                        options,
                        data,
                        Shards.all(options.shards()),
                        Peers.alone())) {
            AutoCloseable more = beside.apply(memory.steps.vae);
            TrainingSteps steps = memory.steps;
            counter.takeWork();
            steps.dryRun();
            List<Work> step = counter.takeWork();
            int chunk = memory.judge.map(Evaluator::dryRun).orElse(1);
            List<Work> evaluation = counter.takeWork();
            Map<Use, Long> bytes = bytes(counter, memory, more);
            return new TrainingPlan(
                    Network.of(spec).parameterCount(),
                    bytes,
                    step,
                    steps.perEpoch(),
                    (double) steps.examplesPerEpoch() / steps.rows(0),
                    evaluation,
                    (double) data.judging().map(Dataset::size).orElse(0) / chunk,
                    options.epochs());
        }
    }

    /**
     * {@return the plan of a run with nothing beside it}
     *
     * @param like the backend that it would be on; nothing is allocated there
     * @param spec of the model
     * @param objective of the training
     * @param options of the training
     * @param data training data, and data for evaluation
     */
    public static TrainingPlan of(
            Backend like, VaeSpec spec, Objective objective, TrainingOptions options, Split data) {
        return of(like, spec, objective, options, data, 1, vae -> () -> {});
    }

    /** Measures the bytes by use, by closing one after the other. */
    private static Map<Use, Long> bytes(CountingBackend counter, RunResources memory, AutoCloseable more) {
        Map<Use, Long> bytes = new EnumMap<>(Use.class);
        long weights = memory.steps.parameters.layout().size() * counter.realBytes();
        long local = memory.steps.localElements() * counter.realBytes();
        long gradients = memory.steps.gradientElements() * counter.realBytes();
        long activations = memory.steps.stepElements() * counter.realBytes();
        long all = counter.allocatedBytes();
        Closer beside = new Closer();
        beside.register(more);
        beside.close();
        memory.judge.ifPresent(Evaluator::close);
        memory.test.ifPresent(Evaluator::close);
        long training = counter.allocatedBytes();
        bytes.put(Use.WEIGHTS, weights + local);
        bytes.put(Use.GRADIENTS, gradients);
        bytes.put(Use.MOMENTS, 2 * (weights + local));
        bytes.put(Use.ACTIVATIONS, activations);
        bytes.put(Use.DATA, training - 3 * (weights + local) - gradients - activations);
        bytes.put(Use.EVALUATION, all - training);
        bytes.put(Use.WORKSPACE, counter.workspaceBytes());
        return Collections.unmodifiableMap(bytes);
    }

    /** {@return bytes of the backend's memory, all together} */
    public long allBytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@return steps of the run, unless it stops early} */
    public long steps() {
        return (long) epochs * stepsPerEpoch;
    }

    /** {@return bytes and flops of a step} */
    public Work stepWork() {
        return step.stream().reduce(new Work(0, 0), Work::plus);
    }

    /**
     * {@return seconds of the run, unless it stops early: its steps, and the evaluation after every epoch}
     *
     * @param seconds of some launches, one after the other
     */
    public double seconds(Function<List<Work>, Double> seconds) {
        return epochs * (batches * seconds.apply(step) + chunks * seconds.apply(evaluation));
    }
}
