package dev.elbo.spark;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.Table;
import dev.elbo.net.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Checks the parameters and the columns of a DataFrame against the model, on the driver. */
final class ScoringPlanner {
    /** The most names that a message lists. */
    private static final int LISTED = 20;
    /** The most values of a batch, which are 2 GiB as float64; the service has some arrays of that many. */
    private static final int MAX_VALUES = 1 << 28;

    private final VaeParams params;
    private final ModelContent model;
    private final StructType schema;
    private final SchemaColumns columns;

    ScoringPlanner(VaeParams params, ModelContent model, StructType schema) {
        this.params = params;
        this.model = model;
        this.schema = schema;
        this.columns = new SchemaColumns(schema);
    }

    /** @throws ElboException usage, for parameters that do not fit the model; data, for columns that do not */
    Scoring plan() {
        boolean latent = !params.getLatentCol().isEmpty();
        AnomalyScore score = params.getScoreCol().isEmpty() ? null : score();
        boolean reconstruction = !params.getReconstructionCol().isEmpty();
        if (!latent && score == null && !reconstruction) {
            throw ElboException.usage("latentCol, scoreCol and reconstructionCol are all ''; set at least one of them");
        }
        long values = (long) params.getBatchSize() * model.spec().inputs();
        if (values > MAX_VALUES) {
            throw ElboException.usage("batchSize " + params.getBatchSize() + ": a batch would have " + values
                    + " values, at most " + MAX_VALUES + " are computed together; set a smaller one");
        }
        boolean whole = whole();
        int[] inputs = whole ? new int[] {examples()} : inputs();
        int classes = classes();
        String[] names = Arrays.stream(inputs)
                .mapToObj(i -> i < 0 ? "" : schema.fields()[i].name())
                .toArray(String[]::new);
        return new Scoring(
                output(latent, score != null, reconstruction),
                inputs,
                names,
                whole,
                classes,
                latent,
                score,
                reconstruction,
                params.getHandleInvalid(),
                params.getUnknown().equals(VaeParams.MISSING),
                new Scoring.Settings(
                        model.digest(),
                        params.getBackend(),
                        params.getBatchSize(),
                        params.getSamples(),
                        params.getSeed()));
    }

    private AnomalyScore score() {
        AnomalyScore score = Arrays.stream(AnomalyScore.values())
                .filter(each -> each.label().equals(params.getScoreKind()))
                .findFirst()
                .orElseThrow();
        if (!score.fits(Network.of(model.spec()))) {
            throw ElboException.usage(
                    "scoreKind " + score + ": the model is a plain autoencoder, which has no posterior;"
                            + " set scoreKind to reconstruction, or scoreCol to ''");
        }
        return score;
    }

    /** Returns whether one column holds whole examples: unless columns are named, or the model is one of a table. */
    private boolean whole() {
        boolean named = params.isSet(params.inputCols());
        boolean whole = params.isSet(params.featuresCol());
        if (named && whole) {
            throw ElboException.usage("featuresCol and inputCols are both set; clear one of them");
        }
        return whole || !named && model.inputs().table().isEmpty();
    }

    private int examples() {
        int column = columns.find("featuresCol", params.getFeaturesCol());
        columns.require("featuresCol", column, SchemaColumns::holdsExamples, "a vector or an array of float or double");
        StructField field = schema.fields()[column];
        if (SchemaColumns.isVector(field.dataType())) {
            int size = AttributeGroup.fromStructField(field).size();
            int wanted = model.spec().inputs();
            if (size >= 0 && size != wanted) {
                throw ElboException.data("featuresCol: column " + Messages.quote(field.name()) + " has vectors of "
                        + size + " values, but the model " + model.name() + " takes " + wanted);
            }
        }
        return column;
    }

