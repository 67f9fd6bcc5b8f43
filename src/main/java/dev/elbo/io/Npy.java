package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * NPY, the array file of NumPy, versions 1 to 3. Reads booleans, integers of 1 to 8 bytes and floats of 2, 4 and 8
 * bytes in either byte order, C or Fortran order; writes float32 and float64, little endian, C order. Anything else,
 * objects above all, is refused. The header is checked against the size of the file before memory is allocated for the
 * values.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the format</a>
 */
public final class Npy {
    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 16;

    private Npy() {}

    /**
     * Reads an array.
     *
     * @param file its path
     * @return all of its values, on the heap
     * @throws ElboException of kind DATA, naming the file, if it is not an array of numbers or its size is not what its
     *     header declares
     */
    public static NpyArray read(Path file) {
        try (InputFile in = InputFile.open(file)) {
            return read(in);
        }
    }

    /**
     * Reads an array from an open file.
     *
     * @param in stays open
     * @return all of its values, on the heap
     */
    public static NpyArray read(InputFile in) {
        try (InputStream stream = in.stream(0)) {
            return read(in.path().toString(), stream, in.size());
        } catch (IOException e) {
            throw ElboException.io(in.path() + ": reading failed: " + Messages.reason(e), e);
        }
    }

    private static NpyArray read(String name, InputStream in, long size) throws IOException {
        NpyHeader header = NpyHeader.read(name, in, size, true);
        int count = Shapes.elements(name, header.shape());
        header.requireSize(name, size);
        double[] values = Heap.array(name, count, Double.BYTES, double[]::new);
        int width = header.width();
        byte[] chunk = new byte[CHUNK];
        ByteBuffer view = ByteBuffer.wrap(chunk).order(header.order());
        for (int done = 0; done < count; ) {
            int some = Math.min(count - done, CHUNK / width);
            if (in.readNBytes(chunk, 0, some * width) < some * width) {
                throw ElboException.data(name + ": ends before its last value; it is truncated");
            }
            for (int i = 0; i < some; i++) {
                values[done + i] = header.value(view, i * width);
            }
            done += some;
        }
        return new NpyArray(header.shape(), header.fortran() ? toC(name, header.shape(), values) : values);
    }

    /** Walks the C order while stepping through the Fortran order, whose first index runs fastest. */
    private static double[] toC(String name, int[] shape, double[] fortran) {
        double[] values = Heap.array(name, fortran.length, Double.BYTES, double[]::new);
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
     * @param file to be made or replaced
     * @param shape of any rank; empty for a scalar
     * @param values as many as the shape has, row-major
     * @throws IllegalArgumentException for another number of values
     * @throws ElboException of kind IO, naming the file
     */
    public static void write(Path file, int[] shape, float[] values) {
        write(file, "<f4", new SafeTensors.Entry(shape, values));
    }

    /**
     * Writes float64 values in C order, durably.
     *
     * @param file to be made or replaced
     * @param shape of any rank; empty for a scalar
     * @param values as many as the shape has, row-major
     */
    public static void write(Path file, int[] shape, double[] values) {
        write(file, "<f8", new SafeTensors.Entry(shape, values));
    }

    private static void write(Path file, String type, SafeTensors.Entry array) {
        AtomicFile.write(file, out -> {
            out.write(ByteBuffer.wrap(header(type, array.shape())));
            SafeTensorsWriter.emit(array, out::write);
        });
    }

    static byte[] header(String type, int[] shape) {
        return header(type, false, shape);
    }

    static byte[] header(String type, boolean fortran, int[] shape) {
        String tuple = shape.length == 1 ? "(" + shape[0] + ",)" : Shapes.text(shape);
        String text = "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': "
                + tuple + ", }";
        int unpadded = 10 + text.length() + 1;
        int length = (unpadded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - 10;
        ByteBuffer header = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
        header.put((text + " ".repeat(length - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
        return header.array();
    }
}
