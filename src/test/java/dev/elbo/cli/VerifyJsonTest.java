package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.io.Version;
import dev.elbo.reference.ReferenceVariant;
import dev.elbo.tensor.Tensor;
import dev.elbo.verify.Row;
import dev.elbo.verify.Verification;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code elbo verify --json}, as a program reads it. */
class VerifyJsonTest {
    private static final Path CASES = Path.of("src/test/resources/golden");
    private static final Set<String> FIELDS =
            Set.of("kind", "op", "case", "tensor", "error", "bound", "share", "holds", "detail");

    @TempDir
    private Path folder;

    /** One object, strictly JSON, of whose numbers none is NaN or infinite. */
    private static JsonObject parse(String text) throws IOException {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        JsonObject object = new Gson().fromJson(reader, JsonObject.class);
        assertEquals(JsonToken.END_DOCUMENT, reader.peek());
        int checks = 0;
        int failed = 0;
        for (JsonElement backend : object.getAsJsonArray("backends")) {
            for (JsonElement element : backend.getAsJsonObject().getAsJsonArray("checks")) {
                JsonObject check = element.getAsJsonObject();
                assertEquals(FIELDS, check.keySet());
                boolean holds = check.get("holds").getAsBoolean();
                checks++;
                failed += holds ? 0 : 1;
                if (holds) {
                    double error = check.get("error").getAsDouble();
                    double share = error == 0 ? 0 : error / check.get("bound").getAsDouble();
                    assertEquals(share, check.get("share").getAsDouble());
                    assertTrue(share <= 1, check.toString());
                }
            }
        }
        JsonObject summary = object.getAsJsonObject("summary");
        assertEquals(checks, summary.get("checks").getAsInt());
        assertEquals(failed, summary.get("failed").getAsInt());
        return object;
    }

    private static JsonObject backend(JsonObject report) {
        assertEquals(1, report.getAsJsonArray("backends").size());
        return report.getAsJsonArray("backends").get(0).getAsJsonObject();
    }

    private static List<JsonObject> failures(JsonObject report) {
        JsonArray checks = backend(report).getAsJsonArray("checks");
        return checks.asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(check -> !check.get("holds").getAsBoolean())
                .toList();
    }

