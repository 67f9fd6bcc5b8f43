package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Disk;
import dev.elbo.io.Messages;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The contents of a model's file, without a backend: the specification, all weights in float32 under their names, in the order
 * of PyTorch's modules, and the other metadata.
 *
 * @param spec what the model is
 * @param tensors every tensor of the specification, finite; the arrays are kept, not copied
 * @param metadata without the specification
 */
public record StoredModel(VaeSpec spec, Map<String, SafeTensors.Entry> tensors, Map<String, String> metadata) {
    /** The most characters of a specification that is parsed: enough for any that {@link VaeSpec} takes. */
    private static final int MAX_SPEC_LENGTH = 1 << 18;

    /**
     * Keeps unmodifiable copies of the maps, the tensors in the order of the specification.
     *
     * @throws IllegalArgumentException if the tensors are not those of the specification
     */
    public StoredModel {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(tensors, "tensors");
        Objects.requireNonNull(metadata, "metadata");
        Map<String, SafeTensors.Entry> inOrder = new LinkedHashMap<>();
        for (Map.Entry<String, int[]> expected : Network.of(spec).shapes().entrySet()) {
            SafeTensors.Entry entry = tensors.get(expected.getKey());
            if (entry == null || !Arrays.equals(entry.shape(), expected.getValue())) {
                throw new IllegalArgumentException("'" + expected.getKey() + "' is missing or has another shape");
            }
            inOrder.put(expected.getKey(), entry);
        }
        if (tensors.size() != inOrder.size()) {
            throw new IllegalArgumentException("tensors " + tensors.keySet() + " are not " + inOrder.keySet());
        }
        tensors = Collections.unmodifiableMap(inOrder);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * {@return a copy of a model with its current weights}
     *
     * @param vae the model
     * @param metadata what else its file is to say
     */
    public static StoredModel of(Vae vae, Map<String, String> metadata) {
        Objects.requireNonNull(vae, "vae");
        Objects.requireNonNull(metadata, "metadata");
        Arena parameters = vae.parameters();
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        vae.network().shapes().forEach((name, shape) -> {
            boolean trained = vae.network().parameters().shapes().containsKey(name);
            float[] values = trained
                    ? vae.network().parameters().floats(name, parameters)
                    : new float[] {(float) vae.storedLogVar()};
            tensors.put(name, new SafeTensors.Entry(shape, values));
        });
        return new StoredModel(vae.spec(), tensors, metadata);
    }

    /**
     * {@return the model in a file, its tensors on the heap}
     *
     * @param file its path
     * @throws ElboException data, if the file is not a model that can be trusted, naming what is wrong
     */
    public static StoredModel read(Path file) {
        Objects.requireNonNull(file, "file");
        return of(file.toString(), SafeTensors.read(file));
    }

    /**
     * {@return the model in the content of a file, which may come from anywhere}
     *
     * @param file the name in messages
     * @param content all bytes of the file; not kept
     * @throws ElboException data, as {@link #read(Path)}
     */
    public static StoredModel read(String file, byte[] content) {
        return of(file, SafeTensors.read(file, content));
    }

    private static StoredModel of(String file, SafeTensors content) {
        String json = content.metadata().get(ModelFile.SPEC);
        if (json == null) {
            throw ElboException.data(file + ": no '" + ModelFile.SPEC
                    + "' in the metadata, so it is not a model of elbo;"
                    + " weights of another program become one with ModelImport.read(" + file + ")");
        }
        VaeSpec spec;
        try {
            if (json.length() > MAX_SPEC_LENGTH) {
                throw new IllegalArgumentException(
                        "it has " + json.length() + " characters, at most " + MAX_SPEC_LENGTH);
            }
            spec = VaeSpec.fromJson(json);
            Network.of(spec);
        } catch (IllegalArgumentException e) {
            throw ElboException.data(
                    file + ": '" + ModelFile.SPEC + "' in the metadata: " + Messages.line(e.getMessage()), e);
        }
        Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
        metadata.remove(ModelFile.SPEC);
        return of(file, spec, content, metadata);
    }

    /**
     * The tensors of a file under a specification.
     *
     * @param file what messages begin with
     * @throws ElboException data, if they are not those of the specification, or not finite
     */
    static StoredModel of(String file, VaeSpec spec, SafeTensors content, Map<String, String> metadata) {
        content.requireTensors(file, Network.of(spec).shapes());
        content.requireFinite(file);
        return new StoredModel(spec, content.tensors(), metadata);
    }

    /**
     * {@return the values of a tensor, row-major; not a copy}
     *
     * @param name of {@link #tensors()}
     */
    public float[] values(String name) {
        Objects.requireNonNull(name, "name");
        return tensors.get(name).values();
    }

    /**
     * Writes the file durably.
     *
     * @param file to be made or replaced
     * @throws ElboException io, if it cannot be written; nothing is left under the name then
     */
    public void write(Path file) {
        Objects.requireNonNull(file, "file");
        write(Disk.REAL, file);
    }

    /** As {@link #write(Path)}, on a given disk. */
    void write(Disk disk, Path file) {
        content().write(disk, file);
    }

    private SafeTensors content() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(ModelFile.SPEC, spec.toJson());
        all.putAll(metadata);
        return new SafeTensors(all, tensors);
    }

    /** {@return the SHA-256 of the model's file as {@link #write(Path)} makes it, which is that of a file of elbo that was read} */
    public String sha256() {
        return content().sha256();
    }

    /**
     * {@return what differs from the tensors of a model of another specification, missing here, not expected there or
     * of another shape, in one line; empty where the weights fit, whatever activation and likelihood are}
     *
     * @param other its specification
     */
    public Optional<String> differences(VaeSpec other) {
        return new SafeTensors(Map.of(), tensors)
                .differences(Network.of(Objects.requireNonNull(other, "other")).shapes());
    }

    /**
     * Copies the weights into a model.
     *
     * @param vae of a specification without {@link #differences}
     * @throws IllegalArgumentException if the weights do not fit, with the differences
     */
    public void writeTo(Vae vae) {
        differences(Objects.requireNonNull(vae, "vae").spec()).ifPresent(differences -> {
            throw new IllegalArgumentException("the weights are of another model: " + differences);
        });
        Arena parameters = vae.parameters();
        Parameters all = vae.network().parameters();
        all.shapes().keySet().forEach(name -> all.write(name, values(name), parameters));
        if (vae.network().likelihood().fitsVariance()) {
            vae.storeLogVar(values(Parameters.OUTPUT_LOG_VAR)[0]);
        }
    }

    /**
     * {@return the model in a backend's memory, to be closed before the backend is}
     *
     * @param backend that it is to run on
     * @throws ElboException unavailable, if there is not enough memory
     */
    public ModelFile.Loaded load(Backend backend) {
        Objects.requireNonNull(backend, "backend");
        Closer made = new Closer();
        try {
            Arena parameters = made.register(backend.allocate(Parameters.layout(spec)));
            Vae vae = made.register(new Vae(backend, spec, parameters));
            writeTo(vae);
            return new ModelFile.Loaded(vae, parameters, metadata);
        } catch (RuntimeException | Error e) {
            made.close();
            throw e;
        }
    }
}
