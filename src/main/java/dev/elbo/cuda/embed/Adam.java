package dev.elbo.cuda.embed;

import dev.elbo.backend.AdamSettings;
import dev.elbo.cuda.KernelLauncher;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * Steps of Adam (Kingma and Ba 2015, algorithm 1), a launch each: {@code m += (1 − β₁)(g − m)}, {@code v += (1 − β₂)(g² − v)},
 * {@code p −= stepSize · m / (√v · secondMomentScale + ε)}, the two factors from the schedule. The package says what holds for
 * all kernels.
 */
public final class Adam {
    private final Arguments arguments;
    private final long count;
    private final AdamSettings settings;

    Adam(ElboKernels kernels, long count, AdamSettings settings) {
        String op = "adam (" + count + " parameters)";
        this.arguments = new Arguments(kernels, op, count);
        this.count = count;
        this.settings = Arguments.requireNonNull(op, "settings", settings);
    }

    /**
     * Queues the launch. The moments are zero before the first step.
     *
     * @param stream null: the NULL stream
     * @param parameters n, read and written
     * @param gradient n, read
     * @param m first moment, n, read and written
     * @param v second moment, n, read and written
     * @param schedule whose row at the clock is this step's, see {@link DeviceSchedule#constantTable}
     */
    public synchronized void step(
            CUstream stream,
            CUdeviceptr parameters,
            CUdeviceptr gradient,
            CUdeviceptr m,
            CUdeviceptr v,
            DeviceSchedule schedule) {
        arguments.begin(stream);
        long parametersAt = arguments.written("parameters", parameters, count);
        long gradientAt = arguments.read("gradient", gradient, count);
        long mAt = arguments.written("m", m, count);
        long vAt = arguments.written("v", v, count);
        KernelLauncher.Schedule scheduleAt = arguments.schedule(schedule);
        arguments.requireDisjoint();
        arguments.queue(arguments.launches.adam(parametersAt, gradientAt, mAt, vAt, scheduleAt, settings, count));
    }
}
