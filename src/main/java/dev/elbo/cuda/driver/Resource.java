package dev.elbo.cuda.driver;

/**
 * Something of a context's: closed by its user, or at the latest by the context. Closing twice does nothing. To be closed
 * while the context is current.
 */
public abstract class Resource implements AutoCloseable {
    final Context context;
    private boolean closed;

    /** Must be the last thing that a constructor calls, when there is something to free. */
    Resource(Context context) {
        this.context = context;
    }

    /** Enters the context's list, once there is something to free. */
    final void made() {
        context.adopt(this);
    }

    /** Gives it back; errors go to {@link Context#check}. */
    abstract void free();

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            context.disown(this);
            if (!context.isDead()) {
                free();
            }
        }
    }
}
