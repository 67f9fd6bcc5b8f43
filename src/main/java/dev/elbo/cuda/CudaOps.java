package dev.elbo.cuda;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.function.Function;

/**
 * Each operation as its launches and products; formulas and shapes are in {@link dev.elbo.backend.Ops}, parameters in
 * kernels/README.md. Geometry that changes the order of a sum follows from shapes alone.
 */
final class CudaOps implements RawOps {
    /** Rows that a block sums before another one shares the work. */
    private static final int ROWS_OF_CHUNK = 256;

    private static final int MOST_CHUNKS = 64;
    /** Elements that a block of a sum over all of them takes at least, and the most blocks. */
    private static final int ELEMENTS_OF_BLOCK = 1 << 13;

    private static final int MOST_BLOCKS_OF_SUM = 1024;

    private final Kernels kernels;
    private final Products products;
    private final Scratch scratch;
    private final Function<Launch, Runnable> queue;

    /**
     * @param products matrix products
     * @param scratch for sums of two stages
     * @param queue the command that puts a launch into the backend's stream
     */
    CudaOps(Kernels kernels, Products products, Scratch scratch, Function<Launch, Runnable> queue) {
        this.kernels = kernels;
        this.products = products;
        this.scratch = scratch;
        this.queue = queue;
    }

    private Call call(String entry) {
        return Call.of(kernels.get(entry));
    }

    private static Runnable all(Runnable... commands) {
        return () -> {
            for (Runnable command : commands) {
                command.run();
            }
        };
    }

