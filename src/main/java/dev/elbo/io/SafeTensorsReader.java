package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@link SafeTensors}: everything the header says is held against the size of the file before it is believed. */
final class SafeTensorsReader {
    private static final int CHUNK = 1 << 16;

    private final InputFile in;
    private final String file;
    private final boolean exact;
    private final MessageDigest digest = Sha256.create();

    private SafeTensorsReader(InputFile in, boolean exact) {
        this.in = in;
        this.file = in.path().toString();
        this.exact = exact;
    }

    /**
     * @param sealed whether a file without a seal is refused
     * @param exact whether float64 stays what it is, and is not rounded to float32
     */
    static SafeTensors read(Path file, boolean sealed, boolean exact) {
        try (InputFile in = InputFile.open(file)) {
            return new SafeTensorsReader(in, exact).read(sealed);
        }
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
        if (length > SafeTensorsHeader.LONGEST) {
            throw ElboException.data(file + ": has a header of " + length + " bytes; at most "
                    + SafeTensorsHeader.LONGEST + " are read");
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
        List<Map.Entry<String, SafeTensorsHeader.Tensor>> inOrder =
                new ArrayList<>(header.tensors().entrySet());
        inOrder.sort(Comparator.comparingLong(entry -> entry.getValue().begin()));
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (Map.Entry<String, SafeTensorsHeader.Tensor> entry : inOrder) {
            SafeTensorsHeader.Tensor tensor = entry.getValue();
            int length = (int) ((tensor.end() - tensor.begin()) / tensor.width());
            Object values =
                    exact && tensor.width() == Double.BYTES ? Heap.doubles(file, length) : Heap.floats(file, length);
            fill(values, length, tensor.width(), start + tensor.begin(), chunk);
            tensors.put(entry.getKey(), new SafeTensors.Entry(tensor.shape(), values));
        }
        return tensors;
    }

    private void fill(Object values, int length, int width, long start, ByteBuffer chunk) {
        for (int done = 0; done < length; ) {
            int some = Math.min(length - done, CHUNK / width);
            in.read(start + (long) done * width, chunk.clear().limit(some * width));
            chunk.flip();
            digest.update(chunk.duplicate());
            if (values instanceof double[] doubles) {
                chunk.asDoubleBuffer().get(doubles, done, some);
            } else if (width == Float.BYTES) {
                chunk.asFloatBuffer().get((float[]) values, done, some);
            } else {
                for (int i = 0; i < some; i++) {
                    ((float[]) values)[done + i] = (float) chunk.getDouble(i * width);
                }
            }
            done += some;
        }
    }

    /** The header with zeros in place of the digest's digits; where it is spelled otherwise, the digest cannot match. */
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
