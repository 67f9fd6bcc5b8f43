package dev.elbo.data;

import dev.elbo.data.RawColumn.Entry;
import dev.elbo.data.RawColumn.TextKind;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.TableColumn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The rules that find the kind of a column, by all values that its sources have. */
final class ColumnRule {
    /** The most different whole numbers that are categories unless asked otherwise. */
    static final int WHOLE_WORDS = 12;

    /** The reason of whole numbers that are words, which may be numbers just as well. */
    static final String WHOLE = "whole numbers";

    /** The most dates that may be names of something. */
    private static final int FEW_DATES = 2;

    /** Pairs of words of which the first is the negative one, in lower case. */
    private static final List<List<String>> PAIRS = List.of(
            List.of("no", "yes"),
            List.of("n", "y"),
            List.of("false", "true"),
            List.of("f", "t"),
            List.of("off", "on"),
            List.of("neg", "pos"),
            List.of("negative", "positive"),
            List.of("absent", "present"));

    /** A column of a table, and the rule that made it so. */
    record Found(TableColumn column, String reason) {}

    private final String name;
    private final List<RawColumn> parts;
    private final RawColumn first;
    private final Optional<ColumnKind> asked;

    private ColumnRule(String name, List<RawColumn> parts, Optional<ColumnKind> asked) {
        this.name = name;
        this.parts = parts;
        this.first = parts.get(0);
        this.asked = asked;
    }

    /**
     * Finds the kind of a column, or refuses its values.
     *
     * @param name of the column
     * @param parts the column in each source, at least one
     * @param asked the kind that options give it
     */
    static Found of(String name, List<RawColumn> parts, Optional<ColumnKind> asked) {
        return new ColumnRule(name, parts, asked).find();
    }

    private record Place(RawColumn part, Entry entry) {
        String at() {
            return part.place().at(entry.line);
        }
    }

    /** All different texts that are not missing, source by source. */
    private Stream<Place> texts() {
        return parts.stream()
                .flatMap(part -> part.entries().stream().map(entry -> new Place(part, entry)))
                .filter(place -> place.entry.type != TextKind.MISSING);
    }

    private Optional<Place> first(Predicate<Entry> condition) {
        return texts().filter(place -> condition.test(place.entry)).findFirst();
    }

    private boolean many() {
        return parts.stream().anyMatch(RawColumn::many);
    }

    private Found find() {
        if (parts.stream().allMatch(part -> part.observed() == 0)) {
            throw ElboException.data(first.place().column() + ": has no value in any row; "
                    + first.place().leftOut());
        }
        Optional<Place> word = first(entry -> entry.type == TextKind.WORD);
        if (word.isPresent()) {
            return words(word.get());
        }
        first(entry -> entry.type == TextKind.INFINITE).ifPresent(place -> {
            throw place.part.infinite(place.entry);
        });
        return numbers();
    }

    private Found words(Place word) {
        List<String> words = texts().map(place -> place.entry.text)
                .distinct()
                .sorted(ColumnWords.ALPHABETICAL)
                .toList();
        boolean dates = words.stream().allMatch(Dates::is) && words.size() > FEW_DATES;
        if (dates && !asked.equals(Optional.of(ColumnKind.CATEGORICAL))) {
            throw dates(word.part, word.entry);
        }
        if (many() || words.size() > Columns.MAX_CATEGORIES) {
            throw tooMany(word.part, word.entry);
        }
        boolean numerals =
                texts().allMatch(place -> place.entry.type != TextKind.WORD || CsvNumbers.isNumber(place.entry.text));
        if (numerals && !asked.equals(Optional.of(ColumnKind.CATEGORICAL))) {
            throw ElboException.data(word.at() + ": is " + Messages.quote(word.entry.text) + "; "
                    + word.part.instead(word.entry.text) + ", or withKind makes the column categorical");
        }
        asked.filter(kind -> kind != ColumnKind.CATEGORICAL && kind != ColumnKind.BERNOULLI)
                .ifPresent(kind -> {
                    throw ElboException.data(word.at() + ": is " + Messages.quote(word.entry.text) + ", not a number; "
                            + kind.label() + " (withKind) needs numbers, or withMissing("
                            + Messages.quote(word.entry.text) + ") takes it as missing");
                });
        long numbers =
                texts().filter(place -> place.entry.type == TextKind.NUMBER).count();
        String reason = numbers == 0
                ? "words"
                : Messages.quote(word.entry.text) + " is no number, unlike " + numbers + " of the values";
        return ofWords(ordered(words), reason);
    }