    private int[] inputs() {
        Optional<Table> table = model.inputs().table();
        List<String> known = model.columns();
        List<String> given = params.isSet(params.inputCols()) ? List.of(params.getInputCols()) : known;
        boolean named = table.isPresent() || model.inputs().names().isPresent();
        Set<String> different = new HashSet<>(given);
        if (different.size() != given.size()) {
            throw ElboException.usage("inputCols names a column twice: " + String.join(", ", given));
        }
        if (named) {
            different.removeAll(known);
            if (!different.isEmpty()) {
                throw ElboException.usage("inputCols: the model " + model.name() + " has no input "
                        + Messages.quote(different.iterator().next()) + "; it has "
                        + Messages.list(known, LISTED, each -> each) + "; rename columns to these");
            }
        } else if (given.size() != known.size()) {
            throw ElboException.usage("inputCols names " + given.size() + " columns, but the model " + model.name()
                    + " takes " + known.size());
        }
        List<String> order = named ? known : given;
        int[] places = new int[order.size()];
        for (int i = 0; i < places.length; i++) {
            String name = order.get(i);
            boolean optional = table.isPresent() && table.get().columns().get(i).isConstant();
            boolean wanted = given.contains(name)
                    && !(optional && !List.of(schema.fieldNames()).contains(name));
            if (!wanted && !optional) {
                throw ElboException.usage("inputCols lacks " + Messages.quote(name) + ", an input of the model "
                        + model.name() + "; it takes " + Messages.list(known, LISTED, each -> each));
            }
            places[i] = wanted ? columns.find("inputCols", name) : -1;
            if (wanted && table.isPresent()) {
                columns.require("inputCols", places[i], SchemaColumns::isWordOrNumber, "words, numbers or booleans");
            } else if (wanted) {
                columns.require("inputCols", places[i], SchemaColumns::isNumber, "numbers or booleans");
            }
        }
        return places;
    }

    private int classes() {
        String name = params.getClassCol();
        List<String> classes = model.spec().classes();
        if (!model.spec().conditional()) {
            if (!name.isEmpty()) {
                throw ElboException.usage("classCol is " + Messages.quote(name) + ", but the model " + model.name()
                        + " has no classes; set classCol to ''");
            }
            return -1;
        }
        if (name.isEmpty()) {
            throw ElboException.usage("the model " + model.name() + " has the classes "
                    + Messages.list(classes, LISTED, each -> each)
                    + "; set classCol to the column that holds those of the rows");
        }
        int column = columns.find("classCol", name);
        columns.require("classCol", column, SchemaColumns::isWordOrNumber, "words, numbers or booleans");
        return column;
    }

    private StructType output(boolean latent, boolean score, boolean reconstruction) {
        List<StructField> fields = new ArrayList<>(List.of(schema.fields()));
        boolean nullable = params.getHandleInvalid().equals(VaeParams.KEEP);
        if (latent) {
            add(fields, "latentCol", vectors(params.getLatentCol(), model.spec().latent(), nullable));
        }
        if (score) {
            add(fields, "scoreCol", DataTypes.createStructField(params.getScoreCol(), DataTypes.DoubleType, nullable));
        }
        if (reconstruction) {
            String name = params.getReconstructionCol();
            add(
                    fields,
                    "reconstructionCol",
                    model.inputs()
                            .table()
                            .map(table -> DataTypes.createStructField(name, TableRows.type(table), nullable))
                            .orElseGet(() -> vectors(name, model.spec().inputs(), nullable)));
        }
        return new StructType(fields.toArray(StructField[]::new));
    }

    /** Returns a column of vectors whose size later stages find in its metadata. */
    private static StructField vectors(String name, int size, boolean nullable) {
        StructField field = new AttributeGroup(name, size).toStructField();
        return new StructField(name, field.dataType(), nullable, field.metadata());
    }

    /** Adds a column; names that differ in case alone are one name in Spark's SQL. */
    private static void add(List<StructField> fields, String param, StructField column) {
        for (StructField field : fields) {
            if (field.name().equalsIgnoreCase(column.name())) {
                throw ElboException.data(param + ": there is a column " + Messages.quote(field.name())
                        + " already; set " + param + " to another name");
            }
        }
        fields.add(column);
    }
}
