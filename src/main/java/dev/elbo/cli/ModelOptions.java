package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.net.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToIntBiFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The trained model that a command uses. */
final class ModelOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A model.safetensors file, or the folder of a run.")
    private Path model;

    /** Checks where the data will be, then opens the backend and the model for work that returns the exit code. */
    int compute(BackendOptions options, DataOptions data, ToIntBiFunction<ModelFile.Loaded, InputSchema> work) {
        data.placement();
        try (Backend backend = options.open(spec.commandLine().getErr());
                ModelFile.Loaded loaded = ModelFile.read(file(), backend)) {
            return work.applyAsInt(loaded, inputs(loaded));
        }
    }

    /** Computes as {@link #compute(BackendOptions, DataOptions, ToIntBiFunction)}, with a class that the model must have. */
    int compute(
            BackendOptions options,
            DataOptions data,
            ClassOptions classes,
            ToIntBiFunction<ModelFile.Loaded, InputSchema> work) {
        return compute(options, data, (loaded, inputs) -> {
            classes.number(loaded.vae().spec());
            return work.applyAsInt(loaded, inputs);
        });
    }

    Path file() {
        return file(model);
    }

    /** {@return the file of a model that is named by it or by the folder of its run} */
    static Path file(Path model) {
        return Files.isDirectory(model) ? model.resolve("model.safetensors") : model;
    }

    /** @throws ElboException usage, if {@code --out} would replace the file that is read */
    static void requireOther(Path out, Path read) {
        try {
            if (Files.exists(out) && Files.exists(read) && Files.isSameFile(out, read)) {
                throw ElboException.usage("--out " + out + " is the file that is read; give another name");
            }
        } catch (IOException e) {
            throw ElboException.io("--out " + out + ": " + Messages.reason(e), e);
        }
    }

    InputSchema inputs(ModelFile.Loaded loaded) {
        return InputSchema.of(model.toString(), loaded);
    }
}
