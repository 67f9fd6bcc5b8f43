package dev.elbo.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A column of a table: its name, its kind, and the words that stand for its values.
 *
 * @param name the name, as in the first line of a file
 * @param kind the kind; empty for a column of one value, which is kept and not modelled
 * @param words of a categorical column its categories, of a bernoulli column those of 0 and of 1, of a constant column its only
 *     value; none for numbers
 */
public record TableColumn(String name, Optional<ColumnKind> kind, List<String> words) {
    /** The most characters of a word, so that what describes a model stays small beside its weights. */
    public static final int MAX_WORD = 200;

    private static final String NAME = "name";
    private static final String KIND = "kind";
    private static final String WORDS = "words";

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException naming the column, if its words are not as many as its kind has, not all different, or
     *     one is too long
     */
    public TableColumn {
        Objects.requireNonNull(name, "name");
        words = List.copyOf(Objects.requireNonNull(words, "words"));
        int most = kind.map(TableColumn::mostWords).orElse(1);
        int least = most == Columns.MAX_CATEGORIES ? 2 : most;
        if (words.size() < least || words.size() > most) {
            throw new IllegalArgumentException("column '" + name + "' has " + words.size() + " words; "
                    + kind.map(ColumnKind::label).orElse("constant") + " columns have "
                    + (least == most ? most : least + " to " + most));
        }
        if (new HashSet<>(words).size() != words.size()) {
            throw new IllegalArgumentException("column '" + name + "' has the same word twice: " + words);
        }
        for (String word : words) {
            if (word.length() > MAX_WORD) {
                throw new IllegalArgumentException("column '" + name + "' has a word of " + word.length()
                        + " characters, at most " + MAX_WORD + " are taken: '" + word.substring(0, 20) + "…'");
            }
        }
    }

    private static int mostWords(ColumnKind kind) {
        return switch (kind) {
            case CATEGORICAL -> Columns.MAX_CATEGORIES;
            case BERNOULLI -> 2;
            case GAUSSIAN, POISSON, NEGATIVE_BINOMIAL -> 0;
        };
    }

    /** {@return whether it has one value only} */
    public boolean isConstant() {
        return kind.isEmpty();
    }

    /** {@return places of an example that it takes: as many as categories, 0 if it is constant, otherwise 1} */
    public int size() {
        return kind.map(known -> known == ColumnKind.CATEGORICAL ? words.size() : 1)
                .orElse(0);
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty(NAME, name);
        kind.ifPresent(known -> json.addProperty(KIND, known.label()));
        if (!words.isEmpty()) {
            JsonArray list = new JsonArray();
            words.forEach(list::add);
            json.add(WORDS, list);
        }
        return json;
    }

    static TableColumn of(JsonFields fields) {
        TableColumn column = new TableColumn(
                fields.string(NAME),
                fields.has(KIND) ? Optional.of(ColumnKind.of(fields.string(KIND))) : Optional.empty(),
                fields.has(WORDS) ? fields.strings(WORDS) : List.of());
        fields.end();
        return column;
    }
}
