package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.backend.Backend;
import dev.elbo.net.ModelFile;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.ToIntBiFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that computes with a trained model. */
abstract class ModelCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelOptions model;

    CommandSpec spec() {
        return spec;
    }

    ModelOptions model() {
        return model;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Opens the backend and the model for some work, which returns the exit code. */
    int compute(BackendOptions options, ToIntBiFunction<ModelFile.Loaded, InputSchema> work) {
        try (Backend backend = options.open(err());
                ModelFile.Loaded loaded = model.load(backend)) {
            return work.applyAsInt(loaded, model.inputs(loaded));
        }
    }
}
