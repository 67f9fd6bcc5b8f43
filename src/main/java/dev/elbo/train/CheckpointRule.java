package dev.elbo.train;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rule for saving a run, besides at its start, at its end and when it is stopped. Minutes are wall-clock time:
 * only with steps and epochs are two runs saved at the same places.
 *
 * @param count of the unit; 0 for {@link #AUTO}
 * @param unit of the count
 */
public record CheckpointRule(long count, Unit unit) {
    /** The unit of a rule. */
    public enum Unit {
        /** Steps of the run. */
        STEPS,
        /** Passes over the data. */
        EPOCHS,
        /** Minutes of wall-clock time. */
        MINUTES
    }

    /**
     * Every minute, or, if saving takes long, after fifty times as long: a crash costs a minute of work, saving at
     * most a fiftieth of the time, and a short run is not slowed at all.
     */
    public static final CheckpointRule AUTO = new CheckpointRule(0, Unit.MINUTES);

    private static final Pattern WORDS = Pattern.compile("([1-9][0-9]{0,8}) ?(step|epoch|minute)s?");
    private static final double MINUTE = 60;
    private static final double SHARE = 50;

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if the count is below 1
     */
    public CheckpointRule {
        Objects.requireNonNull(unit, "unit");
        if (count < (unit == Unit.MINUTES ? 0 : 1)) {
            throw new IllegalArgumentException("count must be at least 1, not " + count);
        }
    }

    /**
     * {@return a rule that counts steps}
     *
     * @param count at least 1
     */
    public static CheckpointRule everySteps(long count) {
        return new CheckpointRule(count, Unit.STEPS);
    }

    /**
     * {@return a rule that counts epochs}
     *
     * @param count at least 1
     */
    public static CheckpointRule everyEpochs(long count) {
        return new CheckpointRule(count, Unit.EPOCHS);
    }

    /**
     * {@return a rule by wall-clock time}
     *
     * @param count minutes, at least 1
     */
    public static CheckpointRule everyMinutes(long count) {
        return new CheckpointRule(count, Unit.MINUTES);
    }

    /**
     * {@return the rule of "auto", or of a number and a unit: "500steps", "2epochs", "10minutes", "1 epoch"}
     *
     * @param text of the rule
     * @throws IllegalArgumentException for anything else
     */
    public static CheckpointRule parse(String text) {
        if (Objects.requireNonNull(text, "text").equals("auto")) {
            return AUTO;
        }
        Matcher words = WORDS.matcher(text);
        if (!words.matches()) {
            throw new IllegalArgumentException("checkpointEvery '" + text
                    + "' is neither auto nor a number and a unit such as 500steps, 2epochs or 10minutes");
        }
        return new CheckpointRule(
                Long.parseLong(words.group(1)), Unit.valueOf(words.group(2).toUpperCase(Locale.ROOT) + "S"));
    }

    /**
     * Returns whether a checkpoint is due.
     *
     * @param saved step of the last checkpoint
     * @param step steps done, more than that
     * @param seconds since the last checkpoint
     * @param cost of that one, in seconds
     */
    boolean isDue(long saved, long step, int stepsPerEpoch, double seconds, double cost) {
        return switch (unit) {
            case STEPS -> step / count > saved / count;
            case EPOCHS -> step % stepsPerEpoch == 0 && step / stepsPerEpoch % count == 0;
            case MINUTES -> seconds >= (count == 0 ? Math.max(MINUTE, SHARE * cost) : count * MINUTE);
        };
    }
}
