package dev.elbo.cuda;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The maker of the launches of the fused operations, from addresses and shapes: the one place with their arguments and
 * geometry, for the backend and for {@code cuda.embed}. Formulas and shapes are in {@link dev.elbo.backend.Ops},
 * parameters in kernels/README.md. An address of 0 is an argument left out. Geometry that changes the order of a sum
 * follows from shapes alone.
 */
public final class KernelLauncher {
    /** The rows that a block sums before another one shares the work. */
    private static final int ROWS_OF_CHUNK = 256;

    private static final int MAX_CHUNKS = 64;

    private final Function<String, Launch.Builder> builders;

    /**
     * The place of a matrix in device memory.
     *
     * @param address of its first element
     * @param stride elements from one row to the next
     */
    public record Matrix(long address, long stride) {
        /** A matrix that is left out. */
        public static final Matrix NONE = new Matrix(0, 0);

        static Matrix of(Tensor tensor) {
            return tensor == null ? NONE : new Matrix(CudaBuffer.address(tensor), tensor.stride());
        }
    }

    /** A {@link NoiseSource} by addresses; firstRow is the place of the first row, or {@link #ROW_OF_CLOCK}. */
    public record Noise(Matrix given, long seed, int stream, int firstRow, long clock) {
        /** The first row is the clock's: rows are numbered by their place in the data. */
        public static final int ROW_OF_CLOCK = -1;

        static final Noise NONE = new Noise(Matrix.NONE, 0, 0, 0, 0);

        static Noise of(NoiseSource source) {
            if (source == null) {
                return NONE;
            }
            return new Noise(
                    Matrix.of(source.given()),
                    source.seed(),
                    source.stream().id(),
                    source.rowsOfData() ? ROW_OF_CLOCK : source.firstRow(),
                    source.clock() == null
                            ? 0
                            : CudaBuffer.address(source.clock().counters()));
        }
    }

    /** A {@link dev.elbo.backend.Schedule} by addresses. */
    public record Schedule(long table, long clock) {
        static Schedule of(dev.elbo.backend.Schedule schedule) {
            return new Schedule(
                    CudaBuffer.address(schedule.table()),
                    CudaBuffer.address(schedule.clock().counters()));
        }
    }

    /** The arguments of a reconstruction loss by addresses; logVarCols is 1, cols, or 0 without a variance. */
    public record Loss(
            Matrix output,
            Matrix x,
            long logVar,
            int logVarCols,
            long rowWeight,
            double scale,
            long loss,
            Matrix dOutput,
            long dLogVar,
            int rows,
            int batch,
            int cols) {
        static Loss of(FusibleOperation.Loss loss) {
            Tensor output = loss.output();
            return new Loss(
                    Matrix.of(output),
                    Matrix.of(loss.x()),
                    CudaBuffer.address(loss.logVar()),
                    loss.logVar() == null ? 0 : loss.logVar().cols(),
                    CudaBuffer.address(loss.rowWeight()),
                    loss.scale(),
                    CudaBuffer.address(loss.loss()),
                    Matrix.of(loss.dOutput()),
                    CudaBuffer.address(loss.dLogVar()),
                    output.rows(),
                    loss.x().rows(),
                    output.cols());
        }

        /** {@return how many doubles the sums of dLogVar take, over rows × cols} */
        public static long partials(int rows, int cols) {
            return (long) chunks(rows) * cols;
        }
    }

    private KernelLauncher(Function<String, Launch.Builder> builders) {
        this.builders = builders;
    }

    /** {@return a launcher whose launches may be kept and run again} */
    static KernelLauncher kept(Kernels kernels) {
        return new KernelLauncher(entry -> Launch.of(kernels.get(entry)));
    }

    /** {@return a launcher whose launches share arguments: each is queued before the next of its entry is made} */
    public static KernelLauncher passing(Kernels kernels) {
        Map<String, Launch.Builder> builders = new HashMap<>();
        return new KernelLauncher(entry -> builders.computeIfAbsent(entry, name -> Launch.of(kernels.get(name)))
                .restart());
    }

    LaunchBuilder call(String entry) {
        return new LaunchBuilder(builders.apply(entry));
    }

    static int chunks(int rows) {
        return Math.min(MAX_CHUNKS, (rows - 1) / ROWS_OF_CHUNK + 1);
    }

