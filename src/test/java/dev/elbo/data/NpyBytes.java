package dev.elbo.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** NPY files for tests. */
public final class NpyBytes {
    private NpyBytes() {}

    /** A file of version 1 whose values begin at byte 128. */
    public static byte[] npy(String type, boolean fortran, String shape, byte[] values) {
        return described("'" + type + "'", fortran, shape, values);
    }

    /** As {@link #npy}, with a type as Python writes it. */
    public static byte[] described(String type, boolean fortran, String shape, byte[] values) {
        String text = "{'descr': " + type + ", 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape
                + ", }";
        ByteBuffer bytes = ByteBuffer.allocate(128 + values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("\u0093NUMPY\u0001\u0000".getBytes(StandardCharsets.ISO_8859_1))
                .putShort((short) 118);
        bytes.put((text + " ".repeat(117 - text.length()) + "\n").getBytes(StandardCharsets.ISO_8859_1));
        return bytes.put(values).array();
    }

    /** A list of words as NumPy's U, little or big endian, or S. */
    public static byte[] words(String type, String... words) {
        int length = Arrays.stream(words).mapToInt(String::length).max().orElse(1);
        boolean wide = type.endsWith("U");
        ByteBuffer values = ByteBuffer.allocate(words.length * length * (wide ? 4 : 1))
                .order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (String word : words) {
            for (int i = 0; i < length; i++) {
                int character = i < word.length() ? word.charAt(i) : 0;
                if (wide) {
                    values.putInt(character);
                } else {
                    values.put((byte) character);
                }
            }
        }
        return npy(type + length, false, "(" + words.length + ",)", values.array());
    }
}
