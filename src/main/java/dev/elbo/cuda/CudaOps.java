package dev.elbo.cuda;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
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
    /** Elements that a block of a sum over all of them takes at least, and the most blocks. */
    private static final int ELEMENTS_OF_BLOCK = 1 << 13;

    private static final int MOST_BLOCKS_OF_SUM = 1024;

    private final Kernels kernels;
    private final Launches launches;
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
        this.launches = Launches.kept(kernels);
        this.products = products;
        this.scratch = scratch;
        this.queue = queue;
    }

    private Call call(String entry) {
        return Call.of(kernels.get(entry));
    }

    private static Launches.Matrix at(Tensor tensor) {
        return Launches.Matrix.of(tensor);
    }

    private static long address(Tensor tensor) {
        return CudaBuffer.address(tensor);
    }

    private static Runnable all(Runnable... commands) {
        return () -> {
            for (Runnable command : commands) {
                command.run();
            }
        };
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
        int chunks = Launches.chunks(dY.rows());
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
        return queue.apply(launches.reparameterize(
                at(mu),
                at(logVar),
                Launches.Noise.of(noise),
                at(z),
                address(kl),
                address(sampledKl),
                z.rows(),
                mu.rows(),
                z.cols()));
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
        return queue.apply(launches.reparameterizeGrad(
                at(mu),
                at(logVar),
                Launches.Noise.of(noise),
                at(dZ),
                mode,
                Launches.Schedule.of(schedule),
                address(rowWeight),
                scale,
                at(dMu),
                at(dLogVar),
                dZ.rows(),
                mu.rows(),
                mu.cols()));
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
        int batch = x.rows();
        int cols = output.cols();
        int logVarCols = logVar == null ? 0 : logVar.cols();
        Runnable rowsDone = all();
        if (loss != null || dOutput != null) {
            rowsDone = queue.apply(launches.gaussianLoss(
                    at(output),
                    at(x),
                    address(logVar),
                    logVarCols,
                    address(rowWeight),
                    scale,
                    address(loss),
                    at(dOutput),
                    rows,
                    batch,
                    cols));
        }
        if (dLogVar == null) {
            return rowsDone;
        }
        long partial = scratch.doubles(Launches.variancePartials(rows, cols));
        return all(
                rowsDone,
                queue.apply(launches.gaussianLossVariance(
                        at(output),
                        at(x),
                        address(logVar),
                        logVarCols,
                        address(rowWeight),
                        scale,
                        partial,
                        rows,
                        batch,
                        cols)),
                queue.apply(launches.gaussianLossFinish(
                        partial, address(logVar), logVarCols, address(dLogVar), rows, cols)));
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return queue.apply(launches.bernoulliLoss(
                at(logits),
                at(x),
                address(rowWeight),
                scale,
                address(loss),
                at(dLogits),
                logits.rows(),
                x.rows(),
                logits.cols()));
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
        return queue.apply(launches.importanceWeights(
                address(reconstruction),
                address(sampledKl),
                address(logWeights),
                address(weights),
                address(bound),
                reconstruction.rows() / bound.rows(),
                bound.rows()));
    }

    @Override
    public Runnable klWeight(
            Tensor value, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        return queue.apply(call("kl_weight")
                .vector(value)
                .number(value.rows())
                .number(weighting.ordinal())
                .vector(targets)
                .number(rate)
                .vector(state)
                .schedule(schedule)
                .single(Call.BLOCK));
    }

    @Override
    public Runnable freeBits(
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        long means = scratch.doubles(mu.cols());
        return all(
                queue.apply(call("free_bits")
                        .matrix(mu)
                        .matrix(logVar)
                        .address(means)
                        .number(mu.rows())
                        .number(mu.cols())
                        .tiles(mu.cols(), 1)),
                queue.apply(call("free_bits_finish")
                        .address(means)
                        .number(floor)
                        .matrix(mu)
                        .matrix(logVar)
                        .schedule(schedule)
                        .number(scale)
                        .matrix(dMu)
                        .matrix(dLogVar)
                        .vector(klTerm)
                        .number(mu.rows())
                        .number(mu.cols())
                        .threads(mu.size())));
    }

    @Override
    public Runnable stepMetrics(
            Tensor reconstruction,
            Tensor kl,
            Tensor klTerm,
            Tensor bound,
            Tensor outputLogVar,
            Schedule schedule,
            Tensor table) {
        return queue.apply(call("step_metrics")
                .vector(reconstruction)
                .number(reconstruction.rows())
                .vector(kl)
                .number(kl == null ? 0 : kl.rows())
                .vector(klTerm)
                .number(klTerm == null ? 0 : klTerm.rows())
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
        return queue.apply(launches.adam(
                address(parameters),
                address(gradient),
                address(m),
                address(v),
                Launches.Schedule.of(schedule),
                settings,
                parameters.size()));
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return queue.apply(launches.advance(address(clock.counters()), step, row, slot, sample));
    }
}
