package dev.elbo.cuda;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.cost.KernelCost;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Each operation as its launches and products; formulas and shapes are in {@link dev.elbo.backend.Ops}, parameters in
 * kernels/README.md. Geometry that changes the order of a sum follows from shapes alone.
 */
final class CudaOps extends CudaStepOps implements RawOps {
    /** Elements that a block of a sum over all of them takes at least, and the most blocks. */
    private static final int ELEMENTS_OF_BLOCK = 1 << 13;

    private static final int MOST_BLOCKS_OF_SUM = 1024;

    /** Rows of a tile of a thin product, and of its gradient with few rows and with many. */
    private static final int ROWS_OF_TILE = 64;

    private static final int FEW_ROWS_OF_TILE = 2;
    private static final int MANY_ROWS_OF_TILE = 16;

    /** From here on tiles of many rows are one for each multiprocessor of a large GPU, or more. */
    private static final int MANY_ROWS = MANY_ROWS_OF_TILE * 128;

    private final Scratch scratch;

    /**
     * @param scratch for sums of two stages
     * @param clocks of programs
     * @param queue the command that puts nodes into the backend's stream
     */
    CudaOps(Kernels kernels, Scratch scratch, Clocks clocks, Function<Nodes, Runnable> queue) {
        super(kernels, clocks, queue);
        this.scratch = scratch;
    }

    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        if (x.cols() <= KernelCost.THIN) {
            return queue(Node.of(call("dense_thin")
                            .matrix(x)
                            .vector(weight)
                            .vector(bias)
                            .matrix(y)
                            .number(y.rows())
                            .number(x.cols())
                            .number(y.cols())
                            .number(activation.ordinal())
                            .tilesOfRows(y.rows(), y.cols(), ROWS_OF_TILE))
                    .reads(x, weight, bias)
                    .writes(y));
        }
        if (activation == Activation.IDENTITY) {
            // the product is added to the bias, which needs nothing of what comes before
            Launch biases = call("dense_bias")
                    .vector(bias)
                    .matrix(y)
                    .number(y.rows())
                    .number(y.cols())
                    .quads(y.rows(), y.cols());
            return queue(List.of(Node.of(biases).reads(bias).writes(y), Node.addedProduct(x, weight, y)));
        }
        Launch activated = call("dense_activation")
                .matrix(y)
                .vector(bias)
                .number(y.rows())
                .number(y.cols())
                .number(activation.ordinal())
                .quads(y.rows(), y.cols());
        return queue(List.of(
                Node.product(x, false, weight, true, y),
                Node.of(activated).reads(y, bias).writes(y)));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        List<Node> nodes = new ArrayList<>();
        // without an activation the gradient to x waits for nothing that a launch of its own would spare
        boolean thin = dX != null && activation != Activation.IDENTITY && x.cols() <= KernelCost.THIN;
        if (thin) {
            nodes.add(thinGrad(weight, y, dY, activation, dX));
        }
        addSums(nodes, y, dY, thin ? Activation.IDENTITY : activation, dB);
        nodes.add(Node.product(dY, true, x, false, dW));
        if (dX != null && !thin) {
            nodes.add(Node.product(dY, false, weight, false, dX));
        }
        return queue(nodes);
    }

    /** dY before the activation, and dX, in one pass: what follows only waits for this one. */
    private Node thinGrad(Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dX) {
        boolean many = dY.rows() >= MANY_ROWS;
        return Node.of(call("dense_grad_thin")
                        .matrix(y)
                        .matrix(dY)
                        .vector(weight)
                        .matrix(dX)
                        .number(dY.rows())
                        .number(dY.cols())
                        .number(dX.cols())
                        .number(activation.ordinal())
                        .number(many ? 1 : 0)
                        .rows(dY.rows(), many ? MANY_ROWS_OF_TILE : FEW_ROWS_OF_TILE))
                .reads(y, dY, weight)
                .writes(dY, dX);
    }

    private void addSums(List<Node> nodes, Tensor y, Tensor dY, Activation activation, Tensor dB) {
        int chunks = Launches.chunks(dY.rows());
        Extent partial = chunks == 1 ? Extent.NONE : scratch.doubles((long) chunks * dY.cols());
        nodes.add(Node.of(call("dense_grad_activation")
                        .matrix(y)
                        .matrix(dY)
                        .number(dY.rows())
                        .number(dY.cols())
                        .number(activation.ordinal())
                        .address(partial.start())
                        .vector(dB)
                        .tiles(dY.cols(), chunks))
                .reads(y, dY)
                .writes(activation == Activation.IDENTITY ? null : dY, chunks == 1 ? dB : null)
                .writes(partial));
        if (chunks > 1) {
            nodes.add(Node.of(call("dense_grad_finish")
                            .address(partial.start())
                            .number(chunks)
                            .number(dY.cols())
                            .vector(dB)
                            .threads(dY.cols()))
                    .reads(partial)
                    .writes(dB));
        }
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return queue(Node.of(call("activate")
                        .matrix(x)
                        .matrix(y)
                        .number(y.rows())
                        .number(y.cols())
                        .number(activation.ordinal())
                        .quads(y.rows(), y.cols()))
                .reads(x)
                .writes(y));
    }

    @Override
    public Runnable normal(NoiseSource source, Tensor out) {
        NoiseSource noise = now(source);
        return queue(Node.of(call("normal")
                        .noise(noise)
                        .noiseClock(noise)
                        .matrix(out)
                        .number(out.rows())
                        .number(out.cols())
                        .quads(out.rows(), out.cols() + 4L))
                .reads(noise)
                .writes(out));
    }

    @Override
    public Runnable reparameterize(
            Tensor mu, Tensor logVar, NoiseSource source, Tensor z, Tensor kl, Tensor sampledKl) {
        NoiseSource noise = now(source);
        return queue(Node.of(launches.reparameterize(
                        at(mu),
                        at(logVar),
                        Launches.Noise.of(noise),
                        at(z),
                        address(kl),
                        address(sampledKl),
                        z.rows(),
                        mu.rows(),
                        z.cols()))
                .reads(mu, logVar)
                .reads(noise)
                .writes(z, kl, sampledKl));
    }

    @Override
    public Runnable reparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource source,
            Tensor dZ,
            KlMode mode,
            Schedule scheduled,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar) {
        NoiseSource noise = now(source);
        Schedule schedule = now(scheduled);
        return queue(Node.of(launches.reparameterizeGrad(
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
                        mu.cols()))
                .reads(mu, logVar, dZ, rowWeight)
                .reads(noise)
                .reads(schedule)
                .writes(dMu, dLogVar));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return queue(Node.of(call("gaussian_kl")
                        .matrix(mu)
                        .matrix(logVar)
                        .matrix(klPerUnit)
                        .number(mu.rows())
                        .number(mu.cols())
                        .quads(mu.rows(), mu.cols()))
                .reads(mu, logVar)
                .writes(klPerUnit));
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
        List<Node> nodes = new ArrayList<>();
        if (loss != null || dOutput != null) {
            Launch rowsDone = launches.gaussianLoss(
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
                    cols);
            nodes.add(Node.of(rowsDone).reads(output, x, logVar, rowWeight).writes(loss, dOutput));
        }
        if (dLogVar != null) {
            Extent partial = scratch.doubles(Launches.variancePartials(rows, cols));
            Launch partials = launches.gaussianLossVariance(
                    at(output),
                    at(x),
                    address(logVar),
                    logVarCols,
                    address(rowWeight),
                    scale,
                    partial.start(),
                    rows,
                    batch,
                    cols);
            nodes.add(Node.of(partials).reads(output, x, logVar, rowWeight).writes(partial));
            Launch finish = launches.gaussianLossFinish(
                    partial.start(), address(logVar), logVarCols, address(dLogVar), rows, cols);
            nodes.add(Node.of(finish).reads(logVar).reads(partial).writes(dLogVar));
        }
        return queue(nodes);
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return queue(Node.of(launches.bernoulliLoss(
                        at(logits),
                        at(x),
                        address(rowWeight),
                        scale,
                        address(loss),
                        at(dLogits),
                        logits.rows(),
                        x.rows(),
                        logits.cols()))
                .reads(logits, x, rowWeight)
                .writes(loss, dLogits));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        int blocks = (int) Math.min(MOST_BLOCKS_OF_SUM, (output.size() - 1) / ELEMENTS_OF_BLOCK + 1);
        Extent partial = scratch.doubles(blocks);
        Launch sums = call("optimal_log_var")
                .matrix(output)
                .matrix(x)
                .address(partial.start())
                .number(output.rows())
                .number(x.rows())
                .number(output.cols())
                .blocks(blocks);
        Launch finish = call("optimal_log_var_finish")
                .address(partial.start())
                .number(blocks)
                .number(output.size())
                .vector(logVar)
                .single(Call.BLOCK);
        return queue(List.of(
                Node.of(sums).reads(output, x).writes(partial),
                Node.of(finish).reads(partial).writes(logVar)));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return queue(Node.of(launches.importanceWeights(
                        address(reconstruction),
                        address(sampledKl),
                        address(logWeights),
                        address(weights),
                        address(bound),
                        reconstruction.rows() / bound.rows(),
                        bound.rows()))
                .reads(reconstruction, sampledKl)
                .writes(logWeights, weights, bound));
    }

    @Override
    public Runnable freeBits(
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule scheduled,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        Schedule schedule = now(scheduled);
        Extent means = scratch.doubles(mu.cols());
        Launch sums = call("free_bits")
                .matrix(mu)
                .matrix(logVar)
                .address(means.start())
                .number(mu.rows())
                .number(mu.cols())
                .tiles(mu.cols(), 1);
        Launch finish = call("free_bits_finish")
                .address(means.start())
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
                .threads(mu.size());
        return queue(List.of(
                Node.of(sums).reads(mu, logVar).writes(means),
                Node.of(finish)
                        .reads(mu, logVar, dMu, dLogVar)
                        .reads(means)
                        .reads(schedule)
                        .writes(dMu, dLogVar, klTerm)));
    }
}
