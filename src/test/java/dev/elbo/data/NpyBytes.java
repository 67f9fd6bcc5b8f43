package dev.elbo.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** NPY files for tests. */
public final class NpyBytes {
    private NpyBytes() {}

    /** A file of version 1 whose values begin at byte 128. */
    public static byte[] npy(String type, boolean fortran, String shape, byte[] values) {
        String text = "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': "
                + shape + ", }";
        ByteBuffer bytes = ByteBuffer.allocate(128 + values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("\u0093NUMPY\u0001\u0000".getBytes(StandardCharsets.ISO_8859_1))
                .putShort((short) 118);
        bytes.put((text + " ".repeat(117 - text.length()) + "\n").getBytes(StandardCharsets.ISO_8859_1));
        return bytes.put(values).array();
    }
}
