package dev.elbo.cuda;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The parts that all operations are made with, and the queue that they go to. Formulas and shapes of the operations are in
 * {@link dev.elbo.backend.Ops}, parameters of the kernels in kernels/README.md. Shapes alone decide the order of a sum.
 *
 * @param launches makes the launches
 * @param scratch hands out memory for sums of two stages, at least so many doubles
 * @param clocks of programs
 * @param commands makes the command that puts nodes into the backend's stream
 */
record OperationQueue(
        KernelLauncher launches,
        LongFunction<AddressRange> scratch,
        Clocks clocks,
        Function<RecordedOperation, Runnable> commands) {
    /** Makes the operations that go to this queue. */
    RawOps operations() {
        return new RawOps(
                new CudaDenseOps(this),
                new CudaConvolutionOps(this),
                new CudaClassOps(this),
                new CudaColumnOps(this),
                new CudaLatentOps(this),
                new CudaLossOps(this),
                new CudaStepOps(this));
    }

    LaunchBuilder call(String entry) {
        return launches.call(entry);
    }

    Runnable add(Node node) {
        return add(List.of(node));
    }

    Runnable add(List<Node> nodes) {
        return commands.apply(() -> nodes);
    }

    Runnable add(FusibleOperation request, List<Node> nodes) {
        return commands.apply(new RecordedOperation.Requested(request, nodes));
    }

    /** Returns the source with the clock to be read now: elsewhere, if the program being recorded has advanced it. */
    NoiseSource now(NoiseSource source) {
        return source == null || source.clock() == null
                ? source
                : new NoiseSource(
                        source.given(),
                        source.seed(),
                        source.stream(),
                        clocks.now(source.clock()),
                        source.rowsOfData(),
                        source.firstRow());
    }

    Schedule now(Schedule schedule) {
        return new Schedule(schedule.table(), clocks.now(schedule.clock()));
    }
}
