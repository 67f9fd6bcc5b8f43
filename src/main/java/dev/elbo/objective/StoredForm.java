package dev.elbo.objective;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The form of an objective, or of its control of the KL term, in files. Kinds and names are the files' own and stay
 * when Java's names change. A value that a kind gets later is left out if it is the default.
 *
 * @param kind name of the kind
 * @param values by their names, in order: numbers, booleans and words
 */
public record StoredForm(String kind, Map<String, Object> values) {
    /** Keeps the order of the values. */
    public StoredForm {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Names and values in turn. */
    static StoredForm of(String kind, Object... namesAndValues) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return new StoredForm(kind, values);
    }

    /** {@return one line, as {@code Kind[name=value, name=value]}} */
    public String text() {
        return values.entrySet().stream()
                .map(value -> value.getKey() + "=" + value.getValue())
                .collect(Collectors.joining(", ", kind + "[", "]"));
    }
}
