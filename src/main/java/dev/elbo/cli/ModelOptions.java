package dev.elbo.cli;

import dev.elbo.backend.Backend;
import dev.elbo.net.ModelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The trained model that a command uses. */
final class ModelOptions {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model.safetensors, or the folder of a run.")
    private Path model;

    ModelFile.Loaded load(Backend backend) {
        return ModelFile.read(file(), backend);
    }

    /** The model's file. */
    Path file() {
        return Files.isDirectory(model) ? model.resolve("model.safetensors") : model;
    }

    /** What the model takes, by the metadata of its file. */
    Inputs inputs(ModelFile.Loaded loaded) {
        return Inputs.of(model.toString(), loaded);
    }
}
