package dev.elbo.train;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Everything that decides the bits of a run's result: data, model, objective, options, backend. Data placement, names
 * of files and devices, and the action on NaN do not, and are left out. The number of epochs counts only if the
 * learning rate decays over them.
 */
final class RunIdentity {
    /** A number with a fraction, in JSON or in a {@link dev.elbo.objective.StoredForm}. */
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]+\\.[0-9]+(E[-+]?[0-9]+)?");

    /** The most differences that a message lists; two runs of this program never have as many. */
    private static final int MAX_DIFFERENCES = 50;

    private static final String VALIDATION_EXAMPLES = "validation_examples";

    private RunIdentity() {}

    /** Returns whether validation data select the epochs of a run of this identity. */
    static boolean hasValidation(JsonObject identity) {
        return identity.get("data") instanceof JsonObject data && data.has(VALIDATION_EXAMPLES);
    }

    /** Refuses a checkpoint of another run, listing the differences. */
    static void requireNone(List<String> differences, long step) {
        if (!differences.isEmpty()) {
            throw ElboException.usage("the checkpoint of step " + step + " belongs to another run: "
                    + differences.stream().limit(MAX_DIFFERENCES).collect(Collectors.joining("; "))
                    + (differences.size() > MAX_DIFFERENCES ? "; and more" : "")
                    + "; use the options of that run, or start another run");
        }
    }

    /**
     * Returns the identity of a run.
     *
     * @param shards of a member of a group, whose identity does not depend on the number of members; null for a run of one process
     */
    static JsonObject of(
            Backend backend, VaeSpec spec, Objective objective, TrainingOptions options, Split split, Shards shards) {
        Dataset train = split.train();
        JsonObject json = new JsonObject();
        JsonObject data = new JsonObject();
        DataIdentity of = new DataIdentity(spec, shards);
        data.addProperty("train_examples", of.examples(Optional.of(train)));
        data.addProperty("test_examples", of.examples(split.test()));
        int validation = of.examples(split.validation());
        if (validation > 0) {
            data.addProperty(VALIDATION_EXAMPLES, validation);
        }
        data.addProperty("features", train.features());
        of.describe(data, "train", Optional.of(train), Dataset::fingerprint, "sha256");
        of.describe(data, "test", split.test(), Dataset::fingerprint, "sha256");
        of.describe(data, "validation", split.validation(), Dataset::fingerprint, "sha256");
        if (spec.conditional()) {
            of.describe(data, "train", Optional.of(train), of::classes, "classes_sha256");
            of.describe(data, "test", split.test(), of::classes, "classes_sha256");
            of.describe(data, "validation", split.validation(), of::classes, "classes_sha256");
        }
        json.add("data", data);
        json.add("model", JsonParser.parseString(spec.toJson()));
        json.addProperty("objective", objective.stored().text());
        JsonObject training = options.toJson();
        training.remove("data_placement");
        training.remove("on_nan");
        if (options.learningRate().decay() == LearningRate.Decay.CONSTANT) {
            training.remove("epochs");
        }
        json.add("training", training);
        JsonObject computed = new JsonObject();
        computed.addProperty("name", backend.name());
        computed.addProperty("rounding", backend.unitRoundoff());
        computed.addProperty("rounding_of_products", backend.productRoundoff());
        computed.addProperty("kernels", backend.kernelHash());
        json.add("backend", computed);
        return json;
    }

    /**
     * Returns a line for each value that differs, such as "model.latent is 20 there and 10 here". A value that one side lacks
     * has its default there.
     */
    static List<String> differences(JsonElement there, JsonElement here) {
        Map<String, String> before = new TreeMap<>();
        Map<String, String> now = new TreeMap<>();
        flatten("", there, before);
        flatten("", here, now);
        defaults().forEach((name, value) -> {
            if (before.containsKey(name) != now.containsKey(name)) {
                before.putIfAbsent(name, value);
                now.putIfAbsent(name, value);
            }
        });
        List<String> differences = new ArrayList<>();
        before.forEach((name, value) -> {
            String other = now.remove(name);
            if (!value.equals(other)) {
                differences.add(Messages.line(
                        name + " is " + value + " there and " + (other == null ? "missing" : other) + " here"));
            }
        });
        now.forEach((name, value) -> differences.add(Messages.line(name + " is missing there and " + value + " here")));
        return differences;
    }

    private static Map<String, String> defaults() {
        JsonObject model = new JsonObject();
        model.addProperty("variance_per_dimension", false);
        model.addProperty("stochastic", true);
        JsonObject training =
                TrainingOptions.builder().build().resolvedFor(Objectives.vae()).toJson();
        // left out if it has no effect
        training.remove("epochs");
        // and what is 1 is not written
        training.addProperty("shards", 1);
        training.addProperty("local_steps", 1);
        Map<String, String> defaults = new TreeMap<>();
        flatten("model", model, defaults);
        flatten("training", training, defaults);
        return defaults;
    }

    private static void flatten(String name, JsonElement json, Map<String, String> into) {
        if (json.isJsonObject()) {
            json.getAsJsonObject()
                    .entrySet()
                    .forEach(field -> flatten(
                            name.isEmpty() ? field.getKey() : name + "." + field.getKey(), field.getValue(), into));
        } else {
            // the digits of a number depend on the JDK, its value does not
            into.put(
                    name,
                    NUMBER.matcher(json.isJsonPrimitive() ? json.getAsString() : json.toString())
                            .replaceAll(number -> Double.toString(Double.parseDouble(number.group()))));
        }
    }
}
