package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The columns of a file that are taken, and their roles.
 *
 * @param roles for each column of the file its place among the features, {@link #IGNORED} or {@link #LABEL}
 * @param features number of columns taken
 * @param names of the features, in their order, where the file has a header
 * @param notUsed the names of columns that a model does not take, and no option leaves out
 * @param byModel whether they were found by the names of a model's inputs
 */
record CsvColumns(int[] roles, int features, Optional<List<String>> names, List<String> notUsed, boolean byModel) {
    static final int IGNORED = -1;
    static final int LABEL = -2;

    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");
    private static final int LISTED = 8;

    /** Returns whether a wish is a number or a range of numbers, not a name. */
    static boolean isNumeric(String wish) {
        return RANGE.matcher(wish).matches();
    }

    /** @throws IllegalArgumentException for a wish that no file can fulfil */
    static void require(String option, String wish) {
        Matcher range = RANGE.matcher(wish);
        if (wish.isEmpty()) {
            throw new IllegalArgumentException(option + ": a column's name is empty; give a name or a number from 1");
        }
        if (!range.matches()) {
            return;
        }
        int first = Integer.parseInt(range.group(1));
        if (first < 1) {
            throw new IllegalArgumentException(option + "(" + wish + "): columns are counted from 1");
        }
        if (range.group(2) != null && option.equals("withLabelColumn")) {
            throw new IllegalArgumentException(option + "(" + wish + "): there is one column of labels at most");
        }
        if (range.group(2) != null && Integer.parseInt(range.group(2)) < first) {
            throw new IllegalArgumentException(option + "(" + wish + "): the range ends before it begins");
        }
    }

    /** Returns the column of the file that each feature is. */
    int[] places() {
        int[] places = new int[features];
        for (int i = 0; i < roles.length; i++) {
            if (roles[i] >= 0) {
                places[roles[i]] = i;
            }
        }
        return places;
    }

    /**
     * Chooses the columns that the options ask for, by the width and line of the header, or else of the first row; one
     * that is not there, is chosen twice or leaves nothing is an {@link ElboException} of kind DATA.
     */
    static CsvColumns of(String file, CsvOptions options, int width, Optional<List<String>> header, long line) {
        Map<String, List<Integer>> places = IntStream.range(
                        0, header.map(List::size).orElse(0))
                .boxed()
                .collect(Collectors.groupingBy(header.orElse(List.of())::get));
        return new Resolution(file, width, header, line, places).resolve(options);
    }

    /** @param places the columns of each name */
    private record Resolution(
            String file, int width, Optional<List<String>> header, long line, Map<String, List<Integer>> places) {
        CsvColumns resolve(CsvOptions options) {
            int[] roles = new int[width];
            Arrays.fill(roles, IGNORED);
            Integer label = options.label()
                    .map(wish -> places("withLabelColumn", List.of(wish))[0])
                    .orElse(null);
            boolean[] ignored = new boolean[width];
            for (int column : places("withIgnoredColumns", options.ignored())) {
                ignored[column] = true;
            }
            boolean byModel = options.columns().isEmpty()
                    && header.isPresent()
                    && !options.names().isEmpty();
            if (byModel) {
                requireModelNames(options.names());
            }
            int[] wished = byModel
                    ? options.names().stream().mapToInt(this::only).toArray()
                    : options.columns().isEmpty()
                            ? IntStream.range(0, width).toArray()
                            : places("withColumns", options.columns());
            List<Integer> taken = new ArrayList<>();
            for (int column : wished) {
                if (roles[column] >= 0) {
                    throw ElboException.data(file + ": " + column(column) + " is chosen twice; choose it once");
                }
                boolean isLabel = label != null && column == label;
                if (isLabel && (byModel || !options.columns().isEmpty())) {
                    throw ElboException.data(
                            file + ": " + column(column)
                                    + " is both the label and an input; leave it out of one of withColumns and withLabelColumn");
                }
                if (!isLabel && !ignored[column]) {
                    roles[column] = taken.size();
                    taken.add(column);
                }
            }
            if (taken.isEmpty()) {
                throw ElboException.data(file + ": none of its " + width + " columns is left to be read");
            }
            if (label != null) {
                roles[label] = LABEL;
            }
            List<String> notUsed = !byModel
                    ? List.of()
                    : IntStream.range(0, width)
                            .filter(column -> roles[column] == IGNORED && !ignored[column])
                            .mapToObj(column -> header.get().get(column))
                            .toList();
            return new CsvColumns(roles, taken.size(), header.map(all -> names(taken)), notUsed, byModel);
        }

        private int[] places(String option, List<String> wishes) {
            return wishes.stream().flatMapToInt(wish -> place(option, wish)).toArray();
        }

        private IntStream place(String option, String wish) {
            Matcher range = RANGE.matcher(wish);
            if (!range.matches()) {
                if (!places.containsKey(wish)) {
                    throw ElboException.data(
                            file + ": has no column " + Messages.quote(wish) + " (" + option + "); " + known());
                }
                return IntStream.of(only(wish));
            }
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (last > width) {
                throw ElboException.data(
                        file + ": has no column " + last + " (" + option + "(" + wish + ")); it has " + width);
            }
            return IntStream.range(first - 1, last);
        }

        private int only(String name) {
            List<Integer> found = places.get(name);
            if (found.size() > 1) {
                throw twice(name, found);
            }
            return found.get(0);
        }

        private ElboException twice(String name, List<Integer> found) {
            return ElboException.data(
                    file + ": line " + line + ": columns " + (found.get(0) + 1) + " and " + (found.get(1) + 1)
                            + " are both called " + Messages.quote(name) + "; rename one, or leave one out with"
                            + " withIgnoredColumns(" + (found.get(1) + 1) + ")");
        }

        private void requireModelNames(List<String> names) {
            List<String> missing =
                    names.stream().filter(name -> !places.containsKey(name)).toList();
            if (!missing.isEmpty()) {
                throw ElboException.data(file + ": has no column " + list(missing) + ", which the model takes; "
                        + known() + "; withColumns chooses others in their place");
            }
        }

        private List<String> names(List<Integer> taken) {
            Map<String, Integer> seen = new HashMap<>();
            return taken.stream()
                    .map(column -> {
                        String name = header.orElseThrow().get(column);
                        if (name.isEmpty()) {
                            throw ElboException.data(file + ": line " + line + ", column " + (column + 1)
                                    + ": has no name (row numbers often have none); name it, or leave it out with"
                                    + " withIgnoredColumns(" + (column + 1) + ")");
                        }
                        Integer before = seen.put(name, column);
                        if (before != null) {
                            throw twice(name, List.of(before, column));
                        }
                        return name;
                    })
                    .toList();
        }

        private String column(int column) {
            return CsvColumns.column(column, header);
        }

        private String known() {
            return header.map(names -> "it has " + list(names)).orElse("it has no names, only " + width + " columns");
        }

        private static String list(List<String> names) {
            return Messages.list(names, LISTED, Messages::quote);
        }
    }

    static String column(int column, Optional<List<String>> header) {
        return "column " + (column + 1)
                + header.filter(names -> column < names.size())
                        .map(names -> " (" + Messages.quote(names.get(column)) + ")")
                        .orElse("");
    }
}
