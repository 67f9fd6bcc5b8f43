package dev.elbo.spark;

import dev.elbo.train.EpochMetrics;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Metrics of epochs as rows, with null for what there is not. */
final class MetricsRows {
    private static final StructType PART = new StructType()
            .add("elbo", DataTypes.DoubleType)
            .add("loss", DataTypes.DoubleType)
            .add("reconstruction", DataTypes.DoubleType)
            .add("kl", DataTypes.DoubleType);
    private static final DataType NUMBER = DataTypes.DoubleType;
    private static final StructType EPOCH = new StructType()
            .add("epoch", DataTypes.IntegerType)
            .add("step", DataTypes.LongType)
            .add("train", PART)
            .add("validation", PART)
            .add("test", PART)
            .add("beta", NUMBER)
            .add("learning_rate", NUMBER)
            .add("seconds", NUMBER)
            .add("examples_per_second", NUMBER);

    private MetricsRows() {}

    static Dataset<Row> of(SparkSession session, List<EpochMetrics> epochs) {
        return session.createDataFrame(epochs.stream().map(MetricsRows::row).toList(), EPOCH);
    }

    private static Row row(EpochMetrics epoch) {
        return RowFactory.create(
                epoch.epoch(),
                epoch.step(),
                part(epoch.train()),
                part(epoch.validation()),
                part(epoch.test()),
                number(epoch.beta()),
                epoch.learningRate(),
                epoch.seconds(),
                epoch.examplesPerSecond());
    }

    private static Row part(EpochMetrics.Part part) {
        return part == null
                ? null
                : RowFactory.create(
                        number(part.elbo()), number(part.loss()), number(part.reconstruction()), number(part.kl()));
    }

    private static Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
