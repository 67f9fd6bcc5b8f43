package dev.elbo.spark;

import dev.elbo.analysis.AnomalyScore;
import java.io.Serializable;
import org.apache.spark.sql.types.StructType;

/**
 * What is to be computed for the rows of a schema, checked on the driver and sent to the tasks.
 *
 * @param output the schema of the rows with all outputs
 * @param inputs positions in a row: of the column of examples alone, or of the columns of the model in its order, −1 for a constant
 *     one that is not there
 * @param names of these columns, for messages
 * @param whole whether one column holds whole examples
 * @param classes position of the column of classes; −1 for none
 * @param latent whether there are codes
 * @param score the score; null for none
 * @param reconstruction whether there are reconstructions
 * @param invalid one of {@link VaeParams#ERROR}, {@link VaeParams#SKIP} and {@link VaeParams#KEEP}
 * @param unknownMissing whether words that the table lacks are missing values
 * @param settings of the service
 */
record Scoring(
        StructType output,
        int[] inputs,
        String[] names,
        boolean whole,
        int classes,
        boolean latent,
        AnomalyScore score,
        boolean reconstruction,
        String invalid,
        boolean unknownMissing,
        Settings settings)
        implements Serializable {

    /**
     * The settings of a service, on which its answers depend.
     *
     * @param digest of the model's file
     */
    record Settings(String digest, String backend, int batchSize, int samples, long seed) implements Serializable {
        Settings withBackend(String name) {
            return new Settings(digest, name, batchSize, samples, seed);
        }
    }

    /** Returns the number of output columns. */
    int outputs() {
        return (latent ? 1 : 0) + (score == null ? 0 : 1) + (reconstruction ? 1 : 0);
    }
}
