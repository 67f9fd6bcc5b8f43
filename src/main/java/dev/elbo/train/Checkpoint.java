package dev.elbo.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.elbo.error.ElboException;
import dev.elbo.io.Disk;
import dev.elbo.io.Messages;
import dev.elbo.io.SafeTensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * The complete state of a run between two steps, in the host's memory. A run that is resumed from it ends with
 * bit-for-bit the same result. In a file it is sealed by a digest.
 *
 * @param run identity of the run, see {@link RunIdentity}, as JSON
 * @param notes the caller's, kept as they are
 * @param progress numbers of the host
 * @param epochs those that are complete and measured; one whose last step was interrupted is yet to be
 * @param tensors of the backend in its own precision, by the names that {@link TrainingSteps} gives them, and {@link
 *     #BEST}; none at the start, which the seed makes anew
 */
public record Checkpoint(
        JsonObject run,
        Map<String, String> notes,
        Progress progress,
        List<EpochMetrics> epochs,
        Map<String, SafeTensors.Entry> tensors) {
    /** The name of the best weights so far, stored if there is a patience. */
    static final String BEST = "best";

    private static final Gson GSON =
            new GsonBuilder().serializeSpecialFloatingPointValues().create();
    private static final String FORMAT = "elbo.checkpoint";
    private static final String VERSION = "1";
    private static final String RUN = "elbo.run";
    private static final String PROGRESS = "elbo.progress";
    private static final String NOTE = "note.";
    private static final String EPOCHS = "epochs";

    /**
     * Numbers of the host that decide what comes after. The names of the components belong to the file format.
     *
     * @param step steps done
     * @param seconds of training in the epoch that is not complete
     * @param rollbacks number of rollbacks; each halved the learning rate
     * @param kept number of the epoch with the best weights, from 1; 0 for none
     * @param logVar stored log σ² of the output
     * @param bestLogVar stored log σ² of the best weights
     */
    public record Progress(long step, double seconds, int rollbacks, int kept, double logVar, double bestLogVar) {}

    private static final Pattern NAME = Pattern.compile("checkpoint-([0-9]{10,18})\\.safetensors");

    /**
     * {@return the name of the file of a checkpoint}
     *
     * @param step steps done
     */
    public static String fileName(long step) {
        return String.format(Locale.ROOT, "checkpoint-%010d.safetensors", step);
    }

    /**
     * {@return the step of a checkpoint, by the name of its file; empty for other names}
     *
     * @param fileName as {@link #fileName(long)} has it
     */
    public static OptionalLong stepOf(String fileName) {
        Matcher name = NAME.matcher(fileName);
        return name.matches() ? OptionalLong.of(Long.parseLong(name.group(1))) : OptionalLong.empty();
    }

    /** {@return steps done} */
    public long step() {
        return progress.step;
    }

    /**
     * Writes the checkpoint durably: it is on the storage device when this method returns.
     *
     * @param file to be made or replaced
     * @throws ElboException io, if it cannot be written; nothing is left under the name then
     */
    public void write(Path file) {
        write(Disk.REAL, Objects.requireNonNull(file, "file"));
    }

    void write(Disk disk, Path file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(FORMAT, VERSION);
        metadata.put(RUN, run.toString());
        metadata.put(PROGRESS, GSON.toJson(progress));
        notes.forEach((key, value) -> metadata.put(NOTE + key, value));
        Map<String, SafeTensors.Entry> all = new LinkedHashMap<>(tensors);
        double[] rows = new double[epochs.size() * EpochMetrics.COLUMNS];
        for (int i = 0; i < epochs.size(); i++) {
            System.arraycopy(epochs.get(i).toRow(), 0, rows, i * EpochMetrics.COLUMNS, EpochMetrics.COLUMNS);
        }
        all.put(EPOCHS, new SafeTensors.Entry(new int[] {epochs.size(), EpochMetrics.COLUMNS}, rows));
        new SafeTensors(metadata, all).write(disk, file);
    }

    /**
     * {@return the checkpoint in a file}
     *
     * @param file written by {@link CheckpointStore}
     * @throws ElboException data, naming the file, if it is not as it was written
     */
    public static Checkpoint read(Path file) {
        SafeTensors content = SafeTensors.readSealedExactly(file);
        String version = content.metadata().get(FORMAT);
        if (!VERSION.equals(version)) {
            throw ElboException.data(file + ": is not a checkpoint of this version of elbo");
        }
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>(content.tensors());
        SafeTensors.Entry rows = tensors.remove(EPOCHS);
        try {
            JsonObject numbers = GSON.fromJson(content.metadata().get(PROGRESS), JsonObject.class);
            // absent ones are 0, as at the start of a run
            Progress progress = GSON.fromJson(numbers, Progress.class);
            JsonObject run = JsonParser.parseString(content.metadata().get(RUN)).getAsJsonObject();
            Map<String, String> notes = new LinkedHashMap<>();
            content.metadata().forEach((key, value) -> {
                if (key.startsWith(NOTE)) {
                    notes.put(key.substring(NOTE.length()), value);
                }
            });
            boolean validated = RunIdentity.hasValidation(run);
            List<EpochMetrics> epochs = new ArrayList<>();
            for (int at = 0; at < rows.doubles().length; at += EpochMetrics.COLUMNS) {
                epochs.add(EpochMetrics.ofRow(rows.doubles(), at, validated));
            }
            boolean finite = DoubleStream.of(progress.seconds, progress.logVar, progress.bestLogVar)
                    .allMatch(Double::isFinite);
            if (!numbers.has("step")
                    || !finite
                    || progress.step < 0
                    || progress.kept < 0
                    || progress.kept > epochs.size()
                    || progress.rollbacks < 0) {
                throw new IllegalStateException("progress " + progress);
            }
            return new Checkpoint(run, notes, progress, epochs, tensors);
        } catch (JsonParseException
                | IllegalStateException
                | NullPointerException
                | ClassCastException
                | NumberFormatException
                | UnsupportedOperationException
                | IndexOutOfBoundsException e) {
            throw ElboException.data(
                    file + ": has a valid digest, but is not a checkpoint that elbo wrote: "
                            + Messages.line(String.valueOf(e.getMessage())),
                    e);
        }
    }
}