    public Launch reparameterize(
            Matrix mu, Matrix logVar, Noise noise, Matrix z, long kl, long sampledKl, int rows, int batch, int cols) {
        return call("reparameterize")
                .matrices(mu, logVar)
                .noise(noise)
                .addresses(noise.clock())
                .matrices(z)
                .addresses(kl, sampledKl)
                .numbers(rows, batch, cols)
                .teams(rows, cols);
    }

    public Launch reparameterizeGrad(
            Matrix mu,
            Matrix logVar,
            Noise noise,
            Matrix dZ,
            KlMode mode,
            Schedule schedule,
            long rowWeight,
            double scale,
            Matrix dMu,
            Matrix dLogVar,
            int rows,
            int batch,
            int cols) {
        return call("reparameterize_grad")
                .matrices(mu, logVar)
                .noise(noise)
                .matrices(dZ)
                .number(mode.ordinal())
                .addresses(schedule.table(), schedule.clock(), noise.clock())
                .addresses(rowWeight)
                .number(scale)
                .matrices(dMu, dLogVar)
                .numbers(rows / batch, batch, cols)
                .quads(batch, cols + 4L);
    }

    /** Makes the launch of each row's loss and its gradient, for at least one of the two. */
    public Launch gaussianLoss(Loss loss) {
        return gaussian("gaussian_loss", loss)
                .addresses(loss.loss)
                .matrices(loss.dOutput)
                .numbers(loss.rows, loss.batch, loss.cols)
                .teams(loss.rows, loss.cols);
    }

    private LaunchBuilder gaussian(String entry, Loss loss) {
        return call(entry)
                .matrices(loss.output, loss.x)
                .addresses(loss.logVar)
                .number(loss.logVarCols)
                .addresses(loss.rowWeight)
                .number(loss.scale);
    }

    /** Makes the launch of the sums of dLogVar, {@link Loss#partials} doubles at an address. */
    public Launch gaussianLossVariance(Loss loss, long partial) {
        return gaussian("gaussian_loss_variance", loss)
                .addresses(partial)
                .numbers(loss.rows, loss.batch, loss.cols)
                .tiles(loss.cols, chunks(loss.rows));
    }

    /** Makes the launch of dLogVar from the sums of {@link #gaussianLossVariance}. */
    public Launch gaussianLossFinish(Loss loss, long partial) {
        LaunchBuilder call = call("gaussian_loss_finish")
                .addresses(partial)
                .numbers(chunks(loss.rows), loss.cols)
                .addresses(loss.logVar)
                .number(loss.logVarCols)
                .addresses(loss.dLogVar);
        return loss.logVarCols == 1 ? call.single(LaunchBuilder.BLOCK) : call.threads(loss.cols);
    }

    public Launch bernoulliLoss(Loss loss) {
        return call("bernoulli_loss")
                .matrices(loss.output, loss.x)
                .addresses(loss.rowWeight)
                .number(loss.scale)
                .addresses(loss.loss)
                .matrices(loss.dOutput)
                .numbers(loss.rows, loss.batch, loss.cols)
                .teams(loss.rows, loss.cols);
    }

    public Launch importanceWeights(
            long reconstruction, long sampledKl, long logWeights, long weights, long bound, int samples, int batch) {
        return call("importance_weights")
                .addresses(reconstruction, sampledKl, logWeights)
                .addresses(weights, bound)
                .numbers(samples, batch)
                .tiles(batch, 1);
    }

    public Launch adam(
            long parameters, long gradient, long m, long v, Schedule schedule, AdamSettings settings, long count) {
        return call("adam")
                .addresses(parameters, gradient, m)
                .addresses(v, schedule.table(), schedule.clock())
                .number(1 - settings.beta1())
                .number(1 - settings.beta2())
                .number(settings.epsilon())
                .number(count)
                .quads(1, count);
    }

    /** Makes the launch {@code to[i] = from + (i + 1) · (step, row, slot, sample)}, i below count. */
    public Launch advance(long from, long to, int step, int row, int slot, int sample, int count) {
        return call("advance")
                .addresses(from, to)
                .numbers(step, row, slot, sample)
                .number(count)
                .threads(count);
    }
}
