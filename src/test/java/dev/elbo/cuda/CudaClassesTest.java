package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import dev.elbo.verify.Draw;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The weights of classes have the same bits on the CPU, for any number of threads, and on CUDA. */
@OnDevice(checked = false)
class CudaClassesTest {
    private static final int BATCH = 129;
    private static final int SAMPLES = 3;
    private static final int ROWS = SAMPLES * BATCH;
    private static final int CLASSES = 10;
    private static final int COLS = 70;

    private final double[] labels = new Draw(1).integers(BATCH, -1, CLASSES);
    private final double[] table = new Draw(2).normal(CLASSES * COLS);
    private final double[] y = new Draw(3).normal(ROWS * COLS);
    private final double[] dY = cancelling();

    /** Terms that cancel but for what float64 loses of the others, so that each order of a sum has its own bits. */
    private static double[] cancelling() {
        double[] values = new Draw(4).normal(ROWS * COLS);
        for (int i = 0; i < BATCH * COLS; i++) {
            // the first sample of an example against its last
            values[i] *= 0x1p53;
            values[i + 2 * BATCH * COLS] = -values[i];
        }
        return values;
    }

    private static Tensor tensor(Backend backend, Closer closer, int rows, int cols, double... values) {
        Tensor tensor = closer.register(backend.allocate(ElementType.REAL, rows, cols));
        tensor.write(values);
        return tensor;
    }

    private double[] gradient(Backend backend) {
        try (Closer closer = new Closer()) {
            Tensor of = tensor(backend, closer, BATCH, 1, labels);
            Tensor dTable = tensor(backend, closer, CLASSES, COLS, new double[CLASSES * COLS]);
            backend.ops().classBiasGrad(of, tensor(backend, closer, ROWS, COLS, dY), dTable);
            return dTable.toDoubles();
        }
    }

    private double[] forward(Backend backend, Activation activation) {
        try (Closer closer = new Closer()) {
            Tensor of = tensor(backend, closer, BATCH, 1, labels);
            Tensor weights = tensor(backend, closer, CLASSES, COLS, table);
            Tensor sums = tensor(backend, closer, ROWS, COLS, y);
            backend.ops().classBias(of, weights, activation, sums);
            return sums.toDoubles();
        }
    }

    private double[] inTheOrderOfRows() {
        double[] sums = new double[CLASSES * COLS];
        for (int i = 0; i < dY.length; i++) {
            int label = (int) labels[i / COLS % BATCH];
            if (label >= 0 && label < CLASSES) {
                sums[label * COLS + i % COLS] += dY[i];
            }
        }
        return Arrays.stream(sums).map(sum -> (float) sum).toArray();
    }

    @Test
    void theSameBitsEverywhere() {
        try (Backend one = new CpuBackend(1);
                Backend three = new CpuBackend(3);
                Backend cuda = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            double[] expected = gradient(one);
            assertArrayEquals(expected, gradient(three));
            assertArrayEquals(expected, gradient(cuda));
            // or any order would have these bits
            assertFalse(Arrays.equals(expected, inTheOrderOfRows()));
            // the others are of the CPU's own arithmetic
            for (Activation activation : List.of(Activation.IDENTITY, Activation.RELU, Activation.LEAKY_RELU)) {
                double[] activated = forward(one, activation);
                assertArrayEquals(activated, forward(three, activation));
                assertArrayEquals(activated, forward(cuda, activation));
            }
        }
    }
}
