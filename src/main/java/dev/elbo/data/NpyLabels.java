package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.NpyWords;
import dev.elbo.io.Shapes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Labels in NPY arrays: a list or a column of whole numbers of any type, of booleans (0 and 1) or of words, or one row
 * per example with a 1 in the column of its class and 0 in all others (one-hot). Anything else is refused as early as
 * possible, and takes no more memory than one number per row.
 *
 * @param labels empty if it holds none
 * @param reason why it holds none, in a few words that can follow its name
 */
record NpyLabels(Optional<LabelList> labels, String reason) {
    /** The limit for one part, so that the words of training and test data together stay within the limit. */
    private static final int MAX_WORDS = CsvLabels.MOST / 2;

    private static final int CHUNK = 1 << 16;

    private static NpyLabels of(LabelList labels) {
        return new NpyLabels(Optional.of(labels), "");
    }

    private static NpyLabels none(String reason) {
        return new NpyLabels(Optional.empty(), reason);
    }

    /** Reads labels to the end of the last one; the size of numbers and words is already checked. */
    static NpyLabels read(String name, NpyHeader header, InputStream in) throws IOException {
        int[] shape = header.shape();
        if (!header.isNumbers() && !header.isWords()) {
            return none(kind(header));
        }
        if (LabelList.isList(shape)) {
            return header.isWords() ? words(name, header, in) : numbers(name, header, in, 1);
        }
        if (shape.length != 2 || shape[1] == 0 || header.isWords()) {
            return none("has shape " + Shapes.text(shape) + ", not one label per example");
        }
        return numbers(name, header, in, shape[1]);
    }

    /** Describes the values of a kind that is not read. */
    static String kind(NpyHeader header) {
        return switch (header.kind()) {
            case 'O' -> "holds objects";
            case 'V' -> "holds records";
            case 'U', 'S' -> "holds words";
            default -> "holds neither numbers nor words";
        };
    }

    private static NpyLabels words(String name, NpyHeader header, InputStream in) throws IOException {
        Optional<String[]> words = NpyWords.read(name, header, in, MAX_WORDS);
        if (words.isEmpty()) {
            return none("has more than " + MAX_WORDS + " different words");
        }
        int empty = Arrays.asList(words.get()).indexOf("");
        return empty >= 0 ? none("label " + empty + ", from 0, is an empty word") : of(LabelList.ofWords(words.get()));
    }

    /** @param columns 1 of a list, whose values are the labels; otherwise the values say which column is the label */
    private static NpyLabels numbers(String name, NpyHeader header, InputStream in, int columns) throws IOException {
        int rows = header.shape()[0];
        int[] labels = Heap.array(name, rows, Integer.BYTES, int[]::new);
        Arrays.fill(labels, -1);
        long count = (long) rows * columns;
        int width = header.width();
        byte[] chunk = new byte[CHUNK];
        ByteBuffer view = ByteBuffer.wrap(chunk).order(header.order());
        for (long done = 0; done < count; ) {
            int some = (int) Math.min(count - done, CHUNK / width);
            if (in.readNBytes(chunk, 0, some * width) < some * width) {
                throw ElboException.data(name + ": ends before its last value; it is truncated");
            }
            for (int i = 0; i < some; i++, done++) {
                double value = header.value(view, i * width);
                int row = (int) (header.fortran() ? done % rows : done / columns);
                if (columns == 1) {
                    if (!LabelList.isWhole(value)) {
                        return none("label " + row + ", from 0, is " + value
                                + (value == Math.rint(value) && !Double.isInfinite(value)
                                        ? ", too large"
                                        : ", not a whole number"));
                    }
                    labels[row] = (int) value;
                } else if (value != 0) {
                    if (value != 1 || labels[row] >= 0) {
                        return none("row " + row + ", from 0, " + (value == 1 ? "has more than one 1" : "has " + value)
                                + ", so it is not one-hot");
                    }
                    labels[row] = (int) (header.fortran() ? done / rows : done % columns);
                }
            }
        }
        if (columns > 1) {
            for (int row = 0; row < rows; row++) {
                if (labels[row] < 0) {
                    return none("row " + row + ", from 0, has no 1, so it is not one-hot");
                }
            }
        }
        return of(LabelList.ofNumbers(labels));
    }
}
