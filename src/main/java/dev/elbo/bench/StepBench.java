package dev.elbo.bench;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.ProgramCounts;
import dev.elbo.data.Split;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * The speed of a training step as the trainer makes it: epochs over random bytes in the backend's memory. A round is an
 * epoch; the time before the end of its first program, which starts up, counts for the wall clock only.
 */
public final class StepBench {
    /** Bytes of data that are enough for a round. */
    private static final long DATA_BYTES = 256L << 20;

    private static final int MAX_PROGRAMS = 64;
    private static final int MIN_PROGRAMS = 2;
    private static final int WARM_UP = 2;

    /** Steps after which the loss is compared, and the flops that the reference may take for them. */
    private static final int COMPARED_STEPS = 10;

    private static final double MAX_FLOPS = 5e10;

    private static final double LEARNING_RATE = 1e-3;

    private final Backend backend;
    private final StepOptions options;
    private final Rates rates;

    /** @param rates of this backend in this run */
    public StepBench(Backend backend, StepOptions options, Rates rates) {
        this.backend = backend;
        this.rates = rates;
        this.options = options;
    }

    /** Measures beside a float64 backend; throws unavailable if times are meaningless, or without enough memory. */
    public StepResult run(Backend oracle, Consumer<String> progress) {
        try (BackendTimer timer = Bench.timer(backend)) {
            StepResult.Loss loss = compare(oracle, progress);
            int steps = stepsPerRound();
            progress.accept("timing " + (WARM_UP + options.rounds()) + " rounds of " + steps + " steps");
            Rounds rounds = new Rounds(timer, steps);
            return rounds.result(loss, train(backend, steps, WARM_UP + options.rounds(), rounds));
        }
    }

    private int stepsPerRound() {
        int each = backend.stepsPerProgram();
        if (SmokeTest.isOn()) {
            return each * MIN_PROGRAMS;
        }
        long bytes = (long) options.batch() * options.model().inputs() * each;
        return each * (int) Math.max(MIN_PROGRAMS, Math.min(MAX_PROGRAMS, DATA_BYTES / bytes));
    }

    private TrainingOptions training(int epochs) {
        return TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(options.batch())
                .learningRate(LEARNING_RATE)
                .patience(0)
                .dataPlacement(options.placement())
                .shards(options.shards())
                .build();
    }

    private Split data(int steps) {
        return RandomBytes.split(
                steps * options.batch(), options.batch(), options.model().inputs());
    }

    private BenchTraining train(Backend on, int steps, int epochs, TrainingListener listener) {
        try (BenchTraining done =
                BenchTraining.of(on, options.model(), options.objective(), training(epochs), data(steps))) {
            done.trainer().run(listener);
            return done;
        }
    }

    private StepResult.Loss compare(Backend oracle, Consumer<String> progress) {
        TrainingPlan plan = TrainingPlan.of(backend, options.model(), options.objective(), training(1), data(1));
        if (COMPARED_STEPS * plan.stepWork().flops() > MAX_FLOPS) {
            return null;
        }
        progress.accept("comparing the loss after " + COMPARED_STEPS + " steps with the float64 reference's");
        return new StepResult.Loss(COMPARED_STEPS, lossOn(backend), lossOn(oracle));
    }

    private double lossOn(Backend on) {
        double[] loss = new double[1];
        train(
                on,
                COMPARED_STEPS,
                1,
                TrainingListener.onEachEpoch(metrics -> loss[0] = metrics.test().loss()));
        return loss[0];
    }

    /** Costs of a step, as means over a round. */
    private record Round(double device, double wall, double cpu, double allocated) {}

    /** The clocks of an epoch, from the queueing of its first program to that of its last one. */
    private final class Rounds implements TrainingListener {
        private final BackendTimer timer;
        private final int steps;
        private final int first;
        private final List<Round> measured = new ArrayList<>();
        private HostCost hostAtStart;
        private HostCost host;
        private ProgramCounts countsAtStart;
        private ProgramCounts counts;
        private int epochs;

        Rounds(BackendTimer timer, int steps) {
            this.timer = timer;
            this.steps = steps;
            this.first = backend.stepsPerProgram();
        }

        @Override
        public void onStep(long step, long all) {
            int ofEpoch = (int) ((step - 1) % steps) + 1;
            if (ofEpoch == first) {
                timer.start();
                countsAtStart = timer.counts();
                hostAtStart = HostCost.now();
            } else if (ofEpoch == steps) {
                host = HostCost.now().since(hostAtStart);
                counts = timer.counts().since(countsAtStart);
                timer.stop();
            }
        }

        @Override
        public void onEpoch(EpochMetrics metrics) {
            if (++epochs <= WARM_UP) {
                return;
            }
            double timed = steps - first;
            measured.add(new Round(
                    timer.seconds() / timed,
                    metrics.seconds() / steps,
                    host.cpuSeconds() / timed,
                    host.allocatedBytes() / timed));
        }

        StepResult result(StepResult.Loss loss, BenchTraining taken) {
            return new StepResult(
                    options,
                    first,
                    steps,
                    timer.usesDeviceClock() ? column(Round::device) : null,
                    column(Round::wall),
                    column(Round::cpu),
                    column(Round::allocated),
                    StepResult.Launches.of(counts, steps - first),
                    rates.floor(taken.plan().step()),
                    taken.bytes(),
                    taken.plan().allBytes(),
                    loss);
        }

        private Distribution column(ToDoubleFunction<Round> value) {
            return Distribution.of(measured.stream().mapToDouble(value).toArray());
        }
    }
}
