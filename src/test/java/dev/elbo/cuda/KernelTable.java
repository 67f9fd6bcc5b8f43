package dev.elbo.cuda;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Which entries make up each operation of {@link dev.elbo.backend.RawOps}, and the family of PTX that holds them. */
final class KernelTable {
    /** Entries as {@code family.entry}, by operation. */
    static final Map<String, List<String>> ENTRIES = new TreeMap<>(Map.ofEntries(
            Map.entry("gather", List.of("step.gather_uint8", "step.gather_real")),
            Map.entry("dense", List.of("activation.dense_activation", "activation.dense_bias", "thin.dense_thin")),
            Map.entry(
                    "denseGrad",
                    List.of(
                            "activation.dense_grad_activation",
                            "activation.dense_grad_finish",
                            "thin.dense_grad_thin")),
            Map.entry("activate", List.of("activation.activate")),
            Map.entry("classBias", List.of("classes.class_bias")),
            Map.entry("classBiasGrad", List.of("classes.class_bias_grad")),
            Map.entry("columnInputs", List.of("columns.column_inputs")),
            Map.entry("columnLoss", List.of("columns.column_loss", "columns.column_loss_finish")),
            Map.entry("columnMean", List.of("columns.column_mean")),
            Map.entry("activateGrad", List.of("activation.dense_grad_activation", "activation.dense_grad_finish")),
            Map.entry("unfold", List.of("convolution.unfold")),
            Map.entry("fold", List.of("convolution.fold")),
            Map.entry("normal", List.of("latent.normal")),
            Map.entry("reparameterize", List.of("latent.reparameterize")),
            Map.entry("reparameterizeGrad", List.of("latent.reparameterize_grad")),
            Map.entry("gaussianKlMean", List.of("latent.gaussian_kl_mean")),
            Map.entry("freeBits", List.of("latent.free_bits")),
            Map.entry("rowMean", List.of("step.row_mean")),
            Map.entry("sumShards", List.of("step.sum_shards_real", "step.sum_shards_float64")),
            Map.entry("klWeight", List.of("step.kl_weight")),
            Map.entry("gaussianKl", List.of("latent.gaussian_kl")),
            Map.entry(
                    "gaussianLoss",
                    List.of("loss.gaussian_loss", "loss.gaussian_loss_variance", "loss.gaussian_loss_finish")),
            Map.entry("bernoulliLoss", List.of("loss.bernoulli_loss")),
            Map.entry("optimalLogVar", List.of("loss.optimal_log_var", "loss.optimal_log_var_finish")),
            Map.entry("squaredErrorMean", List.of("loss.optimal_log_var", "loss.squared_error_mean_finish")),
            Map.entry("logVarOfMean", List.of("loss.optimal_log_var_finish")),
            Map.entry("importanceWeights", List.of("weights.importance_weights")),
            Map.entry("stepMetrics", List.of("step.step_metrics")),
            Map.entry("adam", List.of("step.adam")),
            Map.entry("advance", List.of("step.advance"))));

    /** Entries that several operations of a program become, see {@link Fusion}. */
    static final List<String> FUSED = List.of(
            "bottleneck.bottleneck",
            "bottleneck.bottleneck_grad",
            "bottleneck.bottleneck_grad_bias",
            "loss.gaussian_loss_optimal");

    private KernelTable() {}

    /** Without its family. */
    static String name(String entry) {
        return entry.substring(entry.indexOf('.') + 1);
    }

    /** {@code reparameterizeGrad} is {@code reparameterize_grad} among the kernels. */
    static String stem(String operation) {
        return operation.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
