package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * NPY, the array file of NumPy, versions 1 to 3. Reads booleans, integers of 1 to 8 bytes and floats of 4 and 8 bytes
 * in either byte order, C or Fortran order; writes float32 and float64, little endian, C order. Anything else, objects
 * above all, is refused. The header is checked against the size of the file before memory is taken for the values.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** Headers of plain arrays are below 200 bytes. */
    private static final int LONGEST_HEADER = 1 << 16;

    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 16;

    private Npy() {}

    /**
     * Reads an array.
     *
     * @throws ElboException of kind DATA, naming the file, where it is not an array of numbers or its size is not what
     *     its header declares
     */
    public static NpyArray read(Path file) {
        try (InputFile in = InputFile.open(file)) {
            String name = file.toString();
            ByteBuffer prefix = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
            prefix.limit((int) Math.min(12, in.size()));
            in.read(0, prefix);
            prefix.flip();
            if (prefix.limit() < 10 || !Arrays.equals(Arrays.copyOf(prefix.array(), MAGIC.length), MAGIC)) {
                throw ElboException.data(name + ": is not an NPY file: it does not begin with \\x93NUMPY");
            }
            int version = prefix.get(6);
            if (version < 1 || version > 3 || prefix.get(7) != 0) {
                throw ElboException.data(name + ": NPY version " + version + "." + prefix.get(7)
                        + " is not known; 1.0, 2.0 and 3.0 are read");
            }
            int start = version == 1 ? 10 : 12;
            long length = version == 1
                    ? prefix.getShort(8) & 0xffff
                    : prefix.limit() < 12 ? 0 : prefix.getInt(8) & 0xffffffffL;
            if (length > LONGEST_HEADER || length > in.size() - start) {
                throw ElboException.data(name + ": declares a header of " + length + " bytes; the file has " + in.size()
                        + " bytes and at most " + LONGEST_HEADER + " are read");
            }
            ByteBuffer header = ByteBuffer.allocate((int) length);
            in.read(start, header);
            return values(in, NpyHeader.parse(name, header.array()), start + length);
        }
    }

    private static NpyArray values(InputFile in, NpyHeader header, long start) {
        String name = in.path().toString();
        int count = Shapes.elements(name, header.shape());
        long needed = (long) count * header.width();
        if (in.size() - start != needed) {
            throw ElboException.data(name + ": shape " + Shapes.text(header.shape()) + " of " + header.width()
                    + "-byte values needs " + needed + " bytes; the file has " + (in.size() - start));
        }
        double[] values = Heap.doubles(name, count);
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(header.order());
        int width = header.width();
        for (int done = 0; done < count; ) {
            int some = Math.min(count - done, CHUNK / width);
            in.read(start + (long) done * width, chunk.clear().limit(some * width));
            for (int i = 0; i < some; i++) {
                values[done + i] = value(header.kind(), width, chunk, i * width);
            }
            done += some;
        }
        return new NpyArray(header.shape(), header.fortran() ? toC(name, header.shape(), values) : values);
    }

    private static double value(char kind, int width, ByteBuffer bytes, int at) {
        if (kind == 'f') {
            return width == 4 ? bytes.getFloat(at) : bytes.getDouble(at);
        }
        long signed = switch (width) {
            case 1 -> bytes.get(at);
            case 2 -> bytes.getShort(at);
            case 4 -> bytes.getInt(at);
            default -> bytes.getLong(at);
        };
        if (kind != 'u' && kind != 'b') {
            return signed;
        }
        if (width < 8) {
            return signed & (1L << 8 * width) - 1;
        }
        // Halved with the last bit kept sticky: rounds as the unsigned value does.
        return signed >= 0 ? signed : 2.0 * (signed >>> 1 | signed & 1);
    }

    /** Walks the C order while stepping through the Fortran order, whose first index runs fastest. */
    private static double[] toC(String name, int[] shape, double[] fortran) {
        double[] values = Heap.doubles(name, fortran.length);
        int[] index = new int[shape.length];
        int[] stride = new int[shape.length];
        for (int axis = 0, step = 1; axis < shape.length; step *= shape[axis++]) {
            stride[axis] = step;
        }
        for (int to = 0, from = 0; to < values.length; to++) {
            values[to] = fortran[from];
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                from += stride[axis];
                if (++index[axis] < shape[axis]) {
                    break;
                }
                from -= stride[axis] * shape[axis];
                index[axis] = 0;
            }
        }
        return values;
    }

    /**
     * Writes float32 values in C order, durably.
     *
     * @throws ElboException of kind IO, naming the file
     */
    public static void write(Path file, int[] shape, float[] values) {
        Shapes.requireElements(shape, values.length);
        write(file, header("<f4", shape), values.length, Float.BYTES, chunk -> i -> chunk.putFloat(values[i]));
    }

    /** As {@link #write(Path, int[], float[])}, float64. */
    public static void write(Path file, int[] shape, double[] values) {
        Shapes.requireElements(shape, values.length);
        write(file, header("<f8", shape), values.length, Double.BYTES, chunk -> i -> chunk.putDouble(values[i]));
    }

    private interface Encoder {
        IntFunction<ByteBuffer> into(ByteBuffer chunk);
    }

    private static void write(Path file, byte[] header, int count, int width, Encoder encoder) {
        AtomicFile.write(file, out -> {
            out.write(ByteBuffer.wrap(header));
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
            IntFunction<ByteBuffer> put = encoder.into(chunk);
            for (int i = 0; i < count; i++) {
                if (chunk.remaining() < width) {
                    drain(chunk, out);
                }
                put.apply(i);
            }
            drain(chunk, out);
        });
    }

    private static void drain(ByteBuffer chunk, WritableByteChannel out) throws IOException {
        out.write(chunk.flip());
        chunk.clear();
    }

    static byte[] header(String type, int[] shape) {
        StringBuilder tuple = new StringBuilder();
        for (int dimension : shape) {
            tuple.append(dimension).append(shape.length == 1 ? "," : ", ");
        }
        if (shape.length > 1) {
            tuple.setLength(tuple.length() - 2);
        }
        String text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
        int unpadded = 10 + text.length() + 1;
        int length = (unpadded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - 10;
        ByteBuffer header = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
        header.put((text + " ".repeat(length - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
        return header.array();
    }
}