    /** Puts the negative one of two words first. */
    private static List<String> ordered(List<String> words) {
        if (words.size() != 2) {
            return words;
        }
        List<String> turned = List.of(words.get(1), words.get(0));
        return PAIRS.contains(turned.stream()
                        .map(word -> word.toLowerCase(Locale.ROOT))
                        .toList())
                ? turned
                : words;
    }

    private Found numbers() {
        if (asked.isPresent() && asked.get().isCount()) {
            requireCounts(asked.get());
        }
        Map<Double, String> values = new TreeMap<>();
        texts().forEach(place -> values.put(ColumnWords.number(ColumnWords.text(place.entry.value)), ""));
        values.replaceAll((value, none) -> ColumnWords.text(value));
        boolean many = many() || values.size() > Columns.MAX_CATEGORIES;
        boolean whole = values.keySet().stream().allMatch(value -> value == Math.rint(value));
        boolean few = !many && whole && values.size() <= WHOLE_WORDS;
        boolean words = asked.map(kind -> kind == ColumnKind.CATEGORICAL || kind == ColumnKind.BERNOULLI)
                .orElse(!many && values.size() == 2 || few);
        if (many && words) {
            throw ElboException.data(first.place().column() + ": has more than " + Columns.MAX_CATEGORIES
                    + " different values, too many for a column that is "
                    + asked.orElseThrow().label() + " (withKind)");
        }
        if (words || !many && values.size() == 1) {
            return ofWords(List.copyOf(values.values()), WHOLE);
        }
        return new Found(
                new TableColumn(name, Optional.of(asked.orElse(ColumnKind.GAUSSIAN)), List.of()),
                asked.isPresent() ? "as asked" : "numbers");
    }

    /** @param reason of more than two words */
    private Found ofWords(List<String> words, String reason) {
        boolean two = asked.equals(Optional.of(ColumnKind.BERNOULLI));
        if (two && words.size() != 2) {
            throw ElboException.data(first.place().column() + ": has " + words.size() + " different values, "
                    + Messages.list(words, 8, Messages::quote) + "; bernoulli (withKind) needs two");
        }
        if (words.size() == 1) {
            return new Found(new TableColumn(name, Optional.empty(), words), "one value: kept, not modelled");
        }
        ColumnKind kind = asked.orElse(words.size() == 2 ? ColumnKind.BERNOULLI : ColumnKind.CATEGORICAL);
        return new Found(
                new TableColumn(name, Optional.of(kind), words),
                asked.isPresent() ? "as asked" : words.size() == 2 ? "two values" : reason);
    }

    private void requireCounts(ColumnKind kind) {
        List<Place> none = new ArrayList<>();
        for (RawColumn part : parts) {
            Stream<Entry> own = part.entries().stream().filter(entry -> entry.type != TextKind.MISSING);
            Stream.concat(own, Stream.ofNullable(part.notCount()))
                    .filter(entry -> !Places.isCount(entry.value))
                    .min(Comparator.comparingLong(entry -> entry.line))
                    .ifPresent(entry -> none.add(new Place(part, entry)));
        }
        if (!none.isEmpty()) {
            throw notCount(none.get(0).part, none.get(0).entry, kind);
        }
    }

    static ElboException notCount(RawColumn column, Entry entry, ColumnKind kind) {
        return ElboException.data(column.place().at(entry.line) + ": is " + entry.text + "; a " + kind.label()
                + " column holds counts, whole numbers from 0 on");
    }

    static ElboException dates(RawColumn column, Entry date) {
        return ElboException.data(column.place().at(date.line) + ": is " + Messages.quote(date.text)
                + ", a date or time, of which a model learns nothing; turn it into numbers, such as days since a date,"
                + " or " + column.place().leftOut());
    }

    static ElboException tooMany(RawColumn column, Entry word) {
        String other = column.instead(word.text);
        return ElboException.data(column.place().at(word.line) + ": is " + Messages.quote(word.text)
                + ", a word in a column of more than " + Columns.MAX_CATEGORIES
                + " different values, the most that are categories; "
                + column.place().leftOut() + ", or withMissing("
                + Messages.quote(word.text) + ") takes the word as missing");
    }
}