    private static int chunks(int rows) {
        return Math.min(MOST_CHUNKS, (rows - 1) / ROWS_OF_CHUNK + 1);
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        return queue.apply(call(data.type() == ElementType.UINT8 ? "gather_uint8" : "gather_real")
                .vector(data)
                .vector(order)
                .clock(clock)
                .number((double) scale)
                .number(binarize == null ? 0 : 1)
                .noise(binarize)
                .noiseClock(binarize)
                .matrix(x)
                .number(x.rows())
                .number(x.cols())
                .quads(x.rows(), x.cols()));
    }

    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        return all(
                products.of(x, false, weight, true, y),
                queue.apply(call("dense_activation")
                        .matrix(y)
                        .vector(bias)
                        .number(y.rows())
                        .number(y.cols())
                        .number(activation.ordinal())
                        .quads(y.rows(), y.cols())));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        int chunks = chunks(dY.rows());
        long partial = chunks == 1 ? 0 : scratch.doubles((long) chunks * dY.cols());
        Runnable sums = queue.apply(call("dense_grad_activation")
                .matrix(y)
                .matrix(dY)
                .number(dY.rows())
                .number(dY.cols())
                .number(activation.ordinal())
                .address(partial)
                .vector(dB)
                .tiles(dY.cols(), chunks));
        if (chunks > 1) {
            sums = all(
                    sums,
                    queue.apply(call("dense_grad_finish")
                            .address(partial)
                            .number(chunks)
                            .number(dY.cols())
                            .vector(dB)
                            .threads(dY.cols())));
        }
        Runnable weights = products.of(dY, true, x, false, dW);
        return dX == null ? all(sums, weights) : all(sums, weights, products.of(dY, false, weight, false, dX));
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return queue.apply(call("activate")
                .matrix(x)
                .matrix(y)
                .number(y.rows())
                .number(y.cols())
                .number(activation.ordinal())
                .quads(y.rows(), y.cols()));
    }

    @Override
    public Runnable normal(NoiseSource noise, Tensor out) {
        return queue.apply(call("normal")
                .noise(noise)
                .noiseClock(noise)
                .matrix(out)
                .number(out.rows())
                .number(out.cols())
                .quads(out.rows(), out.cols() + 4L));
    }

    @Override
    public Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        return queue.apply(call("reparameterize")
                .matrix(mu)
                .matrix(logVar)
                .noise(noise)
                .noiseClock(noise)
                .matrix(z)
                .vector(kl)
                .vector(sampledKl)
                .number(z.rows())
                .number(mu.rows())
                .number(z.cols())
                .teams(z.rows(), z.cols()));
    }

    @Override
    public Runnable reparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource noise,
            Tensor dZ,
            KlMode mode,
            Schedule schedule,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar) {
        return queue.apply(call("reparameterize_grad")
                .matrix(mu)
                .matrix(logVar)
                .noise(noise)
                .matrix(dZ)
                .number(mode.ordinal())
                .schedule(schedule)
                .noiseClock(noise)
                .vector(rowWeight)
                .number(scale)
                .matrix(dMu)
                .matrix(dLogVar)
                .number(dZ.rows() / mu.rows())
                .number(mu.rows())
                .number(mu.cols())
                .quads(mu.rows(), mu.cols() + 4L));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return queue.apply(call("gaussian_kl")
                .matrix(mu)
                .matrix(logVar)
                .matrix(klPerUnit)
                .number(mu.rows())
                .number(mu.cols())
                .quads(mu.rows(), mu.cols()));
    }

    @Override
    public Runnable gaussianLoss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        int rows = output.rows();
        int cols = output.cols();
        int logVarCols = logVar == null ? 0 : logVar.cols();
        Runnable rowsDone = all();
        if (loss != null || dOutput != null) {
            rowsDone = queue.apply(call("gaussian_loss")
                    .matrix(output)
                    .matrix(x)
                    .vector(logVar)
                    .number(logVarCols)
                    .vector(rowWeight)
                    .number(scale)
                    .vector(loss)
                    .matrix(dOutput)
                    .number(rows)
                    .number(x.rows())
                    .number(cols)
                    .teams(rows, cols));
        }
        if (dLogVar == null) {
            return rowsDone;
        }
        int chunks = chunks(rows);
        long partial = scratch.doubles((long) chunks * cols);
        return all(
                rowsDone,
                queue.apply(call("gaussian_loss_variance")
                        .matrix(output)
                        .matrix(x)
                        .vector(logVar)
                        .number(logVarCols)
                        .vector(rowWeight)
                        .number(scale)
                        .address(partial)
                        .number(rows)
                        .number(x.rows())
                        .number(cols)
                        .tiles(cols, chunks)),
                queue.apply(finish(partial, chunks, cols, logVar, dLogVar)));
    }

    private Launch finish(long partial, int chunks, int cols, Tensor logVar, Tensor dLogVar) {
        Call call = call("gaussian_loss_finish")
                .address(partial)
                .number(chunks)
                .number(cols)
                .vector(logVar)
                .number(logVar.cols())
                .vector(dLogVar);
        return logVar.cols() == 1 ? call.single(Call.BLOCK) : call.threads(cols);
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return queue.apply(call("bernoulli_loss")
                .matrix(logits)
                .matrix(x)
                .vector(rowWeight)
                .number(scale)
                .vector(loss)
                .matrix(dLogits)
                .number(logits.rows())
                .number(x.rows())
                .number(logits.cols())
                .teams(logits.rows(), logits.cols()));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        int blocks = (int) Math.min(MOST_BLOCKS_OF_SUM, (output.size() - 1) / ELEMENTS_OF_BLOCK + 1);
        long partial = scratch.doubles(blocks);
        return all(
                queue.apply(call("optimal_log_var")
                        .matrix(output)
                        .matrix(x)
                        .address(partial)
                        .number(output.rows())
                        .number(x.rows())
                        .number(output.cols())
                        .blocks(blocks)),
                queue.apply(call("optimal_log_var_finish")
                        .address(partial)
                        .number(blocks)
                        .number(output.size())
                        .vector(logVar)
                        .single(Call.BLOCK)));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return queue.apply(call("importance_weights")
                .vector(reconstruction)
                .vector(sampledKl)
                .vector(logWeights)
                .vector(weights)
                .vector(bound)
                .number(reconstruction.rows() / bound.rows())
                .number(bound.rows())
                .tiles(bound.rows(), 1));
    }

    @Override
    public Runnable stepMetrics(
            Tensor reconstruction, Tensor kl, Tensor bound, Tensor outputLogVar, Schedule schedule, Tensor table) {
        return queue.apply(call("step_metrics")
                .vector(reconstruction)
                .number(reconstruction.rows())
                .vector(kl)
                .number(kl == null ? 0 : kl.rows())
                .vector(bound)
                .number(bound == null ? 0 : bound.rows())
                .vector(outputLogVar)
                .schedule(schedule)
                .vector(table)
                .single(Call.BLOCK));
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        return queue.apply(call("adam")
                .vector(parameters)
                .vector(gradient)
                .vector(m)
                .vector(v)
                .schedule(schedule)
                .number(1 - settings.beta1())
                .number(1 - settings.beta2())
                .number(settings.epsilon())
                .number(parameters.size())
                .quads(1, parameters.cols()));
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return queue.apply(call("advance")
                .clock(clock)
                .number(step)
                .number(row)
                .number(slot)
                .number(sample)
                .single(1));
    }
}
