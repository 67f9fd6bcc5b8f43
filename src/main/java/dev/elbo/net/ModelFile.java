package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Disk;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads and writes a model as one safetensors file: weights in float32 under their names, in the order of PyTorch's modules,
 * with the whole specification in the metadata.
 */
public final class ModelFile {
    /** Metadata key of the specification, {@link VaeSpec#toJson()}. */
    public static final String SPEC = "elbo.spec";

    /** Metadata key of the shape of the pictures that examples make: channels, height and width with commas between. */
    public static final String IMAGE = "elbo.image";

    private ModelFile() {}

    /**
     * A model and the memory that it lives in, freed by closing this.
     *
     * @param vae the model
     * @param parameters its weights
     * @param metadata the file's other entries
     */
    public record Loaded(Vae vae, Arena parameters, Map<String, String> metadata) implements AutoCloseable {
        @Override
        public void close() {
            vae.close();
            parameters.close();
        }
    }

    /**
     * Writes a model.
     *
     * @param file to be made or replaced
     * @param vae the model
     * @param metadata to keep beside the specification
     * @throws ElboException io, if it cannot be written; nothing is left under the name then
     */
    public static void write(Path file, Vae vae, Map<String, String> metadata) {
        write(Disk.REAL, file, vae, metadata);
    }

    /**
     * Writes a model on a given disk, as {@link #write(Path, Vae, Map)}.
     *
     * @param disk to write to
     * @param file its name
     * @param vae the model
     * @param metadata to keep beside the specification
     */
    public static void write(Disk disk, Path file, Vae vae, Map<String, String> metadata) {
        StoredModel.of(vae, metadata).write(disk, file);
    }

    /**
     * {@return the model of a file in a backend's memory, to be closed before the backend is}
     *
     * @param file its path
     * @param backend that it is to run on
     * @throws ElboException data, if the file is not a model that can be trusted, naming what is wrong
     */
    public static Loaded read(Path file, Backend backend) {
        return StoredModel.read(file).load(backend);
    }
}
