package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import dev.elbo.io.NpyHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Optional;

/**
 * The rows of an array in a file of NPY or IDX, along its first dimension. Bytes stay bytes, booleans are 0 and 1; all
 * other numbers are kept or divided by the value for 1, as float64 if float32 does not hold them.
 *
 * @param name the name in messages
 * @param header of numbers, more than none
 * @param columns for each feature which of a row's values it is, in the order of the file; null if that is the same
 * @param image the shape of the pictures that the rows are, if they are some
 */
record ArrayRows(
        String name, NpyHeader header, int features, int[] columns, Optional<ImageShape> image, PixelScale pixels) {
    private static final int CHUNK = 1 << 18;
    /** Bytes of a Fortran-ordered array that are transposed at a time. */
    private static final int TURNED = 1 << 24;

    private int count() {
        return header.shape()[0];
    }

    private int rowBytes() {
        return features * header.width();
    }

    /** Returns the type that holds the values without rounding them. */
    private Rows.Type type() {
        boolean bytes = header.kind() == 'b' || header.kind() == 'u' && header.width() == 1;
        boolean fitsFloat = header.width() < Float.BYTES || header.kind() == 'f' && header.width() == Float.BYTES;
        return bytes ? Rows.Type.UINT8 : fitsFloat ? Rows.Type.FLOAT32 : Rows.Type.FLOAT64;
    }

    boolean stays() {
        boolean same =
                header.kind() == 'u' ? header.width() == 1 : header.kind() == 'f' && header.width() >= Float.BYTES;
        boolean asIs = type() == Rows.Type.UINT8 || !pixels.isGiven();
        return same && asIs && !header.fortran() && columns == null && header.bytes(name) > RowStore.share();
    }

    Rows mapped(InputFile in, long offset) {
        return StoredRows.mapped(in, offset + header.start(), count(), features, type(), header.order());
    }

    /** Rows of values that come one after the other. */
    Rows streamed(InputStream in) throws IOException {
        long[] done = {0};
        return rows(CHUNK, rowBytes(), header.width(), (chunk, from, rows) -> {
            int got = in.readNBytes(chunk, 0, rows * rowBytes());
            done[0] += got;
            if (got < rows * rowBytes()) {
                throw ElboException.data(name + ": ends after " + done[0] + " of " + header.bytes(name)
                        + " bytes of its values; it is truncated");
            }
        });
    }

    /** Rows in Fortran order, in which a column's values follow each other. */
    Rows turned(InputFile in, long start) throws IOException {
        int width = header.width();
        int block = block(TURNED);
        return rows(TURNED, width, block * width, (chunk, from, rows) -> {
            for (int column = 0; column < features; column++) {
                in.read(
                        start + ((long) column * count() + from) * width,
                        ByteBuffer.wrap(chunk, column * block * width, rows * width));
            }
        });
    }

    private int block(int bytes) {
        return Math.min(count(), Math.max(1, bytes / rowBytes()));
    }

    private interface Fill {
        void read(byte[] chunk, int from, int rows) throws IOException;
    }

    /** Reads chunks of so many bytes, or of one row. Rows lie {@code apart} bytes apart, values {@code step}. */
    private Rows rows(int bytes, int apart, int step, Fill fill) throws IOException {
        int block = block(bytes);
        byte[] chunk = Heap.array(name, (long) block * rowBytes(), 1, byte[]::new);
        try (RowStore store = new RowStore(name, features, type())) {
            Converter converter = new Converter(chunk, store);
            for (int from = 0, rows; from < count(); from += rows) {
                rows = Math.min(block, count() - from);
                fill.read(chunk, from, rows);
                for (int row = 0; row < rows; row++) {
                    converter.add(row * apart, step);
                }
            }
            return store.finish();
        }
    }

    private final class Converter {
        private final byte[] chunk;
        private final ByteBuffer view;
        private final RowStore store;
        private final Rows.Type type = type();
        private final byte[] bytes = Heap.array(name, type == Rows.Type.UINT8 ? features : 0, 1, byte[]::new);
        private final float[] floats = Heap.array(name, type == Rows.Type.FLOAT32 ? features : 0, 4, float[]::new);
        private final double[] doubles = Heap.array(name, type == Rows.Type.UINT8 ? 0 : features, 8, double[]::new);

        Converter(byte[] chunk, RowStore store) {
            this.chunk = chunk;
            this.view = ByteBuffer.wrap(chunk).order(header.order());
            this.store = store;
        }

        /** Adds the row that begins at a byte, with {@code step} bytes from one value of the file to the next. */
        void add(int at, int step) {
            boolean inOrder = columns == null && step == header.width();
            if (type == Rows.Type.UINT8) {
                addBytes(at, step, inOrder);
            } else if (inOrder && header.kind() == 'f' && header.width() == Float.BYTES && !pixels.isGiven()) {
                FloatBuffer row = view.position(at).asFloatBuffer();
                row.get(floats);
                store.add(floats);
            } else {
                for (int i = 0; i < doubles.length; i++) {
                    double value = header.value(view, at + column(i) * step);
                    doubles[i] = pixels.isGiven() ? pixels.of(value, name, store.count(), i) : value;
                }
                store.add(doubles);
            }
        }

        private void addBytes(int at, int step, boolean inOrder) {
            if (inOrder && header.kind() == 'u') {
                System.arraycopy(chunk, at, bytes, 0, bytes.length);
            } else {
                for (int i = 0; i < bytes.length; i++) {
                    byte value = chunk[at + column(i) * step];
                    bytes[i] = header.kind() == 'b' ? (byte) (value == 0 ? 0 : 1) : value;
                }
            }
            store.add(bytes);
        }

        private int column(int feature) {
            return columns == null ? feature : columns[feature];
        }
    }
}
