package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Disk;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model as one safetensors file: weights in float32 under their names, row-major as {@code (out, in)}, and the whole
 * specification in the metadata, so that nothing else is needed to use it.
 */
public final class ModelFile {
    /** Metadata key of the specification, {@link VaeSpec#toJson()}. */
    public static final String SPEC = "elbo.spec";

    private ModelFile() {}

    /**
     * A model and the memory that it lives in.
     *
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
     * @param metadata to keep beside the specification
     * @throws ElboException io, if it cannot be written; nothing is left under the name then
     */
    public static void write(Path file, Vae vae, Map<String, String> metadata) {
        write(Disk.REAL, file, vae, metadata);
    }

    /** As {@link #write(Path, Vae, Map)}, on a given disk. */
    public static void write(Disk disk, Path file, Vae vae, Map<String, String> metadata) {
        Arena parameters = vae.parameters();
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        parameters
                .layout()
                .slots()
                .forEach((name, slot) -> tensors.put(
                        name,
                        new SafeTensors.Entry(
                                shape(name, slot), parameters.tensor(name).toFloats())));
        if (vae.spec().likelihood() == Likelihood.GAUSSIAN_OPTIMAL) {
            tensors.put(
                    Parameters.OUTPUT_LOG_VAR,
                    new SafeTensors.Entry(new int[] {1}, new float[] {(float) vae.storedLogVar()}));
        }
        Map<String, String> all = new LinkedHashMap<>();
        all.put(SPEC, vae.spec().toJson());
        all.putAll(metadata);
        new SafeTensors(all, tensors).write(disk, file);
    }

    /**
     * Reads a model into a backend's memory.
     *
     * @throws ElboException data, if the file is not a model that can be trusted, naming what is wrong
     */
    public static Loaded read(Path file, Backend backend) {
        SafeTensors content = SafeTensors.read(file);
        String json = content.metadata().get(SPEC);
        if (json == null) {
            throw ElboException.data(
                    file + ": no '" + SPEC + "' in the metadata; this safetensors file is not a model of elbo");
        }
        VaeSpec spec;
        try {
            spec = VaeSpec.fromJson(json);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(file + ": '" + SPEC + "' in the metadata: " + e.getMessage(), e);
        }
        Layout layout = Parameters.layout(spec);
        Map<String, int[]> expected = new LinkedHashMap<>();
        layout.slots().forEach((name, slot) -> expected.put(name, shape(name, slot)));
        if (spec.likelihood() == Likelihood.GAUSSIAN_OPTIMAL) {
            expected.put(Parameters.OUTPUT_LOG_VAR, new int[] {1});
        }
        content.requireTensors(file.toString(), expected);
        content.requireFinite(file.toString());
        Arena parameters = backend.allocate(layout);
        layout.slots()
                .keySet()
                .forEach(name -> parameters
                        .tensor(name)
                        .write(content.tensors().get(name).values()));
        Vae vae = new Vae(backend, spec, parameters);
        if (spec.likelihood() == Likelihood.GAUSSIAN_OPTIMAL) {
            vae.storeLogVar(content.tensors().get(Parameters.OUTPUT_LOG_VAR).values()[0]);
        }
        Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
        metadata.remove(SPEC);
        return new Loaded(vae, parameters, metadata);
    }

    /** Weights are matrices, everything else is a vector. */
    private static int[] shape(String name, Layout.Slot slot) {
        return name.endsWith(".weight") ? new int[] {slot.rows(), slot.cols()} : new int[] {slot.cols()};
    }
}
