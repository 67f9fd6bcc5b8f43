package dev.elbo.io;

import java.nio.ByteBuffer;

/** Floating-point types that files have, by their names in safetensors. */
enum FloatType {
    F16(2, (bytes, at) -> ofBinary16(bytes.getShort(at))),
    BF16(2, (bytes, at) -> Float.intBitsToFloat(bytes.getShort(at) << 16)),
    F32(4, ByteBuffer::getFloat),
    F64(8, ByteBuffer::getDouble);

    private interface Reader {
        double get(ByteBuffer bytes, int at);
    }

    final int width;

    private final Reader reader;

    FloatType(int width, Reader reader) {
        this.width = width;
        this.reader = reader;
    }

    /** The value that begins at a byte, exactly. */
    double get(ByteBuffer bytes, int at) {
        return reader.get(bytes, at);
    }

    /** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
    static float ofBinary16(int bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude = switch (exponent) {
            case 0 -> fraction * 0x1p-24f;
            case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            // the exponent of float32 has a bias of 127 instead of 15, its fraction 23 bits
            default -> Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
        };
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }
}
