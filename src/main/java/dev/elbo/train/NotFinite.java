package dev.elbo.train;

/** Something of a run is not finite; the run decides what becomes of it. */
final class NotFinite extends RuntimeException {
    final long step;

    /** @param step after which it was seen, the first where that is known */
    NotFinite(long step, String message) {
        super(message, null, false, false);
        this.step = step;
    }
}
