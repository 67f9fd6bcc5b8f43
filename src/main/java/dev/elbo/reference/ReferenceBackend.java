package dev.elbo.reference;

import dev.elbo.backend.HostBackend;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.Set;

/**
 * The oracle, a backend with every operation as the plainest loop that follows its formula, in float64, on one thread.
 * It is slow on purpose and shares no arithmetic with the other backends; its noise is the same float32 values, widened.
 */
public final class ReferenceBackend extends HostBackend {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "plain float64 loops, one thread";
    }

    @Override
    public double unitRoundoff() {
        return 0x1p-53;
    }

    @Override
    protected RawOps raw() {
        return new RawOps(
                new DenseLoops(),
                new ConvolutionLoops(),
                new ClassLoops(),
                new ColumnLoops(),
                new LatentLoops(),
                new LossLoops(),
                new StepLoops());
    }

    @Override
    protected Buffer newBuffer(ElementType type, int size, Set<Buffer> open) {
        return new HostBuffer(type, double.class, size, open);
    }
}
