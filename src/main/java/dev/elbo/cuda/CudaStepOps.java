package dev.elbo.cuda;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/** The operations around a training step, and the parts that all operations are made with; see {@link CudaOps}. */
abstract class CudaStepOps implements RawOps {
    final KernelLauncher launches;
    private final Clocks clocks;
    private final Function<RecordedOperation, Runnable> queue;

    CudaStepOps(KernelLauncher launches, Clocks clocks, Function<RecordedOperation, Runnable> queue) {
        this.launches = launches;
        this.clocks = clocks;
        this.queue = queue;
    }

    final LaunchBuilder call(String entry) {
        return launches.call(entry);
    }

    final Runnable queue(List<Node> nodes) {
        return queue.apply(() -> nodes);
    }

    final Runnable queue(FusibleOperation request, List<Node> nodes) {
        return queue.apply(new RecordedOperation.Requested(request, nodes));
    }

    final Runnable queue(Node node) {
        return queue(List.of(node));
    }

    /** Returns the source with the clock to be read now: elsewhere, if the program being recorded has advanced it. */
    final NoiseSource now(NoiseSource source) {
        return source == null || source.clock() == null
                ? source
                : new NoiseSource(
                        source.given(),
                        source.seed(),
                        source.stream(),
                        clocks.now(source.clock()),
                        source.rowsOfData());
    }

    final Schedule now(Schedule schedule) {
        return new Schedule(schedule.table(), clocks.now(schedule.clock()));
    }

    static KernelLauncher.Matrix at(Tensor tensor) {
        return KernelLauncher.Matrix.of(tensor);
    }

    static long address(Tensor tensor) {
        return CudaBuffer.address(tensor);
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        Clock where = clocks.now(clock);
        NoiseSource uniforms = now(binarize);
        KernelLauncher.Noise noise = KernelLauncher.Noise.of(uniforms);
        Launch launch = call(data.type() == ElementType.UINT8 ? "gather_uint8" : "gather_real")
                .vectors(data, order)
                .vectors(where.counters())
                .number((double) scale)
                .number(uniforms == null ? 0 : 1)
                .noise(noise)
                .addresses(noise.clock())
                .matrices(x)
                .numbers(x.rows(), x.cols())
                .quads(x.rows(), x.cols());
        return queue(Node.of(launch)
                .reads(data, order, where.counters())
                .reads(uniforms)
                .writes(x));
    }

    @Override
    public Runnable klWeight(
            Tensor value, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule scheduled) {
        Schedule schedule = now(scheduled);
        Launch launch = call("kl_weight")
                .vectors(value)
                .numbers(value.rows(), weighting.ordinal())
                .vectors(targets)
                .number(rate)
                .vectors(state)
                .schedule(schedule)
                .single(LaunchBuilder.BLOCK);
        return queue(
                Node.of(launch).reads(value, targets, state).reads(schedule).writes(state, schedule.table()));
    }

    @Override
    public Runnable stepMetrics(
            Tensor reconstruction,
            Tensor kl,
            Tensor klTerm,
            Tensor bound,
            Tensor outputLogVar,
            Schedule scheduled,
            Tensor table) {
        Schedule schedule = now(scheduled);
        Launch launch = call("step_metrics")
                .vectors(reconstruction)
                .number(reconstruction.rows())
                .vectors(kl)
                .number(kl == null ? 0 : kl.rows())
                .vectors(klTerm)
                .number(klTerm == null ? 0 : klTerm.rows())
                .vectors(bound)
                .number(bound == null ? 0 : bound.rows())
                .vectors(outputLogVar)
                .schedule(schedule)
                .vectors(table)
                .single(LaunchBuilder.BLOCK);
        return queue(Node.of(launch)
                .reads(reconstruction, kl, klTerm, bound, outputLogVar)
                .reads(schedule)
                .writes(table));
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule scheduled, AdamSettings settings) {
        Schedule schedule = now(scheduled);
        Launch launch = launches.adam(
                address(parameters),
                address(gradient),
                address(m),
                address(v),
                KernelLauncher.Schedule.of(schedule),
                settings,
                parameters.size());
        return queue(Node.of(launch)
                .reads(parameters, gradient, m, v)
                .reads(schedule)
                .writes(parameters, m, v));
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return queue.apply(clocks.advance(clock, step, row, slot, sample));
    }
}
