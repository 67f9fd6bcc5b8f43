package dev.elbo.cli;

import dev.elbo.backend.Backend;
import dev.elbo.bench.InferenceBench;
import dev.elbo.bench.StepOptions;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "inference",
        description = "Times encoding, decoding and scoring of 1 and of 4096 examples by a VaeService, as a program"
                + " calls it.")
final class BenchInferenceCommand extends Action {
    @Option(
            names = "--preset",
            paramLabel = "P",
            description =
                    "Model to serve: that of the preset small, large, iwae50 or conv of 'elbo bench step' (default:"
                            + " ${DEFAULT-VALUE}).")
    private String preset = "small";

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            description = "Likelihood, as for 'elbo train' (default: ${DEFAULT-VALUE}).")
    private String likelihood = "gaussian";

    @Mixin
    private BenchOptions bench;

    @Override
    public Integer call() {
        VaeSpec model = Check.usage(() -> StepOptions.preset(preset, Kinds.LIKELIHOODS.component(likelihood), 1))
                .model();
        try (Backend backend = bench.open()) {
            List<InferenceBench.Result> results = measure(backend, model);
            out().println(model.summary());
            results.forEach(result -> out().println(result.line()));
            bench.write(bench.report(backend), InferenceBench.toJson(results));
        }
        return 0;
    }

    private List<InferenceBench.Result> measure(Backend backend, VaeSpec model) {
        try {
            Path served = Files.createTempFile("elbo-", ".safetensors");
            try {
                InferenceBench.write(backend, model, served);
                return InferenceBench.run(backend, () -> bench.backend().serve(served));
            } finally {
                Files.delete(served);
            }
        } catch (IOException e) {
            throw ElboException.io(
                    "the model to serve cannot be written to the temporary folder: " + Messages.reason(e), e);
        }
    }
}
