package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.data.Dataset;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Messages;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Likelihood;
import dev.elbo.net.ModelFile;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a model takes, beyond its specification: its file remembers the names of its inputs and the unit that it was trained
 * in.
 *
 * @param model what messages call it
 * @param count values of an example
 * @param names of the inputs, where the training data had some
 * @param standardization where it was trained on standardised values
 * @param image where they are pictures
 */
record Inputs(
        String model,
        int count,
        Optional<List<String>> names,
        Optional<Standardization> standardization,
        Optional<ImageShape> image) {
    private static final String COLUMNS = "elbo.columns";
    /** Bytes that are left for it in the header of a model's file, beside all else. */
    private static final int MOST_METADATA = 900_000;

    /** @throws ElboException data, where the metadata make no sense */
    static Inputs of(String model, ModelFile.Loaded loaded) {
        int count = loaded.vae().spec().inputs();
        String columns = loaded.metadata().get(COLUMNS);
        String unit = loaded.metadata().get(Standardization.KEY);
        if (unit != null && loaded.vae().spec().likelihood() == Likelihood.BERNOULLI) {
            throw ElboException.data(
                    model + ": '" + Standardization.KEY + "' in the metadata: a Bernoulli model has none");
        }
        return new Inputs(
                model,
                count,
                Optional.ofNullable(columns).map(json -> trusted(model, COLUMNS, () -> names(json, count))),
                Optional.ofNullable(unit)
                        .map(json -> trusted(model, Standardization.KEY, () -> Standardization.fromJson(json, count))),
                ImageMetadata.read(loaded.metadata()).filter(image -> image.features() == count));
    }

    private static <T> T trusted(String model, String key, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw ElboException.data(model + ": '" + key + "' in the metadata: " + Messages.line(e.getMessage()), e);
        }
    }

    private static List<String> names(String json, int count) {
        JsonFields fields = new JsonFields(json);
        List<String> names = fields.strings("names");
        fields.end();
        if (names.size() != count || names.stream().distinct().count() != count) {
            throw new IllegalArgumentException(names.size() + " names for " + count + " inputs, or not all different");
        }
        return names;
    }

    /**
     * What the file of a model has to remember of the data that it was trained on.
     *
     * @throws ElboException data, where it is more than such a file holds
     */
    static Map<String, String> metadata(Dataset training, Optional<Standardization> standardization) {
        Map<String, String> metadata = new LinkedHashMap<>();
        training.columns().ifPresent(names -> {
            JsonArray list = new JsonArray();
            names.forEach(list::add);
            JsonObject json = new JsonObject();
            json.add("names", list);
            metadata.put(COLUMNS, json.toString());
        });
        standardization.ifPresent(unit -> metadata.put(Standardization.KEY, unit.toJson()));
        int bytes = new Gson().toJson(metadata).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_METADATA) {
            throw ElboException.data(training.name() + ": the names and units of its " + training.features()
                    + " features take " + bytes + " bytes, a model remembers at most " + MOST_METADATA
                    + "; take --standardize shared, shorter names, or none with --header no");
        }
        return metadata;
    }

    /**
     * Options by which the columns that the model knows by name are found, whatever their order, and pictures have its size
     * and colours, unless others are asked for.
     */
    ReadOptions reading(ReadOptions options) {
        ReadOptions sized =
                image.map(options.pictures()::orAs).map(options::with).orElse(options);
        return names.isEmpty() ? sized : sized.with(options.csv().withNames(names.get()));
    }

    /**
     * Data as the model takes them.
     *
     * @throws ElboException data, if the examples have another width
     */
    Dataset of(Dataset data) {
        if (data.features() != count) {
            throw ElboException.data(data.name() + " has " + data.features() + " values an example, the model " + model
                    + " takes " + count + "; give the data it was trained on with --data");
        }
        return standardization.map(data::standardized).orElse(data);
    }

    /** What the model makes of data, or of codes, in the data's own unit again: the same rows, changed in place. */
    float[] undo(float[] rows) {
        standardization.ifPresent(unit -> unit.undo(rows));
        return rows;
    }

    /** Nats to subtract from a log density of standardised values for that of the values as they were given. */
    double nats() {
        return standardization.map(Standardization::logDeviation).orElse(0.0);
    }

    /** Names for what the model makes: those of its inputs, else x0, x1, … */
    List<String> columns() {
        return names.orElseGet(() -> Table.names("x", count));
    }
}
