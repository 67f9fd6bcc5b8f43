package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * NPZ, NumPy's archive of arrays. Names say what is in it, see {@link PartNames}: {@code x_train} and {@code x_test} are
 * training and test data, whatever their spelling; otherwise the one array of two or more dimensions is the data, or the only
 * one named as examples are, or the one that is asked for. Validation data beside test data are taken too, without labels. Labels are in the array of the same part that is called y, labels,
 * targets or classes, in any form that {@link NpyLabels} reads. One note names all that is not used.
 */
final class NpzFile {
    private final NpzArrays arrays;
    private final Set<String> used = new HashSet<>();
    private final NotUsed notUsed;

    private NpzFile(InputFile in, PixelScale pixels) {
        this.arrays = new NpzArrays(in, pixels);
        this.notUsed = new NotUsed(arrays.file());
    }

    /**
     * Reads an archive; the examples are in the array that is given, or go by the names. An {@link ElboException} is of
     * kind DATA if it cannot be trusted or holds no examples, of kind USAGE if it is unclear which array is meant.
     */
    static Split read(Path file, Optional<String> array, PixelScale pixels, Progress progress) {
        try (InputFile in = InputFile.open(file)) {
            return read(in, array, pixels, progress);
        }
    }

    static Split read(InputFile in, Optional<String> array, PixelScale pixels, Progress progress) {
        try {
            return new NpzFile(in, pixels).split(array, progress);
        } catch (IOException e) {
            throw ElboException.io(in.path() + ": reading failed: " + Messages.reason(e), e);
        } catch (UncheckedIOException e) {
            throw ElboException.io(in.path() + ": reading failed: " + Messages.reason(e.getCause()), e);
        }
    }

    private Split split(Optional<String> asked, Progress progress) throws IOException {
        NpzChoice choice = NpzChoice.of(arrays, asked);
        used.add(choice.train());
        choice.test().ifPresent(used::add);
        Dataset train = arrays.examples(choice.train()).named(arrays.file());
        Optional<Found> trainLabels = labels(choice.train(), train.size());
        Optional<Dataset> test = Optional.empty();
        Optional<Found> testLabels = Optional.empty();
        if (choice.test().isPresent()) {
            test = Optional.of(arrays.examples(choice.test().get()).named(arrays.file() + " (test)"));
            testLabels =
                    agreeing(trainLabels, labels(choice.test().get(), test.get().size()));
        }
        Split split = LabelList.onto(
                new Split(train, test, validation(choice, train), false),
                trainLabels.map(Found::labels),
                testLabels.map(Found::labels));
        trainLabels.ifPresent(found -> used.add(found.array));
        testLabels.ifPresent(found -> used.add(found.array));
        arrays.names().stream().filter(name -> !used.contains(name)).forEach(notUsed::add);
        arrays.others().forEach(notUsed::add);
        notUsed.note(arrays::problem).ifPresent(progress::note);
        return split;
    }

    private Optional<Dataset> validation(NpzChoice choice, Dataset train) throws IOException {
        if (choice.validation().isEmpty()) {
            return Optional.empty();
        }
        String name = choice.validation().get();
        Dataset data = arrays.examples(name).named(arrays.file() + " (validation)");
        if (data.features() != train.features()) {
            notUsed.add(name, "has " + data.features() + " features, the training data " + train.features());
            return Optional.empty();
        }
        used.add(name);
        return Optional.of(data);
    }

    private record Found(String array, LabelList labels) {}

    private Optional<Found> labels(String array, int examples) throws IOException {
        for (String name : NpzChoice.labels(arrays, array)) {
            NpyLabels read = arrays.labels(name);
            if (read.labels().isEmpty()) {
                notUsed.add(name, read.reason());
                continue;
            }
            LabelList labels = read.labels().get();
            if (labels.count() == examples) {
                return Optional.of(new Found(name, labels));
            }
            if (NpzChoice.belong(array, name)) {
                throw ElboException.data(arrays.name(name) + ": has " + labels.count() + " labels, "
                        + Messages.quote(array) + " has " + examples + " examples; the counts must be equal");
            }
            notUsed.add(name, "has " + labels.count() + " labels for " + examples + " examples");
        }
        return Optional.empty();
    }

    /** Returns the labels of the test data, unless equal ones would have another meaning in the training data. */
    private Optional<Found> agreeing(Optional<Found> train, Optional<Found> test) {
        if (train.isEmpty() || test.isEmpty() || LabelList.agree(train.get().labels, test.get().labels)) {
            return test;
        }
        notUsed.add(
                test.get().array,
                "holds " + test.get().labels.kind() + ", but " + Messages.quote(train.get().array) + " "
                        + train.get().labels.kind());
        return Optional.empty();
    }
}
