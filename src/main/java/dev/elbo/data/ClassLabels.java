package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Sha256;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The labels of data as the classes of a model. A class is known by its name: the word of a label, or the digits of a label
 * that is a number. So a model finds its classes in data that number them in another way.
 */
public final class ClassLabels {
    private ClassLabels() {}

    /**
     * {@return the names of all classes of some data: the words of their labels in the data's order, or their numbers in
     * ascending order}
     *
     * @param data training data and data held out; each with labels
     * @throws ElboException of kind DATA if there are no labels, or of one class only, or some are words and others numbers
     */
    public static List<String> names(Split data) {
        List<Dataset> all = data.all();
        all.forEach(ClassLabels::labels);
        Dataset train = data.train();
        for (Dataset part : all) {
            if (part.labelNames().isPresent() != train.labelNames().isPresent()) {
                throw ElboException.data(part.name() + ": its labels are "
                        + (part.labelNames().isPresent() ? "words" : "numbers") + ", unlike those of " + train.name()
                        + "; the labels of all parts must be of one kind");
            }
        }
        List<String> names = train.labelNames().isPresent()
                ? all.stream()
                        .flatMap(part -> part.labelNames().orElseThrow().stream())
                        .distinct()
                        .toList()
                : all.stream()
                        .flatMapToInt(part -> Arrays.stream(labels(part)))
                        .distinct()
                        .sorted()
                        .mapToObj(Integer::toString)
                        .toList();
        if (names.size() < 2) {
            throw ElboException.data(
                    train.name() + ": all labels are '" + names.get(0) + "'; a model with classes needs at least two");
        }
        return names;
    }

    private static int[] labels(Dataset data) {
        return data.labels()
                .orElseThrow(() -> ElboException.data(
                        data.name() + ": has no labels, which a model with classes needs for each example"));
    }

    /**
     * {@return the class of each example, as its number in the names}
     *
     * @param data with labels
     * @param classes names of a model's classes
     * @throws ElboException of kind DATA if there are no labels, or one is no class of the model, naming row and label
     */
    public static int[] of(Dataset data, List<String> classes) {
        int[] labels = labels(data);
        Map<String, Integer> numbers = new HashMap<>();
        IntStream.range(0, classes.size()).forEach(i -> numbers.put(classes.get(i), i));
        Map<Integer, Integer> known = new HashMap<>();
        int[] of = new int[labels.length];
        for (int i = 0; i < of.length; i++) {
            int row = i;
            of[i] = known.computeIfAbsent(labels[i], label -> {
                String name = name(data, label);
                Integer number = numbers.get(name);
                if (number == null) {
                    throw ElboException.data(data.name() + ": row " + row + " (from 0) has the label '" + name
                            + "', which is none of the model's classes " + shown(classes));
                }
                return number;
            });
        }
        return of;
    }

    /**
     * {@return the SHA-256 of the class of each example, the same on every machine, in lower-case hexadecimal}
     *
     * @param data as for {@link #of}
     * @param classes names of a model's classes
     */
    public static String fingerprint(Dataset data, List<String> classes) {
        MessageDigest digest = Sha256.create();
        for (int number : of(data, classes)) {
            digest.update((byte) (number >>> 8));
            digest.update((byte) number);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * {@return a note on the classes of which data have no example, if there are any}
     *
     * @param train training data, with labels if there are classes
     * @param classes names of a model's classes
     * @param shards of which these are the data; an example of another member of a group counts
     */
    public static Optional<String> withoutExamples(Dataset train, List<String> classes, Shards shards) {
        if (classes.isEmpty()) {
            return Optional.empty();
        }
        double[] here = new double[classes.size()];
        for (int number : of(train, classes)) {
            here[number] = 1;
        }
        double[] seen = shards.fold(Math::max, here);
        List<String> missing = IntStream.range(0, seen.length)
                .filter(i -> seen[i] == 0)
                .mapToObj(classes::get)
                .toList();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                missing.size() == 1
                        ? "class '" + missing.get(0) + "' has no training examples; the model learns nothing of it"
                        : missing.size() + " classes have no training examples: " + shown(missing)
                                + "; the model learns nothing of them");
    }

    private static String name(Dataset data, int label) {
        return data.labelNames().map(names -> names.get(label)).orElseGet(() -> Integer.toString(label));
    }

    /**
     * {@return the number of a class of a model}
     *
     * @param name of the class
     * @param classes names of the model's classes
     * @throws ElboException of kind USAGE if the model has no such class, or no classes
     */
    public static int number(String name, List<String> classes) {
        int number = classes.indexOf(name);
        if (number < 0) {
            throw ElboException.usage(
                    classes.isEmpty()
                            ? "the model has no classes; train one that is conditional on labels"
                            : "'" + name + "' is none of the model's classes " + shown(classes));
        }
        return number;
    }

    /**
     * {@return a view of data whose examples are all of one class}
     *
     * @param data with or without labels
     * @param name of the class
     */
    public static Dataset all(Dataset data, String name) {
        return data.withLabels(new int[data.size()]).withLabelNames(Optional.of(List.of(name)));
    }

    private static String shown(List<String> classes) {
        int most = 20;
        String some = String.join(", ", classes.subList(0, Math.min(most, classes.size())));
        return classes.size() > most ? some + " and " + (classes.size() - most) + " more" : some;
    }
}
