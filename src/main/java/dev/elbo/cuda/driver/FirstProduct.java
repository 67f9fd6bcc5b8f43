package dev.elbo.cuda.driver;

import java.nio.FloatBuffer;
import java.util.function.Consumer;

/**
 * The product that every stream begins with: what cuBLAS loads for it must not be loaded while a graph is captured, and
 * its result shows whether the library works, and whether it takes float32 operands unrounded: 2049 has 12 significant
 * bits, one more than TF32 keeps.
 */
final class FirstProduct {
    /** Rows, columns and inner dimension; sums are exact in float32. */
    private static final int SIZE = 64;

    static final String NAME = "the product " + SIZE + " × " + SIZE + " × " + SIZE;

    private static final float TWELVE_BITS = 2049;
    private static final long BYTES = (long) SIZE * SIZE * Float.BYTES;

    /** A tolerance above the change by rounding an operand to bfloat16. */
    private static final double TOLERANCE = 0x1p-7;

    enum Answer {
        EXACT,
        ROUNDED,
        WRONG
    }

    private FirstProduct() {}

    /** Multiplies once and waits for the result. */
    static Answer ask(Context context, Stream stream, Consumer<Product> queue) {
        try (DeviceMemory memory = new DeviceMemory(context, 3 * BYTES);
                PinnedMemory pinned = new PinnedMemory(context, Math.toIntExact(2 * BYTES))) {
            FloatBuffer values = pinned.buffer().asFloatBuffer();
            for (int i = 0; i < SIZE * SIZE; i++) {
                values.put(i, TWELVE_BITS);
                values.put(SIZE * SIZE + i, 1);
            }
            stream.copyToDevice(memory, 0, pinned, 0, 2 * BYTES);
            queue.accept(
                    new Product(operand(memory, 0), operand(memory, 1), operand(memory, 2), SIZE, SIZE, SIZE, false));
            stream.copyToHost(pinned, memory, 2 * BYTES, BYTES);
            stream.synchronize();
            return judge(values);
        }
    }

    private static Product.Operand operand(DeviceMemory memory, int index) {
        return new Product.Operand(memory.address() + index * BYTES, SIZE, false);
    }

    private static Answer judge(FloatBuffer values) {
        Answer answer = Answer.EXACT;
        for (int i = 0; i < SIZE * SIZE; i++) {
            double off = Math.abs(values.get(i) / (SIZE * TWELVE_BITS) - 1);
            // also of NaN
            if (!(off <= TOLERANCE)) {
                return Answer.WRONG;
            }
            answer = off == 0 ? answer : Answer.ROUNDED;
        }
        return answer;
    }
}
