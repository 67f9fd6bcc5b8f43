package dev.elbo.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The description of one component of a model (a layer, level, prior or likelihood): its kind and the values of its
 * settings. {@code net} knows what the kinds are and checks the settings.
 *
 * @param kind name of the kind, as in files
 * @param settings one JSON object without {@code kind}, its fields in the order in which they were set
 */
public record Component(String kind, String settings) {
    private static final String KIND = "kind";
    private static final String DENSE = "dense";
    private static final String WIDTH = "width";
    private static final Pattern DENSE_SETTINGS = Pattern.compile("\\{\"width\":([1-9][0-9]{0,9})}");

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if the kind is empty or in the settings, or these are not one JSON object
     */
    public Component {
        if (kind.isEmpty() || new JsonFields(settings).has(KIND)) {
            throw new IllegalArgumentException("a component needs one kind, beside its settings " + settings);
        }
    }

    /**
     * {@return a component without settings}
     *
     * @param kind its name
     */
    public static Component of(String kind) {
        return new Component(kind, "{}");
    }

    /**
     * {@return a dense layer}
     *
     * @param width its outputs, at least 1
     */
    public static Component dense(int width) {
        return of(DENSE).with(WIDTH, width);
    }

    /**
     * {@return a copy with one more setting}
     *
     * @param setting its name
     * @param value a number, a boolean, a string or a list of them
     */
    public Component with(String setting, Object value) {
        JsonObject json = json();
        json.add(setting, new Gson().toJsonTree(value));
        return new Component(kind, json.toString());
    }

    /** Returns the width of a dense layer without other settings; empty for any other component. */
    OptionalInt denseWidth() {
        Matcher width = DENSE_SETTINGS.matcher(settings);
        return kind.equals(DENSE) && width.matches() && Long.parseLong(width.group(1)) <= Integer.MAX_VALUE
                ? OptionalInt.of(Integer.parseInt(width.group(1)))
                : OptionalInt.empty();
    }

    private JsonObject json() {
        return JsonParser.parseString(settings).getAsJsonObject();
    }

    /** {@return a strict reader of the settings} */
    public JsonFields fields() {
        return new JsonFields(settings);
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty(KIND, kind);
        json().entrySet().forEach(setting -> json.add(setting.getKey(), setting.getValue()));
        return json;
    }

    /** Returns the component of an object with a field {@code kind}; the object is used up. */
    static Component of(JsonObject json) {
        String kind = new JsonFields(json.toString()).string(KIND);
        json.remove(KIND);
        return new Component(kind, json.toString());
    }

    /** {@return the kind and the values of its settings, such as {@code dense 400}} */
    @Override
    public String toString() {
        return json().entrySet().stream()
                .map(setting -> " " + setting.getValue())
                .collect(Collectors.joining("", kind, ""));
    }
}
