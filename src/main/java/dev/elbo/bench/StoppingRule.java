package dev.elbo.bench;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * A rule for the length of a measurement: until the median is certain, or the time is over.
 *
 * @param deviation of the median, relative, that is enough ({@link Distribution#relativeDeviation})
 * @param seconds after which it ends however uncertain it is
 * @param least measurements before the deviation is believed
 */
public record StoppingRule(double deviation, double seconds, int least) {
    /** The default: half a percent or half a second. */
    public static final StoppingRule DEFAULT = new StoppingRule(0.005, 0.5, 20);

    /** A deviation of so few says nothing, and the time may be over after them. */
    private static final int MIN_IN_ANY_CASE = 3;

    public StoppingRule {
        if (!(deviation >= 0 && seconds >= 0) || least < MIN_IN_ANY_CASE) {
            throw new IllegalArgumentException("deviation and seconds must be at least 0 and least at least "
                    + MIN_IN_ANY_CASE + ", not " + deviation + ", " + seconds + " and " + least);
        }
    }

    /** Measures until the rule is met, by a clock in nanoseconds. */
    public Distribution measure(DoubleSupplier once, LongSupplier nanos) {
        double[] values = new double[2 * least];
        int count = 0;
        int next = least;
        long start = nanos.getAsLong();
        while (true) {
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = once.getAsDouble();
            boolean over = (nanos.getAsLong() - start) * 1e-9 >= seconds && count >= MIN_IN_ANY_CASE;
            if (over || count == next) {
                Distribution found = Distribution.of(Arrays.copyOf(values, count));
                if (over || found.relativeDeviation() <= deviation) {
                    return found;
                }
                // looked at now and then only: sorting takes time, and many looks find certainty by chance
                next += Math.max(1, next / 4);
            }
        }
    }
}
