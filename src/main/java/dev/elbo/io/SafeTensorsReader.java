package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Reads {@link SafeTensors}: everything in the header is checked against the size of the file before use. */
record SafeTensorsReader(InputFile in, String file, boolean exact, Consumer<String> notes, MessageDigest digest) {
    private static final int CHUNK = 1 << 16;

    /** Reads a file, with a seal if {@code sealed}; unless {@code exact}, float64 is rounded, and noted. */
    static SafeTensors read(Path file, boolean sealed, boolean exact, Consumer<String> notes) {
        try (InputFile in = InputFile.open(file)) {
            return new SafeTensorsReader(in, file.toString(), exact, notes, Sha256.create()).read(sealed);
        }
    }

    /** Reads the content of a file without asking for a seal; float64 is rounded. */
    static SafeTensors read(String file, byte[] content) {
        InputFile in = InputFile.of(Path.of(""), content);
        return new SafeTensorsReader(in, file, false, note -> {}, Sha256.create()).read(false);
    }

    private SafeTensors read(boolean sealed) {
        if (in.size() < 8) {
            throw ElboException.data(
                    file + ": is not a safetensors file: it has " + in.size() + " bytes of at least 8");
        }
        ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        in.read(0, prefix);
        long length = prefix.getLong(0);
        // As unsigned: the top bit set is a huge length.
        if (length < 0 || length > in.size() - 8) {
            throw ElboException.data(file + ": declares a header of " + Long.toUnsignedString(length)
                    + " bytes, the file has " + in.size() + " bytes; it is truncated or not a safetensors file");
        }
        if (length > SafeTensorsHeader.MAX_LENGTH) {
            throw ElboException.data(file + ": has a header of " + length + " bytes; at most "
                    + SafeTensorsHeader.MAX_LENGTH + " are read");
        }
        byte[] header = new byte[(int) length];
        in.read(8, ByteBuffer.wrap(header));
        SafeTensorsHeader parsed = SafeTensorsHeader.parse(file, header, in.size() - 8 - length);
        String seal = parsed.metadata().remove(SafeTensors.SEAL);
        if (seal == null && sealed) {
            throw ElboException.data(file + ": has no digest (" + SafeTensors.SEAL
                    + " in its metadata), so it cannot be trusted here; take a file that elbo wrote");
        }
        digest.update(prefix.array());
        digest.update(withoutSeal(header, seal));
        Map<String, SafeTensors.Entry> tensors = tensors(parsed, 8 + length);
        if (seal != null && !HexFormat.of().formatHex(digest.digest()).equals(seal)) {
            throw ElboException.data(file + ": its content differs from its digest (" + SafeTensors.SEAL
                    + "): it was damaged, or changed by a program that kept the digest; take another copy");
        }
        return new SafeTensors(parsed.metadata(), tensors);
    }

    /** Reads the data front to back, as the digest needs it, and returns the tensors in the order of the header. */
    private Map<String, SafeTensors.Entry> tensors(SafeTensorsHeader header, long start) {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        header.tensors().forEach((name, tensor) -> tensors.put(name, null));
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        header.inOrder()
                .forEach(entry -> tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), start, chunk)));
        return tensors;
    }

    private SafeTensors.Entry tensor(String name, SafeTensorsHeader.Tensor tensor, long start, ByteBuffer chunk) {
        FloatType type = tensor.type();
        int count = Shapes.elements(file, tensor.shape());
        boolean isDouble = exact && type == FloatType.F64;
        double[] doubles = Heap.array(file, isDouble ? count : 0, Double.BYTES, double[]::new);
        float[] floats = Heap.array(file, isDouble ? 0 : count, Float.BYTES, float[]::new);
        int rounded = 0;
        for (int done = 0; done < count; ) {
            int some = Math.min(count - done, CHUNK / type.width);
            in.read(
                    start + tensor.begin() + (long) done * type.width,
                    chunk.clear().limit(some * type.width));
            chunk.flip();
            digest.update(chunk.duplicate());
            if (isDouble) {
                chunk.asDoubleBuffer().get(doubles, done, some);
            } else if (type == FloatType.F32) {
                chunk.asFloatBuffer().get(floats, done, some);
            } else {
                rounded += round(name, type, chunk, floats, done, some);
            }
            done += some;
        }
        if (rounded > 0) {
            notes.accept("tensor " + Messages.quote(name) + ": " + rounded + " of " + count
                    + " float64 values are rounded to float32");
        }
        return new SafeTensors.Entry(tensor.shape(), isDouble ? doubles : floats);
    }

    /** Rounds the chunk's values and returns how many are not exact in float32. */
    private int round(String name, FloatType type, ByteBuffer chunk, float[] values, int done, int some) {
        int rounded = 0;
        for (int i = 0; i < some; i++) {
            double exact = type.get(chunk, i * type.width);
            float value = (float) exact;
            if (Float.isInfinite(value) && !Double.isInfinite(exact)) {
                throw ElboException.data(file + ": tensor " + Messages.quote(name) + " holds " + exact + " at position "
                        + (done + i) + ", more than float32 can");
            }
            // NaN is no rounding
            rounded += value < exact || value > exact ? 1 : 0;
            values[done + i] = value;
        }
        return rounded;
    }

    /** Returns the header with zeros for the digest; if that is spelled otherwise, it cannot match. */
    private static byte[] withoutSeal(byte[] header, String seal) {
        if (seal == null) {
            return header;
        }
        // Byte for byte; inside any JSON string the quotes would be escaped, so this can only be the key itself.
        String text = new String(header, StandardCharsets.ISO_8859_1);
        String key = "\"" + SafeTensors.SEAL + "\":\"";
        int at = text.indexOf(key + seal + "\"");
        if (at < 0) {
            return header;
        }
        int digits = at + key.length();
        return (text.substring(0, digits) + "0".repeat(seal.length()) + text.substring(digits + seal.length()))
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
