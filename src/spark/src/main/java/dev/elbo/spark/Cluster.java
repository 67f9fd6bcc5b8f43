package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import java.util.List;
import java.util.function.IntSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** What the training needs of a cluster, checked on the driver before anything runs. */
final class Cluster {
    private static final List<String> ENCRYPTION = List.of(
            "spark.network.crypto.enabled",
            "spark.io.encryption.enabled",
            "spark.authenticate.enableSaslEncryption",
            "spark.ssl.rpc.enabled");
    private static final int MAX_WAIT_MILLIS = 30_000;
    private static final int POLL_MILLIS = 100;

    private Cluster() {}

    /** Refuses settings of a cluster on which a training would hang, or give up what they promise. */
    static void check(SparkConf conf, List<String> allowed) {
        if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw ElboException.usage(
                    "spark.dynamicAllocation.enabled is true, but all tasks of a training run at the same time,"
                            + " on executors that stay; set it to false for this application");
        }
        if (conf.getBoolean("spark.speculation", false) && !allowed.contains(VaeEstimatorParams.SPECULATION)) {
            throw ElboException.usage(
                    "spark.speculation is true: Spark would run the tasks that sort the rows twice where they are"
                            + " slow, and cannot replace a slow worker of the training; set it to false, or allow speculation");
        }
        for (String key : ENCRYPTION) {
            if (conf.getBoolean(key, false) && !allowed.contains(VaeEstimatorParams.PLAINTEXT)) {
                throw ElboException.usage(
                        key + " is true, but workers exchange gradients and weights and keep their rows in local"
                                + " files without encryption; allow plaintext if that may be");
            }
        }
    }

    /** Returns how many tasks can run at the same time. */
    static int slots(SparkContext context) {
        return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    }

    /**
     * Returns the number of workers.
     *
     * @param wanted 0: one for each slot, as far as they divide the shards
     * @param slots how many tasks can run at the same time, asked again while executors start
     */
    static int workers(int wanted, int shards, IntSupplier slots) {
        if (wanted > 0 && shards % wanted != 0) {
            throw ElboException.usage("workers is " + wanted + ", which does not divide shards, " + shards
                    + "; each worker has as many shards");
        }
        if (wanted > 0) {
            long end = System.nanoTime() + MAX_WAIT_MILLIS * 1_000_000L;
            while (slots.getAsInt() < wanted) {
                if (System.nanoTime() > end) {
                    throw ElboException.unavailable(
                            "workers is " + wanted + ", but the cluster runs only " + slots.getAsInt()
                                    + " tasks at the same time; set fewer workers, or start it with more cores");
                }
                pause();
            }
            return wanted;
        }
        int workers = Math.max(1, Math.min(shards, slots.getAsInt()));
        while (shards % workers != 0) {
            workers--;
        }
        return workers;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            throw Interruption.stopped("the wait for executors", e);
        }
    }
}
