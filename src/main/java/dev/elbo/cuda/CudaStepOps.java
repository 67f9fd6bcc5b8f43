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
import java.util.ArrayList;
import java.util.List;

/** The operations around the passes of a training step as launches. */
final class CudaStepOps implements RawOps.Step {
    /** Shards that a launch adds: SHARDS_OF_GROUP of kernels/step.cu. More take a launch for their sums. */
    static final int SHARDS_OF_LAUNCH = 64;

    private final OperationQueue queue;

    CudaStepOps(OperationQueue queue) {
        this.queue = queue;
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        Clock where = queue.clocks().now(clock);
        NoiseSource uniforms = queue.now(binarize);
        KernelLauncher.Noise noise = KernelLauncher.Noise.of(uniforms);
        Launch launch = queue.call(data.type() == ElementType.UINT8 ? "gather_uint8" : "gather_real")
                .vectors(data, order)
                .vectors(where.counters())
                .number((double) scale)
                .number(uniforms == null ? 0 : 1)
                .noise(noise)
                .addresses(noise.clock())
                .matrices(x)
                .numbers(x.rows(), x.cols())
                .quads(x.rows(), x.cols());
        return queue.add(Node.of(launch)
                .reads(data, order, where.counters())
                .reads(uniforms)
                .writes(x));
    }

    @Override
    public Runnable rowMean(Tensor value, int rows, Tensor mean) {
        return queue.add(Node.of(queue.call("row_mean")
                        .vectors(value)
                        .numbers(value.rows(), rows)
                        .vectors(mean)
                        .single(LaunchBuilder.BLOCK))
                .reads(value)
                .writes(mean));
    }

    @Override
    public Runnable sumShards(Tensor parts, Tensor total) {
        boolean real = parts.type() == ElementType.REAL;
        int cols = parts.cols();
        List<Node> nodes = new ArrayList<>();
        AddressRange from = AddressRange.of(parts);
        int shards = parts.rows();
        AddressRange rest = queue.scratch().apply(sumsBetween(shards) * cols);
        while (shards > 0) {
            int groups = groups(shards);
            AddressRange to = AddressRange.of(total);
            if (groups > 1) {
                long bytes = (long) CudaBuffer.bytes(parts.type()) * groups * cols;
                to = new AddressRange(rest.start(), rest.start() + bytes);
                rest = new AddressRange(to.end(), rest.end());
            }
            LaunchBuilder call = queue.call(real ? "sum_shards_real" : "sum_shards_float64")
                    .addresses(from.start(), to.start())
                    .numbers(shards, cols);
            Launch launch = real ? call.quads(groups, cols) : call.threads((long) groups * cols);
            nodes.add(Node.of(launch).reads(from).writes(to));
            from = to;
            shards = groups > 1 ? groups : 0;
        }
        return queue.add(nodes);
    }

    private static int groups(int shards) {
        return (shards - 1) / SHARDS_OF_LAUNCH + 1;
    }

    /** Returns how many sums the launches but the last leave; none for as many shards as one launch takes. */
    private static long sumsBetween(int shards) {
        int groups = groups(shards);
        return groups == 1 ? 0 : groups + sumsBetween(groups);
    }

    @Override
    public Runnable klWeight(
            Tensor mean, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule scheduled) {
        Schedule schedule = queue.now(scheduled);
        Launch launch = queue.call("kl_weight")
                .vectors(mean)
                .number(weighting.ordinal())
                .vectors(targets)
                .number(rate)
                .vectors(state)
                .schedule(schedule)
                .single(1);
        return queue.add(
                Node.of(launch).reads(mean, targets, state).reads(schedule).writes(state, schedule.table()));
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
        Schedule schedule = queue.now(scheduled);
        Launch launch = queue.call("step_metrics")
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
        return queue.add(Node.of(launch)
                .reads(reconstruction, kl, klTerm, bound, outputLogVar)
                .reads(schedule)
                .writes(table));
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule scheduled, AdamSettings settings) {
        Schedule schedule = queue.now(scheduled);
        Launch launch = queue.launches()
                .adam(
                        CudaBuffer.address(parameters),
                        CudaBuffer.address(gradient),
                        CudaBuffer.address(m),
                        CudaBuffer.address(v),
                        KernelLauncher.Schedule.of(schedule),
                        settings,
                        parameters.size());
        return queue.add(Node.of(launch)
                .reads(parameters, gradient, m, v)
                .reads(schedule)
                .writes(parameters, m, v));
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return queue.commands().apply(queue.clocks().advance(clock, step, row, slot, sample));
    }
}
