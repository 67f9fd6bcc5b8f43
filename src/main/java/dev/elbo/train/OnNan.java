package dev.elbo.train;

import java.util.Locale;

/** What to do where a loss, a gradient or a weight is not finite. */
public enum OnNan {
    /** End with a numeric failure that says where it began. */
    STOP,
    /** Go back to the last checkpoint, or the start, and halve the learning rate; end after a few times. */
    ROLLBACK;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
