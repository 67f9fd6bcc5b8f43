package dev.elbo.spark;

import dev.elbo.serve.VaeService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The open services of a process, one for each model and settings, lent to the tasks that run at the same time and after each
 * other. A service that no task has used for a while is closed.
 */
final class Services {
    /** Those of this process. */
    static final Services SHARED = new Services();

    private final Map<Scoring.Settings, Shared> services = new HashMap<>();
    private final ScheduledThreadPoolExecutor timer;
    private boolean hooked;
    private int opened;
    private int closed;

    Services() {
        timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "elbo-spark-idle");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    /** A service lent to a task until it is closed; closing twice does nothing. */
    final class Lease implements AutoCloseable {
        private final Shared shared;
        private final Duration idle;
        private boolean ended;

        private Lease(Shared shared, Duration idle) {
            this.shared = shared;
            this.idle = idle;
        }

        VaeService service() {
            return shared.service;
        }

        @Override
        public void close() {
            if (!ended) {
                ended = true;
                giveBack(shared, idle);
            }
        }
    }

    /** A service and its tasks. */
    private static final class Shared {
        private final Scoring.Settings settings;
        private int tasks;
        private boolean replaced;
        private Future<?> closing;
        private volatile VaeService service;

        Shared(Scoring.Settings settings) {
            this.settings = settings;
        }

        /** Opens the service unless it is open; other models are not kept waiting meanwhile. */
        synchronized boolean open(Supplier<VaeService> opening) {
            if (service != null) {
                return false;
            }
            service = opening.get();
            return true;
        }
    }

    /**
     * Lends a service.
     *
     * @param opening opens it, if there is none or its device has failed
     * @param idle how long it stays open without a task
     */
    Lease lend(Scoring.Settings settings, Supplier<VaeService> opening, Duration idle) {
        Shared shared = take(settings);
        try {
            if (shared.open(opening)) {
                synchronized (this) {
                    opened++;
                }
            }
        } catch (Throwable thrown) {
            giveBack(shared, idle);
            throw thrown;
        }
        return new Lease(shared, idle);
    }

    private synchronized Shared take(Scoring.Settings settings) {
        Shared shared = services.get(settings);
        if (shared != null && shared.service != null && !shared.service.healthy()) {
            shared.replaced = true;
            services.remove(settings);
            if (shared.tasks == 0) {
                close(shared);
            }
            shared = null;
        }
        if (shared == null) {
            shared = new Shared(settings);
            services.put(settings, shared);
        }
        shared.tasks++;
        if (shared.closing != null) {
            shared.closing.cancel(false);
            shared.closing = null;
        }
        if (!hooked) {
            hooked = true;
            Runtime.getRuntime().addShutdownHook(new Thread(this::closeUnused, "elbo-spark-exit"));
        }
        return shared;
    }

    private synchronized void giveBack(Shared shared, Duration idle) {
        shared.tasks--;
        if (shared.tasks > 0) {
            return;
        }
        if (shared.replaced || shared.service == null) {
            services.remove(shared.settings, shared);
            close(shared);
        } else {
            shared.closing = timer.schedule(() -> closeIfUnused(shared), idle.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void closeIfUnused(Shared shared) {
        if (shared.tasks == 0 && services.remove(shared.settings, shared)) {
            close(shared);
        }
    }

    /** Closes all services that no task uses. */
    synchronized void closeUnused() {
        List<Shared> all = new ArrayList<>(services.values());
        all.forEach(this::closeIfUnused);
    }

    private void close(Shared shared) {
        if (shared.closing != null) {
            shared.closing.cancel(false);
        }
        if (shared.service != null) {
            shared.service.close();
            closed++;
        }
    }

    /** Returns how many services were opened so far. */
    synchronized int opened() {
        return opened;
    }

    /** Returns how many services were closed so far. */
    synchronized int closed() {
        return closed;
    }
}
