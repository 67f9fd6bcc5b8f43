package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.data.TableText;
import dev.elbo.error.ElboException.Kind;
import dev.elbo.model.Table;
import dev.elbo.serve.VaeService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of words, numbers and gaps. */
class TableTest {
    private static final int COUNT = 90;

    @TempDir
    private Path folder;

    private static VaeModel model() {
        return VaeModel.ofFile(Models.ofTable().toString())
                .setReconstructionCol("usual")
                .setBackend("cpu");
    }

    private Path csv() throws Exception {
        return Files.writeString(folder.resolve("new.csv"), Models.csv(COUNT));
    }

    /** Rows with types as Spark finds them: gaps are null. */
    private Dataset<Row> typed() throws Exception {
        return Sessions.session()
                .read()
                .option("header", "true")
                .option("inferSchema", "true")
                .option("nullValue", "NA")
                .csv(csv().toString())
                .withColumn("id", functions.monotonically_increasing_id())
                .coalesce(1);
    }

    @Test
    void typedColumnsAndTextsGiveWhatAServiceGivesForTexts() throws Exception {
        Dataset<Row> typed = typed();
        assertEquals(
                "struct<age:double,plan:string,member:boolean,visits:int,country:string,grade:int,id:bigint>",
                typed.schema().simpleString());
        Dataset<Row> scored = model().transform(typed).cache();
        try (VaeService service = VaeService.builder(Models.ofTable())
                .backend("cpu")
                .replicas(1)
                .batchSize(512)
                .build()) {
            Table table = service.inputs().table().orElseThrow();
            TableText text = new TableText(table);
            List<String> lines = Models.csv(COUNT).lines().skip(1).toList();
            double[] x = lines.stream()
                    .flatMapToDouble(line -> Arrays.stream(text.encodeExactly(line.split(",", -1))))
                    .toArray();
            assertArrayEquals(service.anomalyScores(x, AnomalyScore.NEGATIVE_ELBO), Sessions.numbers(scored, "score"));
            double[] made = service.reconstruct(x);
            int width = table.features();
            List<Row> usual = scored.select("usual.*").collectAsList();
            for (int i = 0; i < COUNT; i++) {
                String[] texts = text.decode(Arrays.copyOfRange(made, i * width, (i + 1) * width));
                for (int j = 0; j < texts.length; j++) {
                    Object cell = usual.get(i).get(j);
                    boolean same = cell instanceof Double number
                            ? number == Double.parseDouble(texts[j])
                            : texts[j].equals(cell.toString());
                    assertTrue(same, "row " + i + ": " + cell + " for " + texts[j]);
                }
            }
        }
        Dataset<Row> texts = Sessions.session()
                .read()
                .option("header", "true")
                .csv(csv().toString())
                .coalesce(1);
        assertArrayEquals(
                Sessions.numbers(scored, "score"),
                Sessions.numbers(model().transform(texts), "score"),
                "all of them words");
    }

    @Test
    void theCommandLineWritesTheSame() throws Exception {
        Dataset<Row> scored =
                model().transform(typed().repartition(3)).orderBy("id").cache();
        String model = Models.ofTable().toString();
        double[] scores = Arrays.stream(CommandLine.numbers(folder, "score", model, csv()))
                .mapToDouble(line -> line[0])
                .toArray();
        Sessions.assertClose(scores, Sessions.numbers(scored, "score"), 1e-5);
        List<String> made = CommandLine.lines(folder, "reconstruct", model, csv());
        List<Row> usual = scored.select("usual.*").collectAsList();
        for (int i = 0; i < COUNT; i++) {
            String[] texts = made.get(i).split(",");
            for (int j = 1; j < texts.length; j++) {
                assertEquals(texts[j], usual.get(i).get(j).toString(), "row " + i);
            }
            double number = Double.parseDouble(texts[0]);
            assertEquals(number, usual.get(i).getDouble(0), 1e-5 * Math.max(1, Math.abs(number)));
        }
    }

    @Test
    void unknownWordsAreErrorsOrGaps() throws Exception {
        Dataset<Row> odd = typed().withColumn("plan", functions.expr("if(id % 9 = 0, 'platinum', plan)"));
        Sessions.refused(
                Kind.DATA,
                () -> model().transform(odd).count(),
                "row 0 of partition 0",
                "column 'plan': is 'platinum', none of the categories that the table has: ",
                "unknown = missing takes such values as missing");
        assertEquals(80, model().setHandleInvalid("skip").transform(odd).count());
        List<String> warnings = new ArrayList<>();
        double[] scores = InvalidRowsTest.warned(
                warnings, () -> Sessions.numbers(model().setUnknown("missing").transform(odd), "score"));
        Dataset<Row> gaps = typed().withColumn("plan", functions.expr("if(id % 9 = 0, null, plan)"));
        assertArrayEquals(Sessions.numbers(model().transform(gaps), "score"), scores);
        assertEquals(
                List.of("10 words of partition 0 are not in the table of the model and taken as missing values"),
                warnings);
    }

    @Test
    void whatIsNoValueOfItsColumnIsNamed() throws Exception {
        refused("visits", "1.5", "column 'visits': is '1.5', not a count, a whole number from 0 on");
        refused("visits", "-1", "column 'visits': is '-1', not a count");
        refused("age", "'old'", "column 'age': is 'old', not a finite number");
        refused("age", "double('infinity')", "column 'age': is 'Infinity', not a finite number");
        refused("country", "'de'", "column 'country': is 'de', but the table has only 'ch' in this column");
        refused("plan", "true", "column 'plan': is 'true', none of the categories");
        refused("grade", "7", "column 'grade': is '7', none of the categories");
    }

    private void refused(String column, String value, String problem) throws Exception {
        Dataset<Row> odd = typed().withColumn(column, functions.expr(value));
        Sessions.refused(Kind.DATA, () -> model().transform(odd).count(), "row 0 of partition 0 (from 0): " + problem);
    }

    @Test
    void numbersAndBooleansAreTheirWords() throws Exception {
        double[] scores = Sessions.numbers(model().transform(typed()), "score");
        for (String form : List.of("cast(grade as double)", "cast(grade as decimal(4, 1))", "cast(grade as string)")) {
            Dataset<Row> other = typed().withColumn("grade", functions.expr(form));
            assertArrayEquals(scores, Sessions.numbers(model().transform(other), "score"), form);
        }
        Dataset<Row> words = typed().withColumn("member", functions.expr("if(member, 'true', 'false')"));
        assertArrayEquals(scores, Sessions.numbers(model().transform(words), "score"));
        Dataset<Row> ones = typed().withColumn("grade", functions.lit(1));
        Dataset<Row> yes = typed().withColumn("grade", functions.lit(true));
        assertArrayEquals(
                Sessions.numbers(model().transform(ones), "score"), Sessions.numbers(model().transform(yes), "score"));
        Dataset<Row> counts = typed().withColumn("visits", functions.expr("cast(visits as double)"));
        assertArrayEquals(scores, Sessions.numbers(model().transform(counts), "score"));
        assertArrayEquals(scores, Sessions.numbers(model().transform(typed().drop("country")), "score"));
    }
}
