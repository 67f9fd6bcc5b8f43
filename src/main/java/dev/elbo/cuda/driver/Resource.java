package dev.elbo.cuda.driver;

/**
 * A resource of a context, closed by its user or at the latest by the context, while the context is current. Closing
 * twice does nothing.
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

    /** Frees it; errors go to {@link Context#check}. */
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
