package dev.elbo.analysis;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.elbo.data.Dataset;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Standardization;
import dev.elbo.data.TableOptions;
import dev.elbo.data.ValueRange;
import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Messages;
import dev.elbo.model.Columns;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import dev.elbo.objective.Objective;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The schema of a model's inputs, as its file stores it: their names, the unit that it was trained in, the range of the
 * values and the shape of pictures. {@link #standardize(Dataset)} converts data to the model's unit, {@link
 * #unstandardize} converts outputs back.
 *
 * @param model name of the model in messages
 * @param count values of an example
 * @param names of the inputs, if the training data had names
 * @param standardization of the training data, if any
 * @param image shape of the pictures, if the inputs are pictures
 * @param range of the values that it was trained on, in their own unit; empty for models that do not know it
 * @param table the columns of the table whose rows are the inputs; empty for a model of one likelihood for all inputs
 */
public record InputSchema(
        String model,
        int count,
        Optional<List<String>> names,
        Optional<Standardization> standardization,
        Optional<ImageShape> image,
        Optional<ValueRange> range,
        Optional<Table> table) {
    /** Metadata key of the training data's name. */
    public static final String DATA = "elbo.data";

    /** Metadata key: "none" for a model that was trained on all examples, so that no test data were kept from it. */
    public static final String HELD_OUT = "elbo.held_out";

    private static final String OBJECTIVE = "elbo.objective";
    private static final String COLUMNS = "elbo.columns";
    /** The most bytes of this metadata in the header of a model's file. */
    private static final int MAX_METADATA = 900_000;

    /**
     * {@return the schema of a model's inputs}
     *
     * @param model name of the model in messages
     * @param loaded the model
     * @throws ElboException data, if the metadata are invalid
     */
    public static InputSchema of(String model, ModelFile.Loaded loaded) {
        return of(model, loaded.vae().spec(), loaded.metadata());
    }

    /**
     * {@return the schema of the inputs of a model that is on no backend}
     *
     * @param model name of the model in messages
     * @param stored the model
     * @throws ElboException data, if the metadata are invalid
     */
    public static InputSchema of(String model, StoredModel stored) {
        return of(model, stored.spec(), stored.metadata());
    }

    private static InputSchema of(String model, VaeSpec spec, Map<String, String> metadata) {
        int count = spec.inputs();
        String columns = metadata.get(COLUMNS);
        String unit = metadata.get(Standardization.KEY);
        if (unit != null && Network.of(spec).likelihood().binary()) {
            throw ElboException.data(model + ": '" + Standardization.KEY + "' in the metadata: a model of likelihood "
                    + spec.likelihood().kind() + " cannot be standardised");
        }
        return new InputSchema(
                model,
                count,
                Optional.ofNullable(columns).map(json -> trusted(model, COLUMNS, () -> names(json, count))),
                Optional.ofNullable(unit).map(json -> trusted(model, Standardization.KEY, () -> unit(json, spec))),
                image(metadata).filter(image -> image.features() == count),
                Optional.ofNullable(metadata.get(ValueRange.KEY))
                        .map(json -> trusted(model, ValueRange.KEY, () -> ValueRange.fromJson(json, count))),
                table(model, spec, metadata));
    }

    /** The table of a model of columns, whose columns they are; without names in the file, a table that numbers them. */
    private static Optional<Table> table(String model, VaeSpec spec, Map<String, String> metadata) {
        Optional<Table> table = Optional.ofNullable(metadata.get(Table.KEY))
                .map(json -> trusted(model, Table.KEY, () -> Table.fromJson(json)));
        Optional<Columns> columns = Network.of(spec).likelihood().columns();
        if (table.isPresent() && !table.map(Table::modelled).equals(columns)) {
            throw ElboException.data(
                    model + ": '" + Table.KEY + "' in the metadata: its columns are not those of the model");
        }
        return table.or(() -> columns.map(Table::of));
    }

    private static Standardization unit(String json, VaeSpec spec) {
        Standardization unit = Standardization.fromJson(json, spec.inputs());
        Network.of(spec)
                .likelihood()
                .columns()
                .ifPresent(columns -> columns.requireUnits(unit.mean(), unit.deviation()));
        return unit;
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
            throw new IllegalArgumentException(
                    names.size() + " names for " + count + " inputs; every input needs a different name");
        }
        return names;
    }

    /**
     * {@return the shape of the pictures that a model was trained on, unless its file names none that makes sense}
     *
     * @param metadata of the file
     */
    public static Optional<ImageShape> image(Map<String, String> metadata) {
        String text = metadata.get(ModelFile.IMAGE);
        if (text == null || !text.matches("\\d{1,6},\\d{1,6},\\d{1,6}")) {
            return Optional.empty();
        }
        String[] parts = text.split(",");
        try {
            return Optional.of(
                    new ImageShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * {@return the metadata that a model's file stores for its inputs} One range stands for all values, where those of
     * the features are more than the file holds.
     *
     * @param training the data, in the unit that the model sees
     * @param range of their values
     * @param objective that was minimised
     * @throws ElboException data, if it is more than such a file holds
     */
    public static Map<String, String> metadata(Dataset training, ValueRange range, Objective objective) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(DATA, training.name());
        metadata.put(OBJECTIVE, objective.label());
        training.image()
                .ifPresent(image ->
                        metadata.put(ModelFile.IMAGE, image.channels() + "," + image.height() + "," + image.width()));
        training.table().ifPresent(table -> metadata.put(Table.KEY, table.toJson()));
        training.columns().filter(names -> training.table().isEmpty()).ifPresent(names -> {
            JsonObject json = new JsonObject();
            json.add("names", new Gson().toJsonTree(names));
            metadata.put(COLUMNS, json.toString());
        });
        training.standardization().ifPresent(unit -> metadata.put(Standardization.KEY, unit.toJson()));
        metadata.put(ValueRange.KEY, range.toJson());
        if (bytes(metadata) > MAX_METADATA) {
            metadata.put(ValueRange.KEY, range.whole().toJson());
        }
        int bytes = bytes(metadata);
        if (bytes > MAX_METADATA) {
            throw ElboException.data(training.name() + ": the names and units of its " + training.features()
                    + " features take " + bytes + " bytes, but a model file stores at most " + MAX_METADATA
                    + "; use Standardization.shared, shorter names, or none with CsvOptions.Header.NO");
        }
        return metadata;
    }

    private static int bytes(Map<String, String> metadata) {
        return new Gson().toJson(metadata).getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * {@return options that find the model's columns by name, in any order, that read the rows of its table if it is a model of
     * one, and that give pictures its size and colours unless others are set}
     *
     * @param options for reading, which these extend
     * @throws ElboException usage, if they are for a table and the model is not a model of one
     */
    public ReadOptions readOptions(ReadOptions options) {
        if (table.isPresent()) {
            return options.withTable(
                    options.table().orElse(TableOptions.DEFAULT).withTable(table.get()));
        }
        if (options.table().isPresent()) {
            throw ElboException.usage(
                    model + ": takes no missing values, as a model of Likelihood.columns does; leave out"
                            + " withMissing and withUnknownMissing");
        }
        ReadOptions sized =
                image.map(options.pictures()::orAs).map(options::withPictures).orElse(options);
        return names.isEmpty() ? sized : sized.withCsv(options.csv().withNames(names.get()));
    }

    /**
     * {@return a view of data in the model's unit and columns}
     *
     * @param data in their own unit
     * @throws ElboException data, if the examples have another width, or are not rows of the model's table
     */
    public Dataset standardize(Dataset data) {
        if (!data.table().equals(table)) {
            throw ElboException.data(data.name()
                    + (table.isEmpty()
                            ? ": is a table of words or with gaps, which the model " + model + " does not take"
                            : ": its rows are not those of the table of the model " + model
                                    + "; read them with InputSchema.readOptions"));
        }
        if (data.features() != count) {
            throw ElboException.data(data.name() + " has " + data.features() + " values an example, but the model "
                    + model + " takes " + count + "; use the data it was trained on");
        }
        return standardization.map(data::standardized).orElse(data);
    }

    /**
     * Converts outputs of the model to the unit of the data.
     *
     * @param rows of all inputs, changed in place
     * @return the same array
     */
    public float[] unstandardize(float[] rows) {
        standardization.ifPresent(unit -> unit.invert(rows));
        return rows;
    }

    /**
     * {@return outputs in the unit of the data, in float64, which holds digits that float32 may lose, see {@link
     * #fitsFloat()}}
     *
     * @param rows of all inputs
     */
    public double[] unstandardizeExactly(float[] rows) {
        return standardization
                .map(unit -> unit.undone(rows))
                .orElseGet(() -> IntStream.range(0, rows.length)
                        .mapToDouble(i -> rows[i])
                        .toArray());
    }

    /** {@return whether float32 holds the model's outputs in the unit of the data} */
    public boolean fitsFloat() {
        return standardization.map(Standardization::fitsFloat).orElse(true);
    }

    /**
     * {@return nats to subtract from the log density of a standardised example for that of its values as they were given; {@link
     * LogJacobian} has those of data sets}
     *
     * @param rows of all inputs, NaN where one is missing
     * @param example number of the row
     */
    public double logJacobian(float[] rows, int example) {
        return standardization
                .map(unit -> unit.logDeviation(rows, example * count))
                .orElse(0.0);
    }

    /** {@return names of the model's outputs: those of its inputs, else x0, x1, …} */
    public List<String> columns() {
        return names.or(() -> table.map(Table::featureNames))
                .orElseGet(
                        () -> IntStream.range(0, count).mapToObj(i -> "x" + i).toList());
    }
}
