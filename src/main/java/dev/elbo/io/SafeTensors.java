package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The content of a safetensors file: named tensors of float32 or float64 and text metadata, both in a fixed order. The
 * same content is always written as the same bytes.
 *
 * <p>Files written here are sealed: the metadata key {@value #SEAL} holds the SHA-256 of the whole file, taken with
 * zeros in the place of its 64 digits. A sealed file is verified whenever it is read, so that no changed byte goes
 * unnoticed; the key itself is not part of {@link #metadata()}.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 * @param metadata text by key
 * @param tensors by name
 */
public record SafeTensors(Map<String, String> metadata, Map<String, Entry> tensors) {
    /** The metadata key of the digest. */
    public static final String SEAL = "elbo.sha256";

    /** Differences that a message lists: more than a model of a dozen layers has tensors, and still bounded. */
    private static final int MAX_DIFFERENCES = 50;

    /**
     * One tensor. The arrays are kept, not copied.
     *
     * @param shape empty for a scalar
     * @param array its values, row-major, as {@code float[]} or {@code double[]}, which says its type in the file
     */
    public record Entry(int[] shape, Object array) {
        /** Validates the components. */
        public Entry {
            Shapes.requireElements(
                    shape, array instanceof double[] doubles ? doubles.length : ((float[]) array).length);
        }

        /**
         * {@return the values of a float32 tensor, row-major; not a copy}
         *
         * @throws ClassCastException of a float64 tensor
         */
        public float[] values() {
            return (float[]) array;
        }

        /** {@return whether the values are float64} */
        public boolean isDouble() {
            return array instanceof double[];
        }

        /**
         * {@return the values of a float64 tensor, row-major; not a copy}
         *
         * @throws ClassCastException of a float32 tensor
         */
        public double[] doubles() {
            return (double[]) array;
        }

        /** {@return number of values} */
        public int length() {
            return isDouble() ? doubles().length : values().length;
        }

        /** {@return the position, from 0 in row-major order, of the first value that is NaN or infinite, or −1} */
        public int firstNotFinite() {
            return IntStream.range(0, length())
                    .filter(i -> !(isDouble() ? Double.isFinite(doubles()[i]) : Float.isFinite(values()[i])))
                    .findFirst()
                    .orElse(-1);
        }
    }

    /**
     * Copies the maps in their order.
     *
     * @throws IllegalArgumentException for a name that the format or the seal takes
     */
    public SafeTensors {
        if (metadata.containsKey(SEAL)) {
            throw new IllegalArgumentException("the metadata key " + SEAL + " is reserved for the seal");
        }
        if (tensors.containsKey(SafeTensorsHeader.METADATA)) {
            throw new IllegalArgumentException(
                    "the tensor name " + SafeTensorsHeader.METADATA + " is reserved for metadata");
        }
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * Reads a file. Float16 and bfloat16 tensors are widened and float64 rounded to float32; other types are refused.
     *
     * @param file its path
     * @return float32 tensors
     * @throws ElboException of kind DATA, naming the file, if it breaks a rule of the format or its seal
     */
    public static SafeTensors read(Path file) {
        return SafeTensorsReader.read(file, false, false, note -> {});
    }

    /**
     * Reads the content of a file that is in memory, as {@link #read(Path)}.
     *
     * @param file its name in messages
     * @param content all of its bytes; not kept
     * @return float32 tensors
     */
    public static SafeTensors read(String file, byte[] content) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(content, "content");
        return SafeTensorsReader.read(file, content);
    }

    /**
     * Reads an open file, as {@link #read(Path)}.
     *
     * @param file its path
     * @param notes is told, in one line each, of tensors with float64 values that float32 does not hold exactly
     * @return float32 tensors
     */
    public static SafeTensors read(Path file, Consumer<String> notes) {
        return SafeTensorsReader.read(file, false, false, notes);
    }

    /**
     * Reads a file and refuses one without a seal, as {@link #read(Path)}.
     *
     * @param file its path
     * @return float32 tensors
     */
    public static SafeTensors readSealed(Path file) {
        return SafeTensorsReader.read(file, true, false, note -> {});
    }

    /**
     * Reads a sealed file and keeps float64 tensors.
     *
     * @param file its path
     * @return float32 and float64 tensors
     */
    public static SafeTensors readSealedExactly(Path file) {
        return SafeTensorsReader.read(file, true, true, note -> {});
    }

    /**
     * Writes the file durably, in the order of the map.
     *
     * @param file to be made or replaced
     * @throws IllegalArgumentException if names and metadata take more than a header of 1 MiB or 4096 entries holds
     * @throws ElboException of kind IO, naming the file
     */
    public void write(Path file) {
        SafeTensorsWriter.write(Disk.REAL, file, this);
    }

    /**
     * Writes the file on a given disk, as {@link #write(Path)}.
     *
     * @param disk to write to
     * @param file to be made or replaced
     */
    public void write(Disk disk, Path file) {
        SafeTensorsWriter.write(disk, file, this);
    }

    /**
     * {@return the SHA-256 of the file that {@link #write} makes of this, as 64 hexadecimal digits} Of content that was read
     * with its types kept, from a file that was written here, it is the digest of that file.
     */
    public String sha256() {
        return SafeTensorsWriter.sha256(this);
    }

    /**
     * Checks that the tensors are the expected ones.
     *
     * @param file beginning of the message
     * @param expected shapes by name
     * @throws ElboException of kind DATA that lists missing and unexpected names and other shapes, at most 50
     */
    public void requireTensors(String file, Map<String, int[]> expected) {
        differences(expected).ifPresent(differences -> {
            throw ElboException.data(file + ": wrong tensors: " + differences);
        });
    }

    /**
     * {@return missing and unexpected names and other shapes, at most 50, in one line; empty if there are none}
     *
     * @param expected shapes by name
     */
    public Optional<String> differences(Map<String, int[]> expected) {
        List<String> differences = new ArrayList<>();
        expected.forEach((name, shape) -> {
            Entry entry = tensors.get(name);
            if (entry == null) {
                differences.add(Messages.quote(name) + " is missing");
            } else if (!Arrays.equals(entry.shape(), shape)) {
                differences.add(Messages.quote(name) + " has shape " + Shapes.text(entry.shape()) + ", not "
                        + Shapes.text(shape));
            }
        });
        tensors.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .forEach(name -> differences.add(Messages.quote(name) + " is not expected"));
        if (differences.isEmpty()) {
            return Optional.empty();
        }
        int shown = Math.min(MAX_DIFFERENCES, differences.size());
        String rest = differences.size() > shown ? "; and " + (differences.size() - shown) + " more" : "";
        return Optional.of(String.join("; ", differences.subList(0, shown)) + rest);
    }

    /**
     * Checks that all weights are finite.
     *
     * @param file beginning of the message
     * @throws ElboException of kind DATA that names the tensor and the position, counted from 0 in row-major order
     */
    public void requireFinite(String file) {
        tensors.forEach((name, entry) -> {
            int i = entry.firstNotFinite();
            if (i >= 0) {
                throw ElboException.data(file + ": tensor " + Messages.quote(name) + " of shape "
                        + Shapes.text(entry.shape()) + " holds " + Array.get(entry.array(), i) + " at position " + i
                        + "; the model is broken, take an earlier one");
            }
        });
    }
}
