package dev.elbo.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The record of a run in its folder: arguments, configuration, metrics.
 *
 * @param folder of the run
 * @param configuration {@code config.json}; empty if there is none
 * @param epochs finished ones, in their order
 */
public record RunRecord(Path folder, JsonObject configuration, List<Epoch> epochs) {
    private static final long MAX_CONFIGURATION_LENGTH = 1 << 20;
    private static final long MAX_METRICS_LENGTH = 1 << 28;

    /**
     * {@return the configuration of a run and the epochs whose lines are complete, also of one that is still active or
     * was stopped}
     *
     * @param folder of a run
     * @throws ElboException of kind DATA, naming file and line, if it is not a run's folder or a file is invalid
     */
    public static RunRecord read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw ElboException.data(folder + ": no such folder; give the folder of a run");
        }
        Path configuration = folder.resolve("config.json");
        Path metrics = folder.resolve("metrics.jsonl");
        if (!isThere(configuration) && !isThere(metrics)) {
            throw ElboException.data(folder + ": has neither config.json nor metrics.jsonl; give the folder of a run");
        }
        return new RunRecord(
                folder,
                isThere(configuration)
                        ? object(configuration.toString(), content(configuration, MAX_CONFIGURATION_LENGTH))
                        : new JsonObject(),
                isThere(metrics) ? epochs(metrics) : List.of());
    }

    /** Returns whether a file exists. One that cannot be read counts, so that reading it reports the problem. */
    private static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static String content(Path file, long most) {
        try (InputFile in = InputFile.open(file)) {
            if (in.size() > most) {
                throw ElboException.data(file + ": has " + in.size() + " bytes; at most " + most + " are read");
            }
            byte[] bytes = Heap.array(file.toString(), in.size(), 1, byte[]::new);
            in.read(0, ByteBuffer.wrap(bytes));
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static List<Epoch> epochs(Path metrics) {
        String content = content(metrics, MAX_METRICS_LENGTH);
        List<Epoch> epochs = new ArrayList<>();
        int number = 0;
        // a line without an end is still being written
        for (int from = 0, end; (end = content.indexOf('\n', from)) >= 0; from = end + 1) {
            String where = metrics + ", line " + ++number;
            Epoch epoch = new Epoch(object(where, content.substring(from, end)));
            if (epoch.number()
                    <= (epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).number())) {
                throw ElboException.data(
                        where + ": its epoch is not after that of the line before; repair or remove the line");
            }
            epochs.add(epoch);
        }
        return List.copyOf(epochs);
    }

    private static JsonObject object(String where, String json) {
        try {
            JsonElement element = JsonParser.parseString(json);
            if (element.isJsonObject()) {
                return element.getAsJsonObject();
            }
        } catch (JsonParseException | StackOverflowError | NumberFormatException e) {
            throw ElboException.data(
                    where + ": is not a JSON object: "
                            + Messages.quote(
                                    e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                            + "; repair or remove it",
                    e);
        }
        throw ElboException.data(where + ": is not a JSON object; repair or remove it");
    }

    Optional<JsonElement> setting(String... path) {
        JsonElement at = configuration;
        for (String name : path) {
            at = at instanceof JsonObject object ? object.get(name) : null;
        }
        return Optional.ofNullable(at).filter(value -> !value.isJsonNull());
    }

    Optional<String> text(String... path) {
        return setting(path).map(value -> value.isJsonPrimitive() ? value.getAsString() : value.toString());
    }

    /** {@return every value of the configuration under its path, "training · batch"; lists as they are} */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        add("", configuration, settings);
        return settings;
    }

    private static void add(String before, JsonObject object, Map<String, String> settings) {
        object.entrySet().forEach(entry -> {
            JsonElement value = entry.getValue();
            String name = before + entry.getKey().replace('_', ' ');
            if (value.isJsonObject()) {
                add(name + " · ", value.getAsJsonObject(), settings);
            } else if (!name.equals("arguments")) {
                settings.put(name, value.isJsonPrimitive() ? value.getAsString() : value.toString());
            }
        });
    }

    /** {@return the arguments that the run was started with, without its folder; empty if the run has no record of them} */
    public List<String> arguments() {
        return setting("arguments")
                .filter(JsonArray.class::isInstance)
                .map(list -> StreamSupport.stream(((JsonArray) list).spliterator(), false)
                        .filter(JsonElement::isJsonPrimitive)
                        .map(JsonElement::getAsString)
                        .toList())
                .orElse(List.of());
    }

    /** {@return the name of the data} */
    public Optional<String> dataName() {
        return text("data", "name");
    }

    /** {@return the SHA-256 of the data that selected the run's epochs, in hexadecimal} */
    public Optional<String> testDigest() {
        return text("data", "test_sha256");
    }

    /** {@return the ELBO of the constant model on the test data; empty if the run did not record it} */
    Optional<Double> constantModelElbo() {
        return setting("data", "constant_model_elbo")
                .filter(value -> value instanceof JsonPrimitive number && number.isNumber())
                .map(JsonElement::getAsDouble);
    }

    /** {@return whether the model saw binary pixels} */
    public boolean binarize() {
        return text("training", "binarize").map("true"::equals).orElse(false);
    }

    /** {@return whether the model is a plain autoencoder} */
    public boolean isPlain() {
        return text("model", "stochastic").map("false"::equals).orElse(false);
    }

    /** Returns the name in the lines of the data that judge the epochs; empty without such data or epochs. */
    Optional<String> judging() {
        return Stream.of("validation", "test")
                .filter(part -> epochs.stream().anyMatch(epoch -> epoch.line().has(part)))
                .findFirst();
    }

    /** Returns whether the run keeps the epoch that is the best on the data that judge epochs. */
    boolean keepsBest() {
        return judging().isPresent()
                && text("training", "patience")
                        .filter(epochs -> !epochs.equals("0"))
                        .isPresent();
    }

    /** Returns the epoch whose weights the model has; empty before the first. */
    Optional<Epoch> kept() {
        if (epochs.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(keepsBest() ? best() : epochs.get(epochs.size() - 1));
    }

    private Epoch best() {
        Epoch best = epochs.get(0);
        for (Epoch epoch : epochs) {
            best = score(epoch) > score(best) ? epoch : best;
        }
        return best;
    }

    /** Returns the ELBO on the data that judge epochs, or −reconstruction for a plain autoencoder; NaN without such data. */
    double score(Epoch epoch) {
        String part = judging().orElse("");
        double elbo = epoch.value(part, "elbo");
        return Double.isNaN(elbo) ? -epoch.value(part, "reconstruction") : elbo;
    }
}
