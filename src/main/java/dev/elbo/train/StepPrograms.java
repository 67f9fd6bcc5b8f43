package dev.elbo.train;

import dev.elbo.backend.Ops;
import dev.elbo.backend.Program;
import dev.elbo.objective.BatchMean;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Phase;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * A lane's programs of steps of some rows. A lane that has all shards records whole steps. One of several records a step in parts,
 * between which the lanes exchange shares of means over the batch, and gradients.
 */
final class StepPrograms implements AutoCloseable {
    /**
     * Part of a step.
     *
     * @param program what the lane does
     * @param exchange what lanes do together behind it; null if nothing
     */
    record Part(Program program, Runnable exchange) {}

    /** Part of a step before it is recorded. */
    private record Piece(Runnable work, Runnable exchange) {}

    private final Closer closer = new Closer();
    private final Lane lane;
    final Lane.StepMemory memory;
    private final Objective objective;
    private final int steps;
    private final Exchange exchange;
    private final List<List<Part>> ofSlot;

    /**
     * Prepares programs, which are recorded when they are first needed or with {@link #record}.
     *
     * @param steps of a program
     * @param exchange of the lanes; null if there is one
     */
    StepPrograms(Lane lane, Lane.StepMemory memory, Objective objective, int steps, Exchange exchange) {
        this.lane = lane;
        this.memory = memory;
        this.objective = objective;
        this.steps = steps;
        this.exchange = exchange;
        this.ofSlot = new ArrayList<>(Collections.nCopies(lane.pass.slots(), null));
    }

    /** Records the program for data in a slot, unless it is there. */
    List<Part> record(int slot) {
        if (ofSlot.get(slot) == null) {
            List<Piece> pieces = pieces(slot);
            ofSlot.set(slot, exchange == null ? together(pieces) : apart(pieces));
        }
        return ofSlot.get(slot);
    }

    private List<Piece> pieces(int slot) {
        if (lane.local() != null) {
            return List.of(new Piece(
                    () -> {
                        memory.gather(slot);
                        memory.finishApart();
                    },
                    null));
        }
        return lane.parts == null ? whole(slot) : inShards(slot);
    }

    private List<Piece> whole(int slot) {
        return List.of(new Piece(
                () -> {
                    memory.gather(slot);
                    objective.step(memory.shards.get(0));
                    memory.finish();
                },
                null));
    }

    private List<Piece> inShards(int slot) {
        Ops ops = lane.backend.ops();
        int active = lane.rows.active(memory.stepRows);
        List<Piece> pieces = new ArrayList<>();
        List<Runnable> work = new ArrayList<>(List.of(() -> memory.gather(slot)));
        for (Phase phase : objective.phases(lane.vae.network())) {
            work.add(() -> memory.shards.forEach(phase.work()));
            phase.mean().ifPresent(mean -> {
                int width = mean.width(lane.vae.network());
                Tensor shares = memory.rows(active, width);
                Tensor all = memory.rows(1, width);
                work.add(() -> share(mean, shares));
                pieces.add(new Piece(inOrder(work), then(lanes -> lanes.rows(lane, shares))));
                work.clear();
                work.add(() -> {
                    ops.sumShards(shares, all);
                    mean.update(ops, lane.schedule, lane.steering, all);
                    memory.shards.forEach(shard -> mean.apply(shard, all));
                });
            });
        }
        pieces.add(new Piece(inOrder(work), then(lanes -> lanes.gradients(lane, active))));
        pieces.add(new Piece(
                () -> {
                    if (lane.addsShards()) {
                        Tensor total = lane.gradients.flat();
                        Tensor row = Tensor.of(total.buffer(), 1, lane.parts.cols());
                        ops.sumShards(lane.parts.rows(0, active), row);
                    }
                    memory.finish();
                },
                then(lanes -> lanes.weights(lane))));
        return pieces;
    }

    /** Returns an exchange; null where nothing is exchanged. */
    private Runnable then(Function<Exchange, Runnable> what) {
        return exchange == null ? null : what.apply(exchange);
    }

    private void share(BatchMean mean, Tensor shares) {
        List<Shard> shards = memory.shards;
        for (int i = 0; i < shards.size(); i++) {
            mean.share(shards.get(i), shares.rows(lane.from + i, 1));
        }
    }

    private static Runnable inOrder(List<Runnable> work) {
        List<Runnable> all = List.copyOf(work);
        return () -> all.forEach(Runnable::run);
    }

    private List<Part> together(List<Piece> pieces) {
        Program program = closer.register(lane.backend.record(() -> {
            for (int i = 0; i < steps; i++) {
                pieces.forEach(piece -> piece.work.run());
            }
        }));
        return List.of(new Part(program, null));
    }

    private List<Part> apart(List<Piece> pieces) {
        List<Part> parts = new ArrayList<>();
        for (Piece piece : pieces) {
            parts.add(new Part(closer.register(lane.backend.record(piece.work)), piece.exchange));
        }
        return parts;
    }

    /** Queues the steps of a program on the next rows of the data. */
    void run() {
        run(lane.pass.slot());
        int own = lane.batch(memory.stepRows);
        // the last batch may have no row of this lane's shards
        if (own > 0) {
            lane.pass.submitted(steps * own);
        }
    }

    /** Queues them without any data, for a {@code CountingBackend}. */
    void dryRun() {
        run(0);
    }

    private void run(int slot) {
        List<Part> parts = record(slot);
        // no iterator: a step leaves no garbage
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            part.program.run();
            if (part.exchange != null) {
                part.exchange.run();
            }
        }
    }

    @Override
    public void close() {
        closer.close();
    }
}
