package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of files is scored as it comes. */
class StreamingTest {
    @TempDir
    private Path folder;

    private static String lines(double[][] rows, int from, int to) {
        return Arrays.stream(rows, from, to)
                .map(row -> Arrays.stream(row).mapToObj(Double::toString).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void rowsOfAStreamHaveTheScoresOfABatch() throws Exception {
        double[][] rows = Models.numbers(60);
        Path in = Files.createDirectory(folder.resolve("in"));
        StructType schema = new StructType();
        for (String name : Models.NAMES) {
            schema = schema.add(name, "double");
        }
        VaeModel model = VaeModel.ofFile(Models.ofNames().toString())
                .setInputCols(Models.NAMES.toArray(String[]::new))
                .setBackend("cpu");
        Dataset<Row> stream =
                model.transform(Sessions.session().readStream().schema(schema).csv(in.toString()));
        assertTrue(stream.isStreaming());
        StreamingQuery query = stream.writeStream()
                .format("memory")
                .queryName("scored")
                .outputMode("append")
                .start();
        try {
            for (int part = 0; part < 2; part++) {
                Path ready = Files.writeString(folder.resolve("part"), lines(rows, part * 30, part * 30 + 30));
                Files.move(ready, in.resolve(part + ".csv"));
                query.processAllAvailable();
                assertEquals(30 * (part + 1), Sessions.session().table("scored").count());
            }
        } finally {
            query.stop();
        }
        Dataset<Row> batch = model.transform(Frames.columns(rows, Models.NAMES)).select("a", "score");
        List<Row> expected = batch.orderBy("a").collectAsList();
        List<Row> actual = Sessions.session()
                .table("scored")
                .select("a", "score")
                .orderBy("a")
                .collectAsList();
        for (int i = 0; i < rows.length; i++) {
            assertEquals(expected.get(i).getDouble(0), actual.get(i).getDouble(0));
            assertEquals(expected.get(i).getDouble(1), actual.get(i).getDouble(1), 1e-4);
        }
    }
}
