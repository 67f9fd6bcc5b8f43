package dev.elbo.train;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The learning rate over a run: a linear warm-up from near 0, then constant, falling to 0 at the end, or in stages.
 *
 * @param rate after the warm-up, above 0; with stages that of the first
 * @param warmupEpochs length of the warm-up, may be a fraction
 * @param decay after the warm-up; constant if there are stages
 * @param stages each with its own rate, one after the other; after the last one its rate stays. None: {@code rate}
 */
public record LearningRate(double rate, double warmupEpochs, Decay decay, List<Stage> stages) {
    /** The form of the rate's decay after the warm-up. */
    public enum Decay {
        /** No decay. */
        CONSTANT,
        /** Linear decay to 0. */
        LINEAR,
        /** Decay to 0 along half a cosine wave. */
        COSINE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A stage of a run, with a rate of its own.
     *
     * @param epochs at least 1
     * @param rate above 0
     */
    public record Stage(int epochs, double rate) {
        private static final Pattern WORDS = Pattern.compile("([1-9][0-9]{0,8}):([0-9.eE+-]{1,40})");

        /**
         * Validates the components.
         *
         * @throws IllegalArgumentException with the option's name first, if a value is out of range
         */
        public Stage {
            if (epochs < 1) {
                throw new IllegalArgumentException(
                        "LearningRate.stages: a stage must have at least 1 epoch, not " + epochs);
            }
            requireRate("LearningRate.stages: a rate", rate);
        }

        /**
         * {@return epochs and a rate, such as "27:5.2e-4"}
         *
         * @param text of the command line
         * @throws IllegalArgumentException for anything else
         */
        public static Stage parse(String text) {
            Matcher words = WORDS.matcher(text);
            try {
                if (words.matches()) {
                    return new Stage(Integer.parseInt(words.group(1)), Double.parseDouble(words.group(2)));
                }
            } catch (NumberFormatException e) {
                // refused below
            }
            throw new IllegalArgumentException("LearningRate.stages '" + text
                    + "' is not EPOCHS:RATE such as 27:5.2e-4, or several of them separated by commas");
        }
    }

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException with the option's name first, if a value is out of range
     */
    public LearningRate {
        requireRate("learningRate", rate);
        if (!(warmupEpochs >= 0)) {
            throw new IllegalArgumentException(
                    "LearningRate.warmupEpochs must be at least 0 epochs, not " + warmupEpochs);
        }
        stages = List.copyOf(stages);
        if (!stages.isEmpty() && decay != Decay.CONSTANT) {
            throw new IllegalArgumentException("LearningRate.decay " + decay
                    + " and LearningRate.stages exclude each other: the stages set the rates of the whole run");
        }
        if (!stages.isEmpty() && stages.get(0).rate != rate) {
            throw new IllegalArgumentException(
                    "learningRate " + rate + " is not the rate of the first stage, " + stages.get(0).rate);
        }
        epochs(stages);
    }

    /**
     * Creates a rate without stages.
     *
     * @param rate after the warm-up, above 0
     * @param warmupEpochs length of the warm-up, may be a fraction
     * @param decay after the warm-up
     */
    public LearningRate(double rate, double warmupEpochs, Decay decay) {
        this(rate, warmupEpochs, decay, List.of());
    }

    /**
     * {@return the rates of stages, without a warm-up}
     *
     * @param stages at least one
     */
    public static LearningRate ofStages(List<Stage> stages) {
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("LearningRate.stages must have at least one stage");
        }
        return new LearningRate(stages.get(0).rate, 0, Decay.CONSTANT, stages);
    }

    private static void requireRate(String option, double rate) {
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException(option + " must be above 0, not " + rate);
        }
    }

    /**
     * {@return the epochs of all stages}
     *
     * @param stages any number of them
     * @throws IllegalArgumentException if they are more than an int holds
     */
    public static int epochs(List<Stage> stages) {
        long all = stages.stream().mapToLong(Stage::epochs).sum();
        if (all > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "LearningRate.stages has " + all + " epochs; at most " + Integer.MAX_VALUE + " are possible");
        }
        return (int) all;
    }

    /**
     * {@return the same rate in every step}
     *
     * @param rate above 0
     */
    public static LearningRate constant(double rate) {
        return new LearningRate(rate, 0, Decay.CONSTANT);
    }

    /** Returns the rate of step {@code step} ≥ 1 of {@code steps} in all. */
    double at(long step, long steps, int stepsPerEpoch) {
        double full = full(step, stepsPerEpoch);
        double warmup = warmupEpochs * stepsPerEpoch;
        if (step < warmup) {
            return full * step / warmup;
        }
        double progress = steps > warmup ? Math.min(1, (step - 1 - warmup) / (steps - warmup)) : 0;
        double done = Math.max(0, progress);
        return switch (decay) {
            case CONSTANT -> full;
            case LINEAR -> full * (1 - done);
            case COSINE -> full * 0.5 * (1 + StrictMath.cos(Math.PI * done));
        };
    }

    /** Returns the rate of a step without warm-up and decay. */
    private double full(long step, int stepsPerEpoch) {
        long end = 0;
        double full = rate;
        for (Stage stage : stages) {
            if (step <= end) {
                break;
            }
            full = stage.rate;
            end += (long) stage.epochs * stepsPerEpoch;
        }
        return full;
    }
}
