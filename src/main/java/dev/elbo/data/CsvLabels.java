package dev.elbo.data;

import dev.elbo.error.ElboException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A collector of labels: whole numbers are kept, anything else is numbered in sorted order. */
final class CsvLabels {
    /** The most different labels: more are not classes. */
    static final int MOST = 1 << 16;

    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,9}");

    private final Map<String, Integer> order = new HashMap<>();
    private final IntStream.Builder labels = IntStream.builder();

    /** Adds the next label; {@code where} is its file, line and column, for the error. */
    void add(String label, String where) {
        if (label.isEmpty()) {
            throw ElboException.data(where + ": the label is empty; fill it in, or remove the row");
        }
        Integer number = order.get(label);
        if (number == null) {
            number = order.size();
            if (number == MOST) {
                throw ElboException.data(where + ": more than " + MOST
                        + " different labels; choose the column of the classes with withLabelColumn, or none");
            }
            order.put(label, number);
        }
        labels.add(number);
    }

    /** Returns the names of the labels 0, 1, … if they are not whole numbers. */
    Optional<List<String>> names() {
        return areNumbers() ? Optional.empty() : Optional.of(sorted());
    }

    /** One whole number for each label added; nothing can be added any more. */
    int[] values() {
        int[] values = new int[order.size()];
        List<String> sorted = sorted();
        boolean numbers = areNumbers();
        for (int i = 0; i < sorted.size(); i++) {
            values[order.get(sorted.get(i))] = numbers ? Integer.parseInt(sorted.get(i)) : i;
        }
        return labels.build().map(label -> values[label]).toArray();
    }

    static boolean isNumber(String label) {
        return WHOLE.matcher(label).matches();
    }

    private boolean areNumbers() {
        return order.keySet().stream().allMatch(CsvLabels::isNumber);
    }

    private List<String> sorted() {
        return order.keySet().stream().sorted().toList();
    }
}
