package dev.elbo.spark.examples;

import dev.elbo.spark.VaeModel;
import java.io.IOException;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A model as the last stage of a pipeline, which is saved and loaded. */
public final class CodesOfSensors {
    private CodesOfSensors() {}

    /** Returns the rows with their codes. */
    public static Dataset<Row> run(Dataset<Row> sensors, String file, String path) throws IOException {
        // [shown
        PipelineStage[] stages = {
            new VectorAssembler().setInputCols(sensors.columns()).setOutputCol("raw"),
            new StandardScaler().setInputCol("raw").setOutputCol("features").setWithMean(true),
            VaeModel.ofFile(file).setScoreCol("") // reads the column "features", writes "latent"
        };
        PipelineModel pipeline = new Pipeline().setStages(stages).fit(sensors);
        pipeline.write().overwrite().save(path); // with the bytes of the model's file
        Dataset<Row> codes = PipelineModel.load(path).transform(sensors);
        // shown]
        return codes;
    }
}
