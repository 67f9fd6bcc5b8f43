package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.analysis.InputSchema;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.io.Version;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.objective.StoredForm;
import dev.elbo.train.Trainer;
import java.util.Map;

/**
 * The description of a run in its configuration, its model's metadata and its checkpoints.
 *
 * @param data name of the data in messages
 * @param unit the given word for the unit of the data
 * @param options given options and defaults
 * @param init the initial weights
 * @param given the given options alone
 * @param train training data in the unit of the training
 */
record RunDescription(
        String data,
        String unit,
        TrainOptions options,
        InitOptions init,
        GivenOptions given,
        Objective objective,
        Dataset train) {
    /** {@return the name of the data in the model's file, instead of that in messages} */
    Map<String, String> metadata() {
        return Map.of(InputSchema.DATA, data);
    }

    JsonObject configuration(Trainer trainer) {
        Backend backend = trainer.vae().backend();
        JsonObject json = new JsonObject();
        json.addProperty("elbo", "elbo " + Version.current());
        json.add("arguments", new Gson().toJsonTree(given.words()));
        JsonObject dataJson = new JsonObject();
        dataJson.addProperty("name", data);
        dataJson.addProperty("standardize", unit);
        dataJson.asMap().putAll(trainer.identity().getAsJsonObject("data").asMap());
        if (!Double.isNaN(trainer.constantElbo())) {
            dataJson.addProperty("constant_model_elbo", trainer.constantElbo());
        }
        json.add("data", dataJson);
        json.add("model", JsonParser.parseString(trainer.vae().spec().toJson()));
        init.describe(json);
        json.addProperty("objective", options.objective().name());
        json.addProperty("samples", objective.samples());
        json.addProperty("kl", options.objective().kl());
        if (objective.control() != KlControl.NONE) {
            StoredForm control = objective.control().stored();
            JsonObject controlJson = new JsonObject();
            control.values().forEach((name, value) -> {
                if (value instanceof Number number) {
                    controlJson.addProperty(name, number);
                } else {
                    controlJson.addProperty(name, value.toString());
                }
            });
            controlJson.addProperty("kind", control.kind());
            json.add("kl_control", controlJson);
        }
        json.add("training", trainer.options().toJson());
        json.addProperty("backend", backend.name() + ": " + backend.description());
        return json;
    }
}
