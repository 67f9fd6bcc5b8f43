/**
 * Models in Apache Spark: {@link dev.elbo.spark.VaeModel} adds codes, anomaly scores and reconstructions to the rows of a DataFrame,
 * {@link dev.elbo.spark.VaeEstimator} trains models on them.
 */
package dev.elbo.spark;
