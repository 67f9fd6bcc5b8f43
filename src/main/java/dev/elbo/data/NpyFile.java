package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.Shapes;
import dev.elbo.io.ZipArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Examples in NPY arrays: (N, D), (N, H, W), (N, C, H, W), or (N, H, W, C), which is turned to channels first. Unsigned
 * bytes are pixels, 255 standing for 1, as in IDX files and whatever their rank; booleans are 0 and 1; all other numbers are
 * taken as they are, those that float32 does not hold as float64. {@link PixelScale} may say otherwise. Arrays of bytes and
 * floats in C order that take more than a share of the heap stay in the file.
 */
final class NpyFile {
    private static final int CHUNK = 1 << 18;
    /** Bytes of a Fortran-ordered array that are turned at a time. */
    private static final int TURNED = 1 << 24;

    private final String name;
    private final NpyHeader header;
    private final NpyLayout layout;
    private final PixelScale pixels;
    private final Rows.Type type;

    private NpyFile(String name, NpyHeader header, PixelScale pixels) {
        this.name = name;
        this.header = header;
        this.pixels = pixels;
        this.layout = NpyLayout.of(name, header);
        boolean bytes = header.kind() == 'b' || header.kind() == 'u' && header.width() == 1;
        boolean fitsFloat = header.width() < Float.BYTES || header.kind() == 'f' && header.width() == Float.BYTES;
        this.type = bytes ? Rows.Type.UINT8 : fitsFloat ? Rows.Type.FLOAT32 : Rows.Type.FLOAT64;
    }

    /**
     * Reads a file, plain or packed with gzip.
     *
     * @throws ElboException of kind DATA, naming it, where it holds no examples or cannot be trusted
     */
    static Dataset read(Path file, PixelScale pixels) {
        try (InputFile in = InputFile.open(file)) {
            return read(in, pixels);
        }
    }

    /** As {@link #read(Path, PixelScale)}, of a file that is open. */
    static Dataset read(InputFile in, PixelScale pixels) {
        String name = in.path().toString();
        return Gunzip.read(in, content -> read(name, in, 0, in.size(), pixels), content -> {
            NpyHeader header = NpyHeader.read(name, content, in.size() * ZipArchive.DENSEST, true);
            header.requirePackedSize(name, in.size());
            return packed(name, header, content, in.size(), pixels);
        });
    }

    /**
     * Reads an array that lies in a file as it is.
     *
     * @param name what messages call it
     * @param offset of its first byte
     * @param size in bytes
     */
    static Dataset read(String name, InputFile in, long offset, long size, PixelScale pixels) throws IOException {
        InputStream stream = in.stream(offset, size);
        NpyHeader header = NpyHeader.read(name, stream, size, true);
        header.requireSize(name, size);
        NpyFile array = new NpyFile(name, header, pixels);
        return array.dataset(
                array.stays() ? array.mapped(in, offset) : array.converted(stream, in, offset + header.start()));
    }

    /**
     * Reads what follows the header of a packed array.
     *
     * @param packed its size in bytes as it is packed
     */
    static Dataset packed(String name, NpyHeader header, InputStream in, long packed, PixelScale pixels)
            throws IOException {
        long bytes = header.bytes(name);
        Gunzip.requireDense(name, bytes, packed);
        NpyFile array = new NpyFile(name, header, pixels);
        if (!header.fortran()) {
            return array.dataset(array.converted(in, null, 0));
        }
        // Turning it needs every part of it at once.
        byte[] values = Heap.array(name, bytes, 1, byte[]::new);
        array.fill(in, values, values.length);
        return array.dataset(array.turned(InputFile.of(Path.of("memory"), values), 0));
    }

    /** Whether the examples stay in the file. */
    private boolean stays() {
        boolean same =
                header.kind() == 'u' ? header.width() == 1 : header.kind() == 'f' && header.width() >= Float.BYTES;
        boolean asIs = type == Rows.Type.UINT8 || !pixels.isGiven();
        return same && asIs && !header.fortran() && layout.columns() == null && header.bytes(name) > RowStore.share();
    }

    private Rows mapped(InputFile in, long offset) {
        return StoredRows.mapped(in, offset + header.start(), layout.count(), layout.features(), type, header.order());
    }

    private Rows converted(InputStream in, InputFile file, long start) throws IOException {
        return header.fortran() ? turned(file, start) : streamed(in);
    }

    private Dataset dataset(Rows rows) {
        boolean areBytes = type == Rows.Type.UINT8 && header.kind() == 'u';
        if (areBytes) {
            pixels.requireBytes(name, rows);
        }
        return Dataset.unchecked(name, rows, layout.image(), areBytes ? pixels.ofByte() : 1, Optional.empty());
    }

    private RowStore store() {
        return new RowStore(name, layout.features(), type);
    }

    private Rows streamed(InputStream in) throws IOException {
        int rowBytes = layout.rowBytes();
        int block = Math.min(layout.count(), Math.max(1, CHUNK / rowBytes));
        byte[] chunk = Heap.array(name, (long) block * rowBytes, 1, byte[]::new);
        try (RowStore store = store()) {
            Converter converter = new Converter(chunk, store);
            for (int from = 0, rows; from < layout.count(); from += rows) {
                rows = Math.min(block, layout.count() - from);
                fill(in, chunk, rows * rowBytes);
                for (int row = 0; row < rows; row++) {
                    converter.add(row * rowBytes, header.width());
                }
            }
            return store.finish();
        }
    }

