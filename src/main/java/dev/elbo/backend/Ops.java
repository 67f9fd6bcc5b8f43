package dev.elbo.backend;

import dev.elbo.tensor.Buffer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The closed set of operations that every model is made of. The contract of each, its formula, shapes, what is read and
 * what is written, is in its family, {@link DenseOps}, {@link ConvolutionOps}, {@link ClassOps}, {@link ColumnOps}, {@link LatentOps}, {@link LossOps}
 * or {@link StepOps}, with the checks, once; {@link RawOps} is all that a backend writes. Operations never allocate device memory and never wait.
 *
 * <p>Shapes: B examples, D inputs, J latents, K samples of each example. What is sampled has K·B rows, row k·B + b for
 * sample k of example b. Vectors over rows are n × 1 and dense, vectors over columns 1 × n. Outputs share no memory with
 * other arguments. Arguments marked optional may be null. Wrong arguments are an {@link IllegalArgumentException} that
 * names operation, argument and shapes. The {@code scale} of a gradient is a double, so that 1/B is no error on a float64
 * backend; a float32 backend may round it.
 */
public final class Ops implements DenseOps, ConvolutionOps, ClassOps, ColumnOps, LatentOps, LossOps, StepOps {
    private final Checks checks;

    /**
     * Creates the checked operations of a backend.
     *
     * @param raw the backend's commands
     * @param submit runs or records a command
     * @param owned whether a buffer belongs to the backend
     */
    public Ops(RawOps raw, Consumer<Runnable> submit, Predicate<Buffer> owned) {
        this.checks = new Checks(raw, submit, owned);
    }

    /** @hidden */
    @Override
    public Checks checks() {
        return checks;
    }
}
