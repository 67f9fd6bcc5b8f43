package dev.elbo.spark;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.elbo.train.EpochMetrics;
import java.io.Serializable;

/**
 * The metrics of an epoch on their way between processes.
 *
 * @param json all of them, NaN where there is none
 */
record EpochText(String json) implements Serializable {
    private static final Gson GSON =
            new GsonBuilder().serializeSpecialFloatingPointValues().create();

    static EpochText of(EpochMetrics metrics) {
        return new EpochText(GSON.toJson(metrics));
    }

    EpochMetrics metrics() {
        return GSON.fromJson(json, EpochMetrics.class);
    }
}
