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
import java.nio.file.Path;
import java.util.Optional;

/**
 * Examples in NPY arrays: (N, D), (N, H, W), (N, C, H, W), or (N, H, W, C), which is turned to channels first. Unsigned
 * bytes are pixels, 255 standing for 1, as in IDX files and whatever their rank; booleans are 0 and 1; all other numbers are
 * taken as they are, those that float32 does not hold as float64. {@link PixelScale} may say otherwise. Arrays of bytes and
 * floats in C order that take more than a share of the heap stay in the file.
 */
final class NpyFile {
    private NpyFile() {}

    static Dataset read(Path file, PixelScale pixels) {
        try (InputFile in = InputFile.open(file)) {
            return read(in, pixels);
        }
    }

    static Dataset read(InputFile in, PixelScale pixels) {
        String name = in.path().toString();
        return Gunzip.read(in, content -> read(name, in, 0, in.size(), pixels), content -> {
            NpyHeader header = NpyHeader.read(name, content, in.size() * ZipArchive.DENSEST, true);
            header.requirePackedSize(name, in.size());
            return packed(name, header, content, in.size(), pixels);
        });
    }

    /** Reads an array that lies in a file as it is, from a byte on. */
    static Dataset read(String name, InputFile in, long offset, long size, PixelScale pixels) throws IOException {
        InputStream stream = in.stream(offset, size);
        NpyHeader header = NpyHeader.read(name, stream, size, true);
        header.requireSize(name, size);
        ArrayRows array = rows(name, header, pixels);
        Rows rows = array.stays()
                ? array.mapped(in, offset)
                : header.fortran() ? array.turned(in, offset + header.start()) : array.streamed(stream);
        return dataset(array, rows);
    }

    /** Reads what follows the header of a packed array, which takes {@code packed} bytes. */
    static Dataset packed(String name, NpyHeader header, InputStream in, long packed, PixelScale pixels)
            throws IOException {
        long bytes = header.bytes(name);
        Gunzip.requireDense(name, bytes, packed);
        ArrayRows array = rows(name, header, pixels);
        if (!header.fortran()) {
            return dataset(array, array.streamed(in));
        }
        // Turning it needs every part of it at once.
        byte[] values = Heap.array(name, bytes, 1, byte[]::new);
        if (in.readNBytes(values, 0, values.length) < values.length) {
            throw ElboException.data(name + ": ends before its last value; it is truncated");
        }
        return dataset(array, array.turned(InputFile.of(Path.of("memory"), values), 0));
    }

    private static Dataset dataset(ArrayRows array, Rows rows) {
        boolean areBytes = rows.isBytes() && array.header().kind() == 'u';
        if (areBytes) {
            array.pixels().requireBytes(array.name(), rows);
        }
        float scale = areBytes ? array.pixels().ofByte() : 1;
        return Dataset.unchecked(array.name(), rows, array.image(), scale, Optional.empty());
    }

    /** Finds the layout of examples in the values. */
    private static ArrayRows rows(String name, NpyHeader header, PixelScale pixels) {
        int[] shape = header.shape();
        if (shape.length < 2 || shape.length > 4) {
            throw ElboException.data(name + ": has shape " + Shapes.text(shape)
                    + "; examples are (N, D), (N, H, W), (N, C, H, W) or (N, H, W, C)"
                    + (shape.length == 1 ? ", and a list holds labels" : ""));
        }
        if (header.bytes(name) == 0) {
            throw ElboException.data(name + ": is empty: shape " + Shapes.text(shape));
        }
        int features = Rows.requireRowBytes(name, header.bytes(name) / shape[0]) / header.width();
        Optional<ImageShape> image = switch (shape.length) {
            case 2 -> Optional.empty();
            case 3 -> Optional.of(new ImageShape(1, shape[1], shape[2]));
            default -> Optional.of(image(name, shape));
        };
        boolean last = image.isPresent() && shape.length == 4 && !channels(shape[1]);
        return new ArrayRows(name, header, features, columns(header, last, features), image, pixels);
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
