package dev.elbo.cli;

import dev.elbo.net.StoredModel;
import dev.elbo.onnx.OnnxExport;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description = {
            "Exports a model, or a part of it, for other programs, with any batch size.",
            "encoder: x to mu and log_var. decoder: z to x_mean, with x_logits (Bernoulli) or x_log_var"
                    + " (Gaussian). whole: x and noise to all of these; noise of zeros gives z = mu.",
            "A model with classes also takes class, the number of each example's class from 0 on, as int64."
        })
final class ExportCommand extends Action {
    enum Format {
        ONNX;

        @Override
        public String toString() {
            return "onnx";
        }
    }

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "onnx",
            description = "Format of the file: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(
            names = "--part",
            paramLabel = "P",
            defaultValue = "whole",
            description = "Part of the model: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OnnxExport.Part part;

    @Option(names = "--out", paramLabel = "F", required = true, description = "File to write.")
    private Path out;

    @Override
    public Integer call() {
        ModelOptions.requireOther(out, model.file());
        OnnxExport export = switch (format) {
            case ONNX -> OnnxExport.of(StoredModel.read(model.file()), part);
        };
        export.write(out);
        out().println(out + ": " + list(export.inputs()) + " -> " + list(export.outputs()));
        return 0;
    }

    private static String list(List<OnnxExport.Value> values) {
        return values.stream().map(OnnxExport.Value::toString).collect(Collectors.joining(", "));
    }
}
