package dev.elbo.spark.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.spark.Models;
import dev.elbo.spark.Sessions;
import dev.elbo.spark.VaeEstimator;
import dev.elbo.spark.VaeModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say, and the page shows their code. */
class ExamplesTest {
    private static final Path PAGE = Path.of("../site/spark.md");
    private static final Path WRAPPER = Path.of("src/main/python/dev/elbo/spark.py");

    @TempDir
    private Path folder;

    @Test
    void strangePeopleComeFirst() throws IOException {
        String odd = "99,none,true,40,ch,1\nold,tin,true,3,ch,2\n";
        Path csv = Files.writeString(folder.resolve("people.csv"), Models.csv(30) + odd);
        List<Row> rows = ScorePeople.run(Sessions.session(), Models.ofTable().toString(), csv.toString());
        assertEquals(20, rows.size());
        Row first = rows.get(0);
        assertEquals("99", first.getString(0));
        assertEquals("ch", first.getStruct(7).getString(4), "the usual row is a struct");
        double second = rows.get(1).getDouble(6);
        assertTrue(first.getDouble(6) > second, first + " is stranger than " + rows.get(1));
    }

    @Test
    void aPipelineGivesCodes() throws IOException {
        Dataset<Row> sensors = Models.sensors(50);
        Dataset<Row> codes = CodesOfSensors.run(
                sensors,
                Models.ofScaled().toString(),
                folder.resolve("pipeline").toString());
        assertEquals(50, codes.select("latent").where("latent is not null").count());
    }

    @Test
    void aModelIsTrainedOnParquet() throws Exception {
        String parquet = folder.resolve("readings.parquet").toString();
        Models.sensors(150)
                .withColumn("id", functions.monotonically_increasing_id())
                .write()
                .parquet(parquet);
        Path file = folder.resolve("model.safetensors");
        List<Row> rows = TrainOnParquet.run(
                Sessions.session(), parquet, 2, folder.resolve("checkpoints").toString(), file.toString());
        assertEquals(20, rows.size());
        assertEquals(
                List.of("a", "b", "c", "d", "e", "f"),
                VaeModel.ofFile(file.toString()).columns());
    }

    @Test
    void thePageShowsTheirCode() throws IOException {
        String page = Files.readString(PAGE);
        for (String name : List.of("ScorePeople", "CodesOfSensors", "TrainOnParquet")) {
            String source = Files.readString(Path.of("src/test/java/dev/elbo/spark/examples", name + ".java"));
            String excerpt = source.substring(source.indexOf("// [shown\n") + 10, source.indexOf("// shown]"))
                    .stripIndent()
                    .strip();
            assertTrue(page.contains("```java\n" + excerpt + "\n```"), excerpt);
        }
        assertTrue(page.contains("```python\n" + Files.readString(WRAPPER).strip() + "\n```"), "the wrapper is shown");
    }

    @Test
    void theWrapperIsPython() throws Exception {
        Process python = new ProcessBuilder(
                        "python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", WRAPPER.toString())
                .inheritIO()
                .start();
        assertEquals(0, python.waitFor());
    }

    @Test
    void thePageNamesEveryParameterAndWhatJavaIsStartedWith() throws IOException {
        String page = Files.readString(PAGE);
        for (Params stage : List.of(VaeModel.ofFile(Models.ofNumbers().toString()), new VaeEstimator())) {
            for (var param : stage.params()) {
                assertTrue(page.contains("`" + param.name() + "`"), param.name());
            }
        }
        String pom = Files.readString(Path.of("pom.xml"));
        String opens = pom.substring(pom.indexOf("<spark.opens>") + 13, pom.indexOf("</spark.opens>"));
        for (String option : opens.strip().split("\\s+")) {
            assertTrue(page.contains(option), option);
        }
    }
}
