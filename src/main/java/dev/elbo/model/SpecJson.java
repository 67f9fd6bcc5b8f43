package dev.elbo.model;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The form of a {@link VaeSpec} in files. */
final class SpecJson {
    private static final Gson GSON = new Gson();
    private static final String PICTURE = "picture";
    private static final String CLASSES = "classes";

    private SpecJson() {}

    static String of(VaeSpec spec) {
        JsonObject json = new JsonObject();
        json.addProperty("inputs", spec.inputs());
        Optional<List<Integer>> hidden = spec.hidden();
        if (hidden.isPresent() && spec.isPlain()) {
            json.add("hidden", list(hidden.get()));
            json.addProperty("latent", spec.latent());
            json.addProperty("activation", spec.activation().label());
            json.addProperty("likelihood", spec.likelihood().kind());
            json.addProperty(Likelihood.PER_DIMENSION, spec.isPerDimension());
            json.addProperty("stochastic", spec.isStochastic());
        } else {
            json.add("encoder", array(spec.encoder()));
            json.addProperty("latent", spec.latent());
            json.add("level", spec.level().toJson());
            json.add("prior", spec.prior().toJson());
            json.add("decoder", array(spec.decoder()));
            json.add("likelihood", spec.likelihood().toJson());
            json.addProperty("activation", spec.activation().label());
            spec.picture().ifPresent(shape -> json.add(PICTURE, list(shape.sizes())));
        }
        if (spec.conditional()) {
            json.add(CLASSES, list(spec.classes()));
        }
        return json.toString();
    }

    private static JsonElement list(List<?> values) {
        return GSON.toJsonTree(values);
    }

    private static JsonArray array(List<Component> layers) {
        JsonArray array = new JsonArray();
        layers.forEach(layer -> array.add(layer.toJson()));
        return array;
    }

    static VaeSpec read(String json) {
        JsonFields fields = new JsonFields(Objects.requireNonNull(json, "json"));
        List<String> classes = fields.has(CLASSES) ? fields.strings(CLASSES) : List.of();
        VaeSpec spec = fields.has("encoder") ? fromComponents(fields) : fromWidths(fields);
        fields.end();
        return spec.withClasses(classes);
    }

    private static VaeSpec fromComponents(JsonFields fields) {
        return new VaeSpec(
                fields.integer("inputs"),
                fields.components("encoder"),
                fields.integer("latent"),
                fields.component("level"),
                fields.component("prior"),
                fields.components("decoder"),
                fields.component("likelihood"),
                Activation.of(fields.string("activation")),
                fields.has(PICTURE) ? Optional.of(FeatureMap.of(fields.integers(PICTURE))) : Optional.empty(),
                List.of());
    }

    private static VaeSpec fromWidths(JsonFields fields) {
        Component likelihood = Component.of(fields.string("likelihood"));
        return VaeSpec.mlp(
                fields.integer("inputs"),
                fields.integers("hidden"),
                fields.integer("latent"),
                Activation.of(fields.string("activation")),
                fields.bool(Likelihood.PER_DIMENSION) ? Likelihood.perDimension(likelihood) : likelihood,
                fields.bool("stochastic"));
    }
}
