package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Several data sets of one kind as one. */
final class JoinedDatasets {
    private JoinedDatasets() {}

    /**
     * Returns the examples of all, those of one after those of the other; a view. Refuses the first part that does not
     * fit.
     */
    static Dataset of(List<Dataset> parts) {
        Dataset first = parts.get(0);
        parts.forEach(part -> requireLike(first, part));
        Optional<List<String>> labelNames = first.labelNames()
                .map(some -> parts.stream()
                        .flatMap(part -> part.labelNames().orElseThrow().stream())
                        .distinct()
                        .sorted()
                        .toList());
        Optional<int[]> labels = first.labels()
                .map(some -> parts.stream()
                        .flatMapToInt(part -> labels(part, labelNames))
                        .toArray());
        String name = parts.stream().map(Dataset::name).collect(Collectors.joining(" + "));
        Optional<ImageShape> shape =
                parts.stream().allMatch(part -> part.image().equals(first.image())) ? first.image() : Optional.empty();
        Optional<List<String>> columns =
                parts.stream().flatMap(part -> part.columns().stream()).findFirst();
        Rows rows = Rows.joined(parts.stream().map(Dataset::rows).toList());
        return Dataset.unchecked(name, rows, shape, first.scale(), labels).withNames(columns, labelNames);
    }

    /** The labels of a part in a numbering that has all names. */
    private static IntStream labels(Dataset part, Optional<List<String>> names) {
        IntStream own = Arrays.stream(part.labels().orElseThrow());
        if (names.isEmpty()) {
            return own;
        }
        int[] numbers = part.labelNames().orElseThrow().stream()
                .mapToInt(names.get()::indexOf)
                .toArray();
        return own.map(label -> numbers[label]);
    }

    private static void requireLike(Dataset first, Dataset other) {
        if (other.features() != first.features()) {
            throw unlike(other, "has " + other.features() + " features, " + first.name() + " has " + first.features());
        }
        if (other.isBytes() != first.isBytes() || other.scale() != first.scale()) {
            throw unlike(other, "holds " + other.type() + ", " + first.name() + " holds " + first.type());
        }
        if (!labels(other).equals(labels(first))) {
            throw unlike(other, "has " + labels(other) + ", " + first.name() + " has " + labels(first));
        }
        if (first.columns().isPresent()
                && other.columns().isPresent()
                && !other.columns().equals(first.columns())) {
            throw unlike(other, "its columns differ in name or order from those of " + first.name());
        }
    }

    private static String labels(Dataset data) {
        return data.labels().isEmpty()
                ? "no labels"
                : data.labelNames().isEmpty() ? "labels that are numbers" : "labels that are words";
    }

    private static ElboException unlike(Dataset other, String difference) {
        return ElboException.data(other.name() + ": " + difference + "; only data of the same kind make one data set");
    }
}
