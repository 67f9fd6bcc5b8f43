package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.ZipArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The labels of examples, one each, as they were found: whole numbers, or words; the other of the two is empty. */
record LabelList(int[] numbers, String[] words) {
    /** The largest exact label: beyond it, neighbours round to one float32, the type that IDX files are read as. */
    private static final int MAX_IN_FLOAT = (1 << 24) - 1;

    static LabelList ofNumbers(int[] numbers) {
        return new LabelList(numbers, new String[0]);
    }

    /** @param words none of them empty, and at most {@value CsvLabels#MOST} different */
    static LabelList ofWords(String[] words) {
        return new LabelList(new int[0], words);
    }

    int count() {
        return numbers.length + words.length;
    }

    /** Returns whether the labels of training and test data are of one kind, so that equal ones mean the same. */
    static boolean agree(LabelList train, LabelList test) {
        return train.kind().equals(test.kind()) || train.areNumbers() && test.areNumbers();
    }

    String kind() {
        return words.length == 0 ? "numbers" : "words";
    }

    /** Returns whether all are whole numbers, be they written as words. */
    private boolean areNumbers() {
        return Arrays.stream(words).allMatch(CsvLabels::isNumber);
    }

    /** Data with labels, as many as there are examples; words of training and test data have one numbering. */
    static Split onto(Split split, Optional<LabelList> train, Optional<LabelList> test) {
        CsvLabels all = new CsvLabels();
        train.ifPresent(labels -> labels.addTo(all));
        test.ifPresent(labels -> labels.addTo(all));
        int[] values = all.values();
        int first = train.map(labels -> labels.words.length).orElse(0);
        return new Split(
                labelled(split.train(), train, Arrays.copyOf(values, first), all.names()),
                split.test()
                        .map(data ->
                                labelled(data, test, Arrays.copyOfRange(values, first, values.length), all.names())),
                split.validation(),
                split.complete());
    }

    private static Dataset labelled(
            Dataset data, Optional<LabelList> labels, int[] ofWords, Optional<List<String>> names) {
        if (labels.isEmpty()) {
            return data;
        }
        boolean words = labels.get().words.length > 0;
        Dataset labelled = data.withLabels(words ? ofWords : labels.get().numbers);
        return words ? labelled.withLabelNames(names) : labelled;
    }

    private void addTo(CsvLabels labels) {
        for (int i = 0; i < words.length; i++) {
            labels.add(words[i], "label " + i + " (from 0)");
        }
    }

    /** Reads labels, gzip too: of IDX a list of whole numbers, of NPY all that {@link NpyLabels} reads. */
    static LabelList read(Path file) {
        Content content = Content.of(file);
        if (content.startsWith("\0\0")) {
            return ofNumbers(of(file.toString(), Idx.read(file, Optional.empty(), PixelScale.BY_KIND)));
        }
        if (content.folder() || !content.startsWith("\u0093NUMPY")) {
            throw ElboException.data(file + ": labels are read from IDX and NPY files, gzip too");
        }
        try (InputFile in = InputFile.open(file)) {
            return Gunzip.read(in, stream -> labels(in, stream, false), stream -> labels(in, stream, true));
        }
    }

    private static LabelList labels(InputFile in, InputStream content, boolean packed) throws IOException {
        String name = in.path().toString();
        NpyHeader header = NpyHeader.read(name, content, packed ? in.size() * ZipArchive.DENSEST : in.size(), false);
        if (packed) {
            header.requirePackedSize(name, in.size());
        } else {
            header.requireSize(name, in.size());
        }
        NpyLabels found = NpyLabels.read(name, header, content);
        return found.labels()
                .orElseThrow(() -> ElboException.data(name + ": " + found.reason() + "; labels are whole numbers, from "
                        + -Integer.MAX_VALUE + " to " + Integer.MAX_VALUE
                        + ", booleans, one-hot rows or words, one per example"));
    }

    /** Returns whether an array of this shape is a list, or the one column that some save it as. */
    static boolean isList(int[] shape) {
        return shape.length == 1 || shape.length == 2 && shape[1] == 1;
    }

    static boolean isWhole(double value) {
        return isWhole(value, Integer.MAX_VALUE);
    }

    private static boolean isWhole(double value, int most) {
        int label = (int) value;
        return label == value && Math.abs((long) label) <= most;
    }

    static int[] of(String name, Idx.Array array) {
        if (!isList(array.shape())) {
            throw ElboException.data(name + ": has rank " + array.shape().length + "; labels are a list, of rank 1");
        }
        int[] labels = new int[array.rows().count()];
        array.rows().visit((from, count, values) -> {
            for (int i = 0; i < count; i++) {
                labels[from + i] = label(name, from + i, values[i]);
            }
            return true;
        });
        return labels;
    }

    private static int label(String name, int number, double value) {
        if (!isWhole(value, MAX_IN_FLOAT)) {
            throw ElboException.data(name + ": label " + number + " (from 0) is " + value
                    + "; labels are whole numbers, from " + -MAX_IN_FLOAT + " to " + MAX_IN_FLOAT
                    + " in this kind of file");
        }
        return (int) value;
    }
}
