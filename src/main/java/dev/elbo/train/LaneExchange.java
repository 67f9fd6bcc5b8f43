package dev.elbo.train;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.function.Consumer;

/**
 * The threads of the lanes of a run, one each, and the exchange of rows between them, through the memory of the host. If one lane
 * fails, none of the others waits for it, and the run is over.
 */
final class LaneExchange implements Exchange {
    private final List<Lane> lanes;
    private final ExecutorService threads;
    private final Phaser meeting;
    private final Object reals;
    private double[] means = new double[0];

    LaneExchange(List<Lane> lanes) {
        this.lanes = lanes;
        Tensor parts = lanes.get(0).parts;
        if (parts.size() > Integer.MAX_VALUE) {
            throw ElboException.unavailable("the gradients of " + parts.rows() + " shards are " + parts.size()
                    + " numbers, more than the 2^31 that backends exchange; use fewer shards, or one backend");
        }
        int size = (int) parts.size();
        reals = lanes.get(0).backend.unitRoundoff() >= 0x1p-24 ? new float[size] : new double[size];
        meeting = new Phaser(lanes.size());
        threads = Executors.newFixedThreadPool(lanes.size(), work -> {
            Thread thread = new Thread(work, "elbo-lane");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void each(Consumer<Lane> work) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (Lane lane : lanes) {
            all.add(CompletableFuture.runAsync(() -> guarded(lane, work), threads));
        }
        Throwable first = null;
        for (CompletableFuture<Void> one : all) {
            try {
                one.join();
            } catch (CompletionException e) {
                boolean consequence = e.getCause() instanceof CancellationException;
                first = first == null || first instanceof CancellationException && !consequence ? e.getCause() : first;
            }
        }
        if (first instanceof RuntimeException failure) {
            throw failure;
        }
        if (first instanceof Error error) {
            throw error;
        }
    }

    private void guarded(Lane lane, Consumer<Lane> work) {
        try {
            work.accept(lane);
        } catch (Throwable thrown) {
            // for good, so that lanes which come later do not wait either
            meeting.forceTermination();
            throw thrown;
        }
    }

    @Override
    public Runnable rows(Lane lane, Tensor matrix) {
        return () -> swap(lane, matrix);
    }

    @Override
    public Runnable gradients(Lane lane, int active) {
        return rows(lane, lane.parts.rows(0, active));
    }

    @Override
    public Runnable weights(Lane lane) {
        return null;
    }

    private void swap(Lane lane, Tensor matrix) {
        Object host = matrix.type() == ElementType.FLOAT64 ? means(Math.toIntExact(matrix.size())) : reals;
        Buffer buffer = matrix.buffer();
        int cols = matrix.cols();
        int from = Math.min(lane.from, matrix.rows()) * cols;
        int to = Math.min(lane.to, matrix.rows()) * cols;
        int end = matrix.rows() * cols;
        if (from < to) {
            buffer.read(matrix.offset() + from, host, from, to - from);
        }
        meet();
        if (from > 0) {
            buffer.write(matrix.offset(), host, 0, from);
        }
        if (to < end) {
            buffer.write(matrix.offset() + to, host, to, end - to);
        }
        // the next exchange writes to the same memory of the host
        meet();
    }

    private synchronized double[] means(int size) {
        // all lanes come with the same size, and with another one only after they have met
        if (means.length < size) {
            means = new double[size];
        }
        return means;
    }

    private void meet() {
        if (meeting.arriveAndAwaitAdvance() < 0) {
            throw new CancellationException("another lane has failed");
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
