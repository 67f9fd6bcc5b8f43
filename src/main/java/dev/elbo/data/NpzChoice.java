package dev.elbo.data;

import dev.elbo.data.PartNames.ArrayName;
import dev.elbo.data.PartNames.Part;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The arrays of an NPZ archive that hold the examples, by their names and shapes.
 *
 * @param train the examples, or those to train on
 * @param test empty if there are none apart
 * @param validation empty if there are none apart, or no test data beside them
 */
record NpzChoice(String train, Optional<String> test, Optional<String> validation) {
    /** Preferred names if several arrays could be the training data. */
    private static final List<List<String>> FIRST =
            List.of(List.of("x_train", "x_test"), List.of("X_train", "X_test"), List.of("train_images", "test_images"));

    /** Preferred names of labels, which are never examples. */
    private static final List<String> LABELS = List.of("y", "Y", "labels", "label", "target", "targets");

    private static final List<String> KINDS_OF_LABELS = List.of("y", "label", "target", "class");

    /**
     * Chooses the examples: the array that is asked for, or by the names. An {@link ElboException} is of kind USAGE if
     * it is unclear which array is meant or the requested one is missing, of kind DATA if none holds examples.
     */
    static NpzChoice of(NpzArrays arrays, Optional<String> asked) {
        if (asked.isPresent() && !arrays.has(asked.get())) {
            throw ElboException.usage(
                    "withArray(" + Messages.quote(asked.get()) + "): " + arrays.file() + " holds " + arrays.listed());
        }
        if (asked.isEmpty() || asked.get().equals("data")) {
            requireDense(arrays);
        }
        if (asked.isPresent()) {
            return new NpzChoice(asked.get(), Optional.empty(), Optional.empty());
        }
        for (List<String> names : FIRST) {
            if (arrays.has(names.get(0))) {
                return new NpzChoice(
                        arrays,
                        names.get(0),
                        arrays.has(names.get(1)) ? Optional.of(names.get(1)) : test(arrays, names.get(0)));
            }
        }
        List<String> train = examples(arrays, Part.TRAIN, name -> name.role().isPresent());
        if (train.isEmpty()) {
            return new NpzChoice(only(arrays), Optional.empty(), Optional.empty());
        }
        requireOne(arrays, train, "training data");
        return new NpzChoice(arrays, train.get(0), test(arrays, train.get(0)));
    }

    private NpzChoice(NpzArrays arrays, String train, Optional<String> test) {
        this(train, test, test.isEmpty() ? Optional.empty() : validation(arrays, train));
    }

