package dev.elbo.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** A configuration as people read it. */
final class Configuration {
    private Configuration() {}

    /** Every value under its path, "training · batch"; lists as they are. */
    static Map<String, String> flat(JsonObject configuration) {
        Map<String, String> flat = new LinkedHashMap<>();
        add("", configuration, flat);
        return flat;
    }

    private static void add(String before, JsonObject object, Map<String, String> flat) {
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            JsonElement value = entry.getValue();
            String name = before + entry.getKey().replace('_', ' ');
            if (value.isJsonObject()) {
                add(name + " · ", value.getAsJsonObject(), flat);
            } else if (!name.equals("arguments")) {
                flat.put(name, value.isJsonPrimitive() ? value.getAsString() : value.toString());
            }
        }
    }
}
