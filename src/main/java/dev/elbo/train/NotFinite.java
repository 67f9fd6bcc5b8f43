package dev.elbo.train;

/** The signal that a value of a run is not finite; the run handles it. */
final class NotFinite extends RuntimeException {
    final long step;

    /** @param step after which the value was seen; the first such step, if known */
    NotFinite(long step, String message) {
        super(message, null, false, false);
        this.step = step;
    }
}
