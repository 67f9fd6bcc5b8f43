package dev.elbo.train;

import java.util.Locale;

/** The action when a loss, gradient or weight becomes NaN or infinite. */
public enum OnNan {
    /** Ends the run with a numeric failure that names the first step and tensor. */
    STOP,
    /** Resumes from the last checkpoint, or the start, with half the learning rate; ends the run after a few times. */
    ROLLBACK;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