    /** A copy of a case, under a name that JSON must escape, with one array changed. */
    private Path spoiled(String tensor, double value) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("a \"quoted\" \\ name"));
        try (Stream<Path> files = Files.list(CASES.resolve("vae-tanh-gaussian-beta1"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        NpyArray array = Npy.read(copy.resolve(tensor + ".npy"));
        double[] values = array.values().clone();
        values[0] = value;
        Npy.write(copy.resolve(tensor + ".npy"), array.shape(), values);
        return copy;
    }

    @Test
    void operationsAndKnownAnswersAreOnStdoutAlone() throws IOException {
        Result result = Result.of("verify", "--backend", "cpu", "--op", "normal", "--json");
        assertEquals(0, result.code(), result.err());
        JsonObject report = parse(result.out());
        assertEquals(Version.current(), report.get("elbo").getAsString());
        JsonObject cpu = backend(report);
        assertEquals("cpu", cpu.get("backend").getAsString());
        assertEquals("fp32", cpu.get("precision").getAsString());
        assertEquals(0x1p-24, cpu.get("unit_roundoff").getAsDouble());
        String description = cpu.get("description").getAsString();
        assertTrue(result.err().contains("cpu: " + description), result.err());
        assertTrue(result.err().contains("all hold"), result.err());
        Set<String> cases = new HashSet<>();
        for (JsonElement check : cpu.getAsJsonArray("checks")) {
            assertEquals("operation", check.getAsJsonObject().get("kind").getAsString());
            assertEquals("normal", check.getAsJsonObject().get("op").getAsString());
            assertTrue(cases.add(check.getAsJsonObject().get("case").getAsString()), check.toString());
        }
        assertTrue(cases.contains("Philox4x32-10 known answers"), cases.toString());
        assertTrue(report.getAsJsonObject("summary").get("worst_share").getAsDouble() > 0);
    }

    @Test
    void theReferenceIsFloat64AndAFileLeavesStdoutAsItWas() throws IOException {
        Path file = folder.resolve("verify.json");
        String[] golden = {"verify", "--backend", "reference", "--golden", CASES + "/iwae3-tanh-bernoulli"};
        Result plain = Result.of(golden);
        Result result = Result.of(
                Stream.concat(Stream.of(golden), Stream.of("--json", file + "")).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        assertEquals(plain.out(), result.out());
        JsonObject reference = backend(parse(Files.readString(file)));
        assertEquals("fp64", reference.get("precision").getAsString());
        Set<String> tensors = new HashSet<>();
        for (JsonElement element : reference.getAsJsonArray("checks")) {
            JsonObject check = element.getAsJsonObject();
            assertEquals("golden", check.get("kind").getAsString());
            assertEquals("iwae3-tanh-bernoulli", check.get("case").getAsString());
            assertEquals(1e-9, check.get("bound").getAsDouble());
            tensors.add(check.get("tensor").getAsString());
        }
        assertTrue(tensors.containsAll(Set.of("bound", "log_weights", "grad.x", "loss")), tensors.toString());
    }

    @Test
    void aGoldenCaseThatFailsIsNamedWithItsTensor() throws IOException {
        Path copy = spoiled("mu", 0.25);
        Result result = Result.of("verify", "--backend", "reference", "--golden", copy.toString(), "--json");
        assertEquals(6, result.code(), result.err());
        List<JsonObject> failures = failures(parse(result.out()));
        assertEquals(1, failures.size(), failures.toString());
        JsonObject failure = failures.get(0);
        assertEquals(copy.getFileName().toString(), failure.get("case").getAsString());
        assertEquals("mu", failure.get("tensor").getAsString());
        assertTrue(failure.get("share").getAsDouble() > 1, failure.toString());
        assertTrue(result.err().contains("FAILED"), result.err());
    }

    @Test
    void whatIsNotFiniteIsNull() throws IOException {
        Path copy = spoiled("mu", Double.NaN);
        Result result = Result.of("verify", "--backend", "reference", "--golden", copy.toString(), "--json");
        assertEquals(6, result.code(), result.err());
        JsonObject report = parse(result.out());
        JsonObject failure = failures(report).get(0);
        assertTrue(failure.get("error").isJsonNull() && failure.get("share").isJsonNull(), failure.toString());
        assertTrue(report.getAsJsonObject("summary").get("worst_share").isJsonNull(), report.toString());
    }

    @Test
    void theNoiseIsACheck() throws IOException {
        Result result = Result.of("verify", "--backend", "cpu", "--normals", "5000", "--json", "-");
        JsonArray checks = backend(parse(result.out())).getAsJsonArray("checks");
        assertEquals(1, checks.size());
        JsonObject noise = checks.get(0).getAsJsonObject();
        assertEquals("noise", noise.get("kind").getAsString());
        assertEquals(0, noise.get("error").getAsInt());
        assertTrue(noise.get("case").getAsString().startsWith("5120 "), noise.toString());
    }

    /** A fault in one operation: its tensor, error and bound are those of the worst element. */
    @Test
    void anOperationThatFailsIsNamedWithItsTensor() throws IOException {
        VerificationReport report = new VerificationReport();
        try (Backend sick = ReferenceVariant.rounded("gaussianKl", (healthy, args, ops) -> () -> {
                    healthy.run();
                    Tensor kl = (Tensor) args[2];
                    double[] values = kl.toDoubles();
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) (values[i] * 1.001);
                    }
                    kl.write(values);
                });
                Backend oracle = Backends.reference()) {
            report.begin(sick, "fp32");
            for (Row row : Verification.run(sick, oracle, "gaussianKl"::equals, Verification.Listener.NONE)) {
                report.add("operation", row.op(), row.label(), row.worst(), row.ok(), row.detail());
            }
        }
        assertFalse(report.holds());
        JsonObject failure = failures(parse(report.toString())).get(0);
        assertEquals("gaussianKl", failure.get("op").getAsString());
        assertTrue(failure.get("detail").getAsString().startsWith("BOUND: "), failure.toString());
        double error = failure.get("error").getAsDouble();
        double bound = failure.get("bound").getAsDouble();
        assertTrue(error > bound && bound > 0, failure.toString());
        assertEquals(error / bound, failure.get("share").getAsDouble());
        String tensor = failure.get("tensor").getAsString();
        assertTrue(failure.get("detail").getAsString().contains(tensor + "["), failure.toString());
    }
}
