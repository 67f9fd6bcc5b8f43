package dev.elbo.model;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonIOException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSyntaxException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The fields of one JSON object, read strictly: a missing, repeated, mistyped or left over field is an {@link
 * IllegalArgumentException} that names it. A field can be taken once.
 *
 * @hidden
 */
public final class JsonFields {
    private static final Gson GSON = new Gson();

    private final Map<String, JsonElement> fields = new LinkedHashMap<>();

    /** @throws IllegalArgumentException if the text is not one JSON object, or repeats a field */
    public JsonFields(String json) {
        JsonReader reader = new JsonReader(new StringReader(json));
        reader.setStrictness(Strictness.STRICT);
        try {
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (fields.put(name, GSON.getAdapter(JsonElement.class).read(reader)) != null) {
                    throw new IllegalArgumentException("field '" + name + "' is there twice");
                }
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException("something follows the JSON object");
            }
        } catch (IOException | IllegalStateException | JsonIOException | JsonSyntaxException e) {
            throw new IllegalArgumentException("not a JSON object: " + firstLine(e.getMessage()), e);
        }
    }

    private static String firstLine(String message) {
        return message == null ? "it ends early" : message.lines().findFirst().orElse("");
    }

    /** Returns whether the field is there and not taken yet. */
    public boolean has(String name) {
        return fields.containsKey(name);
    }

    public String string(String name) {
        return string(name, take(name));
    }

    public boolean bool(String name) {
        JsonElement value = take(name);
        require(value instanceof JsonPrimitive primitive && primitive.isBoolean(), name, "true or false", value);
        return value.getAsBoolean();
    }

    public int integer(String name) {
        return integer(name, take(name));
    }

    public double number(String name) {
        return number(name, take(name));
    }

    public List<Integer> integers(String name) {
        return list(name, element -> integer(name, element));
    }

    public List<List<Integer>> lists(String name) {
        return list(name, element -> list(name, element, item -> integer(name, item)));
    }

    public List<Double> numbers(String name) {
        return list(name, element -> number(name, element));
    }

    public List<String> strings(String name) {
        return list(name, element -> string(name, element));
    }

    public List<JsonFields> objects(String name) {
        return list(name, element -> {
            require(element.isJsonObject(), name, "a list of objects", element);
            return new JsonFields(element.toString());
        });
    }

    public Component component(String name) {
        return component(name, take(name));
    }

    public List<Component> components(String name) {
        return list(name, element -> component(name, element));
    }

    /** @throws IllegalArgumentException if a field was not taken */
    public void end() {
        if (!fields.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown field '" + fields.keySet().iterator().next() + "'");
        }
    }

    private JsonElement take(String name) {
        JsonElement value = fields.remove(name);
        if (value == null) {
            throw new IllegalArgumentException("field '" + name + "' is missing");
        }
        return value;
    }

    private static Component component(String name, JsonElement value) {
        require(value.isJsonObject(), name, "an object", value);
        return Component.of(value.getAsJsonObject());
    }

    private static String string(String name, JsonElement value) {
        require(value instanceof JsonPrimitive primitive && primitive.isString(), name, "a string", value);
        return value.getAsString();
    }

    private static double number(String name, JsonElement value) {
        require(isNumber(value), name, "a finite number", value);
        double number = value.getAsDouble();
        require(Double.isFinite(number), name, "a finite number", value);
        return number;
    }

    private static int integer(String name, JsonElement value) {
        require(isNumber(value), name, "a finite number", value);
        try {
            // digits only: as a double 1e-400 is whole too, and exact arithmetic on a number of a million digits takes
            // minutes
            return Integer.parseInt(value.getAsString());
        } catch (NumberFormatException e) {
            number(name, value);
            throw new IllegalArgumentException(refusal(name, "a whole number below 2^31", value), e);
        }
    }

    private static boolean isNumber(JsonElement value) {
        return value instanceof JsonPrimitive primitive && primitive.isNumber();
    }

    private <T> List<T> list(String name, Function<JsonElement, T> element) {
        return list(name, take(name), element);
    }

    private static <T> List<T> list(String name, JsonElement value, Function<JsonElement, T> element) {
        require(value.isJsonArray(), name, "a list", value);
        List<T> list = new ArrayList<>();
        value.getAsJsonArray().forEach(item -> list.add(element.apply(item)));
        return List.copyOf(list);
    }

    private static void require(boolean holds, String name, String wanted, JsonElement value) {
        if (!holds) {
            throw new IllegalArgumentException(refusal(name, wanted, value));
        }
    }

    private static String refusal(String name, String wanted, JsonElement value) {
        return "field '" + name + "' must be " + wanted + ", not " + value;
    }
}
