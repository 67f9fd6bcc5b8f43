package dev.elbo.cuda.driver;

import java.nio.FloatBuffer;

/**
 * The product that every stream begins with: what cuBLAS loads for it must not be loaded while a graph is captured, and its
 * result tells whether the library is of use, and whether it takes float32 operands as they are: 2049 has 12 significant bits,
 * one more than TF32 keeps.
 */
final class FirstProduct implements AutoCloseable {
    /** Rows, columns, and what is summed over; sums of it are exact in float32. */
    private static final int SIZE = 64;

    private static final float TWELVE_BITS = 2049;
    private static final long BYTES = (long) SIZE * SIZE * Float.BYTES;

    /** More than what rounding an operand to bfloat16 changes. */
    private static final double TOLERANCE = 0x1p-7;

    enum Answer {
        EXACT,
        ROUNDED,
        WRONG
    }

    private final DeviceMemory memory;
    private final PinnedMemory pinned;
    private final Product product;

    FirstProduct(Context context) {
        memory = new DeviceMemory(context, 3 * BYTES);
        try {
            pinned = new PinnedMemory(context, Math.toIntExact(2 * BYTES));
        } catch (Throwable thrown) {
            memory.close();
            throw thrown;
        }
        product = new Product(operand(0), operand(1), operand(2), SIZE, SIZE, SIZE, false);
    }

    private Product.Operand operand(int which) {
        return new Product.Operand(memory.address() + which * BYTES, SIZE, false);
    }

    /** What is to be queued between {@link #fill} and {@link #answer}. */
    Product product() {
        return product;
    }

    void fill(Stream stream) {
        FloatBuffer values = pinned.buffer().asFloatBuffer();
        for (int i = 0; i < SIZE * SIZE; i++) {
            values.put(i, TWELVE_BITS);
            values.put(SIZE * SIZE + i, 1);
        }
        stream.copyToDevice(memory, 0, pinned, 0, 2 * BYTES);
    }

    Answer answer(Stream stream) {
        stream.copyToHost(pinned, memory, 2 * BYTES, BYTES);
        stream.synchronize();
        FloatBuffer values = pinned.buffer().asFloatBuffer();
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

    @Override
    public void close() {
        try {
            pinned.close();
        } finally {
            memory.close();
        }
    }
}
