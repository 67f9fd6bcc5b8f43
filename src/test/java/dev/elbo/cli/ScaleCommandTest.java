package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.data.NpyBytes;
import dev.elbo.io.Npy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data of a scale that nobody thought of: times, pixels saved as numbers, a table in another unit than the model's. */
class ScaleCommandTest {
    private static final String SMALL = " --hidden 64 --latent 2 --batch 32 --patience 0 --backend cpu";

    @TempDir
    private Path folder;

    private static Result elbo(String command) {
        return Result.of(command.split(" "));
    }

    private static Result works(String command) {
        Result result = elbo(command);
        assertEquals(0, result.code(), result.err());
        return result;
    }

    private Path times() throws IOException {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder("ts,x\n");
        for (int i = 0; i < 100; i++) {
            text.append(1_700_000_000L + i)
                    .append(',')
                    .append((float) random.nextGaussian())
                    .append('\n');
        }
        return Files.writeString(folder.resolve("times.csv"), text);
    }

    @Test
    void timesComeBackAsTheyWereGiven() throws IOException {
        Path times = times();
        String model = folder.resolve("model").toString();
        works("train --data " + times + " --standardize per-feature --objective ae --epochs 1000 --out " + model
                + SMALL);
        String csv = works("reconstruct " + model + " --data " + times + " --all --backend cpu --out -")
                .out();
        double[] made = csv.lines()
                .skip(1)
                .mapToDouble(line -> Double.parseDouble(line.split(",")[0]))
                .toArray();
        assertEquals(100, Arrays.stream(made).distinct().count());
        double error = 0;
        for (int i = 0; i < 100; i++) {
            error += Math.abs(made[i] - 1_700_000_000L - i) / 100;
        }
        assertTrue(error < 1, error + " seconds off");
        Path npy = folder.resolve("made.npy");
        works("reconstruct " + model + " --data " + times + " --all --backend cpu --out " + npy);
        assertTrue(new String(Files.readAllBytes(npy), 0, 64, StandardCharsets.ISO_8859_1).contains("<f8"));
        double[] values = Npy.read(npy).values();
        for (int i = 0; i < 100; i++) {
            assertEquals(made[i], values[2 * i]);
        }
    }

    @Test
    void whatFloat32WouldLoseIsSaid() throws IOException {
        Path times = times();
        String info = works("data info " + times).out();
        assertTrue(info.contains("column 'ts' from 1700000000 to 1700000099, deviation 28.87"), info);
        assertTrue(info.contains("float32 rounds column 0 (from 0, 'ts') by up to 64"), info);
        JsonObject json = JsonParser.parseString(
                        works("data info --json " + times).out())
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject();
        JsonArray deviation = json.getAsJsonArray("deviation");
        assertEquals(28.866070047722118, deviation.get(0).getAsDouble(), 1e-9);
        assertEquals(0, json.get("constant_features").getAsInt());
        String err = works("train --data " + times + " --epochs 1 --out " + folder.resolve("raw") + SMALL)
                .err();
        assertTrue(err.contains("note: " + times + ": float32 rounds column 0"), err);
    }

    private Path pixels(double factor) throws IOException {
        Random random = new Random(2);
        ByteBuffer values = ByteBuffer.allocate(4 * 100 * 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 100; i++) {
            double light = random.nextDouble();
            for (int j = 0; j < 16; j++) {
                values.putFloat((float) (factor * Math.rint(255 * light * (16 - j) / 16)));
            }
        }
        values.putFloat(0, (float) (factor * 255));
        return Files.write(
                folder.resolve("pixels" + factor + ".npy"), NpyBytes.npy("<f4", false, "(100, 16)", values.array()));
    }

    @Test
    void pixelsThatNobodyScaledAreNamedByEveryCommand() throws IOException {
        Path pixels = pixels(1);
        assertTrue(works("data info " + pixels).out().contains("divide by 255 if 255 is white (--pixel-max 255)"));
        Path model = folder.resolve("model");
        Result trained = works("train --data " + pixels + " --likelihood gaussian --epochs 1 --out " + model + SMALL);
        assertTrue(trained.err().contains("note: " + pixels + ": looks unscaled: "), trained.err());
        assertTrue(trained.err().contains("below") && trained.err().contains("constant model"), trained.err());
        works("report " + model + " --backend cpu --importance-samples 10");
        String report = Files.readString(model.resolve("report.html"));
        assertTrue(
                report.contains("looks unscaled") && report.contains("worse than a constant model"), "both are said");
        assertFalse(report.contains("A larger encoder"), "what would mend nothing is not advised");

        Path scaled = folder.resolve("scaled");
        Result clean = works("train --data " + pixels + " --pixel-max 255 --epochs 20 --out " + scaled + SMALL);
        assertFalse(clean.err().contains("note: " + pixels), clean.err());
        assertFalse(clean.err().contains("constant model"), clean.err());
        for (String command : new String[] {"score", "encode", "reconstruct"}) {
            String words =
                    command + " " + scaled + " --all --backend cpu --out " + folder.resolve("out.csv") + " --data ";
            assertFalse(works(words + pixels + " --pixel-max 255").err().contains("note: "));
            assertFalse(works(words + pixels(1 / 255.0)).err().contains("note: "));
            String err = works(words + pixels).err();
            assertEquals(
                    1, err.lines().filter(line -> line.startsWith("note: ")).count(), err);
            assertTrue(err.contains("far outside of what the model was trained on, 0 to 1"), err);
        }
    }

    @Test
    void cleanDataAreTrainedOnInSilence() {
        String err = works(
                        "train --data digits --likelihood bernoulli --epochs 10 --validation 0.1 --backend cpu --out "
                                + folder.resolve("digits"))
                .err();
        assertEquals(
                0,
                err.lines()
                        .filter(line -> line.startsWith("note: ") && !line.contains("the values are grey"))
                        .count(),
                err);
    }
}
