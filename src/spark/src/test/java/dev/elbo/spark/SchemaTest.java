package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException.Kind;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What does not fit the model is refused on the driver, before any job. */
class SchemaTest {
    private static final StructType FEATURES = Frames.schema("features", SQLDataTypes.VectorType());

    @BeforeAll
    static void start() {
        Sessions.session();
    }

    private static VaeModel numbers() {
        return VaeModel.ofFile(Models.ofNumbers().toString());
    }

    private static VaeModel table() {
        return VaeModel.ofFile(Models.ofTable().toString());
    }

    private static void refused(Kind kind, VaeModel model, StructType schema, String... words) {
        Sessions.refused(kind, () -> model.transformSchema(schema), words);
    }

    private static StructType doubles(String... names) {
        StructType schema = new StructType();
        for (String name : names) {
            schema = schema.add(name, DataTypes.DoubleType);
        }
        return schema;
    }

    @Test
    void outputsComeLastWithTheirTypes() {
        StructType out = numbers().setReconstructionCol("usual").transformSchema(FEATURES);
        assertEquals("features latent score usual", String.join(" ", out.fieldNames()));
        assertEquals(SQLDataTypes.VectorType(), out.apply("latent").dataType());
        assertEquals(DataTypes.DoubleType, out.apply("score").dataType());
        assertEquals(SQLDataTypes.VectorType(), out.apply("usual").dataType());
        assertFalse(out.apply("score").nullable());
        assertEquals(6, AttributeGroup.fromStructField(out.apply("usual")).size());
        assertTrue(numbers()
                .setHandleInvalid("keep")
                .transformSchema(FEATURES)
                .apply("score")
                .nullable());
    }

    @Test
    void aTableIsGivenBackAsAStruct() {
        StructType in = doubles("age", "visits", "grade")
                .add("plan", DataTypes.StringType)
                .add("member", DataTypes.BooleanType);
        StructType out = table().setReconstructionCol("usual").transformSchema(in);
        assertEquals(
                "struct<age:double,plan:string,member:string,visits:bigint,country:string,grade:string>",
                out.apply("usual").dataType().simpleString());
    }

    @Test
    void anOutputIsWanted() {
        refused(
                Kind.USAGE,
                numbers().setLatentCol("").setScoreCol(""),
                FEATURES,
                "latentCol, scoreCol and reconstructionCol are all ''; set at least one of them");
    }

    @Test
    void aBatchIsBounded() {
        refused(Kind.USAGE, numbers().setBatchSize(1 << 28), FEATURES, "a batch would have 1610612736 values, at most");
    }

    @Test
    void outputsDoNotReplaceColumns() {
        StructType taken = FEATURES.add("Score", DataTypes.StringType);
        refused(
                Kind.DATA,
                numbers(),
                taken,
                "scoreCol: there is a column 'Score' already; set scoreCol to another name");
        refused(Kind.DATA, numbers().setLatentCol("features"), FEATURES, "latentCol: there is a column 'features'");
        refused(Kind.DATA, numbers().setReconstructionCol("latent"), FEATURES, "reconstructionCol: there is a column");
    }

    @Test
    void examplesAreVectorsOrArraysOfTheModelsWidth() {
        refused(Kind.DATA, numbers(), doubles("a"), "featuresCol: there is no column 'features'; there are a");
        refused(
                Kind.DATA,
                numbers(),
                doubles("features"),
                "featuresCol: column 'features' is double, not a vector or an array of float or double");
        StructType ints = Frames.schema("features", DataTypes.createArrayType(DataTypes.IntegerType));
        refused(Kind.DATA, numbers(), ints, "featuresCol: column 'features' is array<int>, not");
        StructType narrow = new StructType(new StructField[] {new AttributeGroup("features", 5).toStructField()});
        refused(
                Kind.DATA,
                numbers(),
                narrow,
                "featuresCol: column 'features' has vectors of 5 values, but the model ",
                " takes 6");
    }

    @Test
    void columnsAreThoseOfTheModel() {
        StructType all = doubles("a", "b", "c", "d", "e", "f");
        refused(
                Kind.USAGE,
                numbers().setInputCols("a", "b"),
                all,
                "inputCols names 2 columns, but the model ",
                " takes 6");
        refused(
                Kind.USAGE,
                numbers().setInputCols("a", "b", "c", "d", "e", "a"),
                all,
                "inputCols names a column twice");
        refused(
                Kind.DATA,
                numbers().setInputCols("a", "b", "c", "d", "e", "g"),
                all,
                "inputCols: there is no column 'g'; there are a, b, c, d, e, f");
        refused(
                Kind.USAGE,
                numbers().setInputCols("a", "b", "c", "d", "e", "f").setFeaturesCol("features"),
                all,
                "featuresCol and inputCols are both set; clear one of them");
        StructType words = doubles("a", "b", "c", "d", "e").add("f", DataTypes.StringType);
        refused(
                Kind.DATA,
                numbers().setInputCols("a", "b", "c", "d", "e", "f"),
                words,
                "inputCols: column 'f' is string, not numbers or booleans");
        VaeModel named = VaeModel.ofFile(Models.ofNames().toString());
        refused(
                Kind.USAGE,
                named.setInputCols("a", "b", "c", "d", "e", "g"),
                doubles("a", "b", "c", "d", "e", "g"),
                "has no input 'g'; it has a, b, c, d, e, f; rename columns to these");
        refused(
                Kind.USAGE,
                named.setInputCols("a", "b", "c", "d", "e"),
                all,
                "inputCols lacks 'f', an input of the model ");
    }

    @Test
    void columnsOfATableMayLackItsConstants() {
        StructType all = doubles("age", "visits", "member", "grade").add("plan", DataTypes.StringType);
        assertEquals(7, table().transformSchema(all).size());
        refused(
                Kind.DATA,
                table(),
                doubles("age", "visits"),
                "inputCols: there is no column 'plan'; there are age, visits");
        StructType odd = doubles("age", "visits", "member", "grade").add("plan", DataTypes.BinaryType);
        refused(Kind.DATA, table(), odd, "inputCols: column 'plan' is binary, not words, numbers or booleans");
        assertEquals(
                7,
                table().setInputCols("plan", "grade", "member", "visits", "age")
                        .transformSchema(all)
                        .size());
        assertEquals(
                3, table().setFeaturesCol("features").transformSchema(FEATURES).size());
    }

    @Test
    void classesAreToldToModelsThatHaveThem() {
        VaeModel model = VaeModel.ofFile(Models.ofClasses().toString());
        refused(
                Kind.USAGE,
                model,
                FEATURES,
                "has the classes ",
                "set classCol to the column that holds those of the rows");
        model.setClassCol("kind");
        refused(Kind.DATA, model, FEATURES, "classCol: there is no column 'kind'");
        refused(Kind.DATA, model, FEATURES.add("kind", DataTypes.DateType), "classCol: column 'kind' is date, not");
        refused(Kind.USAGE, numbers().setClassCol("kind"), FEATURES, "has no classes; set classCol to ''");
    }

    @Test
    void aPlainAutoencoderHasOneScore() {
        VaeModel model = VaeModel.ofFile(Models.ofCodes().toString());
        refused(
                Kind.USAGE,
                model,
                FEATURES,
                "scoreKind elbo: the model is a plain autoencoder, which has no posterior; set scoreKind to"
                        + " reconstruction, or scoreCol to ''");
        assertEquals(
                3,
                model.setScoreKind("reconstruction").transformSchema(FEATURES).size());
    }
}
