/**
 * Trained models in Apache Spark: {@link dev.elbo.spark.VaeModel} adds codes, anomaly scores and reconstructions to the rows of a
 * DataFrame.
 */
package dev.elbo.spark;
