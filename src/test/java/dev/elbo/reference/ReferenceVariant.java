package dev.elbo.reference;

import dev.elbo.backend.AllOperations;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.HostBackend;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Set;

/**
 * The reference with every result rounded to float32, which is the plainest healthy backend of that precision; or with a
 * fault in one operation.
 */
public final class ReferenceVariant extends HostBackend {
    /** What an operation does instead. */
    @FunctionalInterface
    public interface Fault {
        /**
         * @param healthy the command as it should be
         * @param args the operation's arguments
         * @param ops healthy operations
         */
        Runnable instead(Runnable healthy, Object[] args, RawOps ops);
    }

    private final boolean rounded;
    private final String faultyOp;
    private final Fault fault;

    private ReferenceVariant(boolean rounded, String faultyOp, Fault fault) {
        this.rounded = rounded;
        this.faultyOp = faultyOp;
        this.fault = fault;
    }

    /** float32, healthy. */
    public static ReferenceVariant rounded() {
        return rounded("", (healthy, args, ops) -> healthy);
    }

    /** float32, with a fault in one operation. */
    public static ReferenceVariant rounded(String op, Fault fault) {
        return new ReferenceVariant(true, op, fault);
    }

    /** float64, with a fault in one operation. */
    public static ReferenceVariant exact(String op, Fault fault) {
        return new ReferenceVariant(false, op, fault);
    }

    @Override
    public String name() {
        return rounded ? "rounded" : "exact";
    }

    @Override
    public String description() {
        return "the reference" + (rounded ? ", results rounded to float32" : "");
    }

    @Override
    public double unitRoundoff() {
        return rounded ? 0x1p-24 : 0x1p-53;
    }

    @Override
    public BackendTimer timer() {
        return hostTimer();
    }

    @Override
    protected RawOps raw() {
        RawOps exact = new ReferenceBackend().raw();
        RawOps healthy = rounded ? rounding(exact) : exact;
        return AllOperations.proxy((method, args) -> {
            Runnable command = AllOperations.call(healthy, method, args);
            return method.getName().equals(faultyOp) ? fault.instead(command, args, healthy) : command;
        });
    }

    private static RawOps rounding(RawOps exact) {
        return AllOperations.proxy((method, args) -> {
            Runnable command = AllOperations.call(exact, method, args);
            return () -> {
                command.run();
                for (Object arg : args) {
                    if (arg instanceof Tensor tensor && tensor.type() == ElementType.REAL) {
                        round(tensor);
                    }
                }
            };
        });
    }

    private static void round(Tensor tensor) {
        Matrix matrix = Matrix.view(tensor);
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.cols(); j++) {
                matrix.set(i, j, (float) matrix.get(i, j));
            }
        }
    }

    @Override
    protected Buffer newBuffer(ElementType type, int size, Set<Buffer> open) {
        return new HostBuffer(type, double.class, size, open);
    }
}
