package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.ZipArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * NPZ, NumPy's archive of arrays. What is in it goes by the names that Keras and others use: {@code x_train} and
 * {@code x_test}, or {@code train_images} and {@code test_images}, are training and test data; otherwise the one array of
 * two or more dimensions is the data, or the one that is asked for. Labels are whole numbers, one per example, in the array of
 * the same name with y for x or labels for images, or in one called y, labels or target; others are not looked at.
 */
final class NpzFile {
    private static final String NPY = ".npy";
    private static final List<List<String>> SPLITS =
            List.of(List.of("x_train", "x_test"), List.of("X_train", "X_test"), List.of("train_images", "test_images"));
    /** Names that a message lists. */
    private static final int LISTED = 16;

    private static final List<String> LABELS = List.of("y", "Y", "labels", "label", "target", "targets");

    private final String file;
    private final InputFile in;
    private final ZipArchive archive;
    private final PixelScale pixels;
    private final Map<String, ZipArchive.Entry> arrays = new TreeMap<>();

    private NpzFile(InputFile in, PixelScale pixels) {
        this.pixels = pixels;
        this.file = in.path().toString();
        this.in = in;
        this.archive = ZipArchive.open(in);
        for (ZipArchive.Entry entry : archive.entries()) {
            String name = entry.name();
            if (!name.endsWith(NPY)) {
                throw ElboException.data(archive.name(entry)
                        + ": is no .npy array, and an NPZ archive holds nothing else; unpack other archives by hand");
            }
            String array = name.substring(0, name.length() - NPY.length());
            arrays.put(array, entry);
        }
    }

    /**
     * Reads an archive.
     *
     * @param array which array holds the examples; empty to go by the names
     * @throws ElboException of kind DATA where it cannot be trusted or holds no examples, of kind USAGE where it is not
     *     plain which array is meant
     */
    static Split read(Path file, Optional<String> array, PixelScale pixels) {
        try (InputFile in = InputFile.open(file)) {
            return read(in, array, pixels);
        }
    }

    /** As {@link #read(Path, Optional, PixelScale)}, of a file that is open. */
    static Split read(InputFile in, Optional<String> array, PixelScale pixels) {
        try {
            return new NpzFile(in, pixels).split(array);
        } catch (IOException e) {
            throw ElboException.io(in.path() + ": reading failed: " + Messages.reason(e), e);
        }
    }

    private Split split(Optional<String> asked) throws IOException {
        if (asked.isPresent() && !arrays.containsKey(asked.get())) {
            throw ElboException.usage("--array " + Messages.quote(asked.get()) + ": " + file + " holds " + listed());
        }
        for (List<String> names : asked.isPresent() ? List.<List<String>>of() : SPLITS) {
            if (arrays.containsKey(names.get(0))) {
                Dataset train = examples(names.get(0), file);
                return new Split(
                        train,
                        arrays.containsKey(names.get(1))
                                ? Optional.of(examples(names.get(1), file + " (test)"))
                                : Optional.empty());
            }
        }
        return new Split(examples(asked.isPresent() ? asked.get() : onlyOne(), file), Optional.empty());
    }

    private String listed() {
        return arrays.isEmpty()
                ? "no arrays"
                : arrays.keySet().stream().limit(LISTED).map(Messages::quote).collect(Collectors.joining(", "))
                        + (arrays.size() > LISTED ? " and " + (arrays.size() - LISTED) + " more" : "");
    }

    /** The one array that can hold examples. */
    private String onlyOne() throws IOException {
        List<String> found = new ArrayList<>();
        ElboException reason =
                ElboException.data(file + ": holds no array of examples, with two or more dimensions, but " + listed());
        for (String array : arrays.keySet()) {
            try {
                if (!LABELS.contains(array) && header(array).shape().length > 1) {
                    found.add(array);
                }
            } catch (ElboException e) {
                // Archives may hold notes beside the numbers; only where there is nothing else they are what is wrong.
                reason = e;
            }
        }
        if (found.isEmpty()) {
            throw reason;
        }
        if (found.size() > 1) {
            throw ElboException.usage(file + ": holds " + listed() + "; say by --array which are the examples");
        }
        return found.get(0);
    }

    private NpyHeader header(String array) throws IOException {
        ZipArchive.Entry entry = arrays.get(array);
        try (ZipArchive.Content content = archive.content(entry)) {
            return header(entry, content);
        }
    }

    private NpyHeader header(ZipArchive.Entry entry, ZipArchive.Content content) throws IOException {
        NpyHeader header = NpyHeader.read(archive.name(entry), content, entry.size());
        header.requireSize(archive.name(entry), entry.size());
        return header;
    }

    private Dataset examples(String array, String name) throws IOException {
        ZipArchive.Entry entry = arrays.get(array);
        Dataset data;
        if (entry.stored()) {
            try (ZipArchive.Content content = archive.content(entry)) {
                content.transferTo(OutputStream.nullOutputStream());
                content.requireEnd();
            }
            data = NpyFile.read(archive.name(entry), in, archive.start(entry), entry.size(), pixels);
        } else {
            try (ZipArchive.Content content = archive.content(entry)) {
                data = NpyFile.packed(archive.name(entry), header(entry, content), content, entry.packed(), pixels);
                content.requireEnd();
            }
        }
        return data.named(name).withLabels(labels(array, data.examples()));
    }

    private Optional<int[]> labels(String array, int examples) throws IOException {
        for (String name : partners(array)) {
            if (!arrays.containsKey(name) || name.equals(array)) {
                continue;
            }
            NpyHeader header = header(name);
            int[] shape = header.shape();
            if (!Labels.isList(shape) || header.kind() != 'i' && header.kind() != 'u') {
                continue;
            }
            ZipArchive.Entry entry = arrays.get(name);
            if (shape[0] != examples) {
                throw ElboException.data(archive.name(entry) + ": has " + shape[0] + " labels, " + Messages.quote(array)
                        + " has " + examples + " examples; the counts must be equal");
            }
            try (ZipArchive.Content content = archive.content(entry)) {
                NpyArray labels = Npy.read(archive.name(entry), content, entry.size());
                content.requireEnd();
                return Optional.of(Labels.of(archive.name(entry), labels));
            }
        }
        return Optional.empty();
    }

    private static List<String> partners(String array) {
        if (array.startsWith("x_") || array.startsWith("X_")) {
            return List.of("y_" + array.substring(2), "Y_" + array.substring(2));
        }
        return array.contains("images") ? List.of(array.replace("images", "labels")) : LABELS;
    }
}