    private static Optional<String> validation(NpzArrays arrays, String train) {
        Set<String> kinds = PartNames.array(train).kinds();
        List<String> found =
                examples(arrays, Part.VALIDATION, name -> name.kinds().equals(kinds));
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    private static Optional<String> test(NpzArrays arrays, String train) {
        Set<String> kinds = PartNames.array(train).kinds();
        List<String> test = examples(arrays, Part.TEST, name -> name.kinds().equals(kinds));
        requireOne(arrays, test, "test data");
        return test.stream().findFirst();
    }

    /** The arrays that hold examples of a part; where some have a name that is preferred, these alone. */
    private static List<String> examples(NpzArrays arrays, Part part, Predicate<ArrayName> preferred) {
        List<String> found = arrays.names().stream()
                .filter(array -> {
                    ArrayName name = PartNames.array(array);
                    return name.examples() && name.part().equals(Optional.of(part)) && arrays.usable(array);
                })
                .toList();
        List<String> first = found.stream()
                .filter(array -> preferred.test(PartNames.array(array)))
                .toList();
        return first.isEmpty() ? found : first;
    }

    private static void requireOne(NpzArrays arrays, List<String> found, String kind) {
        if (found.size() > 1) {
            throw ElboException.usage(arrays.file() + ": by their names "
                    + found.stream().limit(NotUsed.LISTED).map(Messages::quote).collect(Collectors.joining(", "))
                    + " are all " + kind + "; choose the examples with withArray");
        }
    }

    /** The one array that can hold examples, or the only one of several that is named so. */
    private static String only(NpzArrays arrays) {
        List<String> usable = arrays.names().stream()
                .filter(array -> !LABELS.contains(array) && arrays.usable(array))
                .toList();
        List<String> found = usable.stream()
                .filter(array -> !PartNames.array(array).labels())
                .toList();
        found = found.isEmpty() ? usable : found;
        if (found.isEmpty()) {
            throw none(arrays);
        }
        List<String> named = found.stream()
                .filter(array -> PartNames.array(array).examples())
                .toList();
        if (named.size() == 1 && PartNames.array(named.get(0)).part().isEmpty()) {
            return named.get(0);
        }
        if (found.size() > 1) {
            throw ElboException.usage(
                    arrays.file() + ": holds " + arrays.listed() + "; choose the examples with withArray");
        }
        return found.get(0);
    }

    /** Returns the error of an archive without examples; an array that cannot be read is reported first. */
    private static ElboException none(NpzArrays arrays) {
        arrays.names().stream().filter(array -> !LABELS.contains(array)).forEach(arrays::requireNumbers);
        return ElboException.data(
                arrays.file() + ": holds no array of examples (two or more dimensions), only " + arrays.listed());
    }

    /** Refuses a sparse matrix, whose parts are arrays too, some with two dimensions. */
    private static void requireDense(NpzArrays arrays) {
        Set<String> names = arrays.names();
        boolean parts = names.containsAll(Set.of("indices", "indptr"))
                || names.containsAll(Set.of("row", "col"))
                || names.contains("coords")
                || names.contains("offsets");
        if (parts && names.containsAll(Set.of("format", "shape", "data"))) {
            throw ElboException.data(arrays.file()
                    + ": holds a sparse matrix of SciPy (scipy.sparse.save_npz); only dense arrays are read: save it with"
                    + " numpy.save(FILE, matrix.toarray())");
        }
    }

    /** The names under which labels of an array may be, the likeliest first. */
    static Set<String> labels(NpzArrays arrays, String array) {
        Set<String> names = new LinkedHashSet<>(sameName(array));
        ArrayName of = PartNames.array(array);
        if (of.part().isEmpty()) {
            names.addAll(LABELS);
        }
        arrays.names().stream()
                .filter(name -> PartNames.array(name).labels()
                        && PartNames.array(name).part().equals(of.part()))
                .sorted(Comparator.comparingInt(name -> distance(of, PartNames.array(name))))
                .forEach(names::add);
        names.retainAll(arrays.names());
        names.remove(array);
        return names;
    }

    /** The name with y for x, or labels for images, whatever else is in it. */
    private static List<String> sameName(String array) {
        if (array.startsWith("x_") || array.startsWith("X_")) {
            return List.of("y_" + array.substring(2), "Y_" + array.substring(2));
        }
        return array.contains("images") ? List.of(array.replace("images", "labels")) : List.of();
    }

    /** Usual pairs of names are x and y, images and labels, data and target. */
    private static int distance(ArrayName examples, ArrayName labels) {
        boolean pair = examples.kinds().contains("x") && labels.kinds().contains("y")
                || examples.kinds().contains("image") && labels.kinds().contains("label")
                || examples.kinds().contains("data") && labels.kinds().contains("target");
        return pair
                ? 0
                : 1
                        + labels.kinds().stream()
                                .mapToInt(KINDS_OF_LABELS::indexOf)
                                .min()
                                .orElse(0);
    }

    /** Returns whether labels of another number than there are examples must be a fault, going by the names of both. */
    static boolean belong(String array, String labels) {
        // classes may be the names of all classes there are
        boolean classes = PartNames.array(labels).kinds().equals(Set.of("class"));
        List<String> same = sameName(array);
        return same.contains(labels)
                || !classes && (same.isEmpty() || PartNames.array(array).known());
    }
}
