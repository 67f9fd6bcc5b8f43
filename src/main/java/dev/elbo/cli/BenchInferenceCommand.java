package dev.elbo.cli;

import dev.elbo.backend.Backend;
import dev.elbo.bench.InferenceBench;
import dev.elbo.bench.Report;
import dev.elbo.bench.StepOptions;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.Version;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "inference",
        description =
                "Times encoding, decoding and scoring of 1 and of 4096 examples as a program asks a VaeService for them.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchInferenceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--preset",
            paramLabel = "P",
            defaultValue = "small",
            description = "The model of small, large or iwae50, as of 'elbo bench step' (default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            defaultValue = "gaussian",
            description = "As of 'elbo train' (default: ${DEFAULT-VALUE}).")
    private String likelihood;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file too.")
    private Path file;

    @Override
    public Integer call() {
        VaeSpec model;
        try {
            model = StepOptions.preset(preset, Likelihood.of(likelihood), 1).model();
        } catch (IllegalArgumentException e) {
            throw OptionNames.refusal(e);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Backend backend = backendOptions.open(err)) {
            List<InferenceBench.Result> results = measure(backend, model);
            out.println(model.summary());
            results.forEach(result -> out.println(result.line()));
            if (file != null) {
                new Report(backend, Version.current(), BenchCommand.line(spec))
                        .add(InferenceBench.toJson(results))
                        .write(file);
            }
        }
        return 0;
    }

    private List<InferenceBench.Result> measure(Backend backend, VaeSpec model) {
        try {
            Path served = Files.createTempFile("elbo-", ".safetensors");
            try {
                InferenceBench.write(backend, model, served);
                return InferenceBench.run(backend, () -> backendOptions.serve(served));
            } finally {
                Files.delete(served);
            }
        } catch (IOException e) {
            throw ElboException.io("the model to be served cannot be kept: " + Messages.reason(e), e);
        }
    }
}