    /** In Fortran order, a column's values follow each other. */
    private Rows turned(InputFile in, long start) {
        int width = header.width();
        int features = layout.features();
        int block = Math.min(layout.count(), Math.max(1, TURNED / layout.rowBytes()));
        byte[] chunk = Heap.array(name, (long) block * layout.rowBytes(), 1, byte[]::new);
        ByteBuffer columns = ByteBuffer.wrap(chunk);
        try (RowStore store = store()) {
            Converter converter = new Converter(chunk, store);
            for (int from = 0, rows; from < layout.count(); from += rows) {
                rows = Math.min(block, layout.count() - from);
                for (int column = 0; column < features; column++) {
                    int at = column * block * width;
                    in.read(
                            start + ((long) column * layout.count() + from) * width,
                            columns.clear().position(at).limit(at + rows * width));
                }
                for (int row = 0; row < rows; row++) {
                    converter.add(row * width, block * width);
                }
            }
            return store.finish();
        }
    }

    private void fill(InputStream in, byte[] into, int length) throws IOException {
        if (in.readNBytes(into, 0, length) < length) {
            throw ElboException.data(name + ": ends before its last value; it is truncated");
        }
    }

    /** Turns rows of a chunk into rows of a store. */
    private final class Converter {
        private final byte[] chunk;
        private final ByteBuffer view;
        private final RowStore store;
        private final byte[] bytes = new byte[type == Rows.Type.UINT8 ? layout.features() : 0];
        private final float[] floats = new float[type == Rows.Type.FLOAT32 ? layout.features() : 0];
        private final double[] doubles = new double[type == Rows.Type.UINT8 ? 0 : layout.features()];

        Converter(byte[] chunk, RowStore store) {
            this.chunk = chunk;
            this.view = ByteBuffer.wrap(chunk).order(header.order());
            this.store = store;
        }

        /**
         * Adds a row.
         *
         * @param at of its first value
         * @param step from one value of the file's order to the next
         */
        void add(int at, int step) {
            boolean inOrder = layout.columns() == null && step == header.width();
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
            return layout.columns() == null ? feature : layout.columns()[feature];
        }
    }

    /**
     * How the values of an array make examples.
     *
     * @param columns for each feature which of a row's values it is, in the order of the file; null where that is the same
     */
    private record NpyLayout(int count, int features, int rowBytes, Optional<ImageShape> image, int[] columns) {
        static NpyLayout of(String name, NpyHeader header) {
            int[] shape = header.shape();
            if (shape.length < 2 || shape.length > 4) {
                throw ElboException.data(name + ": has shape " + Shapes.text(shape)
                        + "; examples are (N, D), (N, H, W), (N, C, H, W) or (N, H, W, C)"
                        + (shape.length == 1 ? ", and a list is what labels are" : ""));
            }
            if (header.bytes(name) == 0) {
                throw ElboException.data(name + ": is empty: shape " + Shapes.text(shape));
            }
            int rowBytes = Rows.requireRowBytes(name, header.bytes(name) / shape[0]);
            int features = rowBytes / header.width();
            Optional<ImageShape> image = switch (shape.length) {
                case 2 -> Optional.empty();
                case 3 -> Optional.of(new ImageShape(1, shape[1], shape[2]));
                default -> Optional.of(image(name, shape));
            };
            boolean last = image.isPresent() && shape.length == 4 && !channels(shape[1]);
            return new NpyLayout(shape[0], features, rowBytes, image, columns(header, last, features));
        }

        private static boolean channels(int dimension) {
            return dimension == 1 || dimension == 3;
        }

        private static ImageShape image(String name, int[] shape) {
            if (channels(shape[1])) {
                return new ImageShape(shape[1], shape[2], shape[3]);
            }
            if (channels(shape[3])) {
                return new ImageShape(shape[3], shape[1], shape[2]);
            }
            throw ElboException.data(name + ": has shape " + Shapes.text(shape)
                    + "; pictures have 1 or 3 channels, as the second dimension or the last");
        }

        /** Counts up the features in their order, channel, row, column, while stepping through the file's. */
        private static int[] columns(NpyHeader header, boolean channelsLast, int features) {
            int[] shape = header.shape();
            boolean same = !header.fortran() && (!channelsLast || shape[3] == 1) || shape.length == 2;
            if (same) {
                return null;
            }
            int axes = shape.length - 1;
            int[] strides = new int[axes];
            for (int i = 0, step = 1; i < axes; i++) {
                int axis = header.fortran() ? i : axes - 1 - i;
                strides[axis] = step;
                step *= shape[axis + 1];
            }
            int[] order = channelsLast ? new int[] {2, 0, 1} : axes == 2 ? new int[] {0, 1} : new int[] {0, 1, 2};
            int[] columns = new int[features];
            for (int feature = 0; feature < features; feature++) {
                int rest = feature;
                for (int i = axes - 1; i >= 0; i--) {
                    int dimension = shape[order[i] + 1];
                    columns[feature] += rest % dimension * strides[order[i]];
                    rest /= dimension;
                }
            }
            return columns;
        }
    }
}
