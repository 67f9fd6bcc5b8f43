package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.mixture.MixtureFile;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mixtures, interpolations and traversals as a user calls them, on a model of the digits. */
class LatentCommandsTest {
    @TempDir
    private static Path trained;

    @TempDir
    private Path folder;

    private Path model;

    private static Result elbo(String... args) {
        return Result.of(args);
    }

    @BeforeAll
    static void train() {
        train(trained, "0");
    }

    private static void train(Path out, String seed) {
        Result result = elbo(
                ("train --hidden 32 --latent 4 --epochs 3 --backend cpu --seed " + seed + " --out " + out).split(" "));
        assertEquals(0, result.code(), result.err());
    }

    @BeforeEach
    void copyTheModel() throws IOException {
        model = folder.resolve("model.safetensors");
        Files.copy(trained.resolve("model.safetensors"), model);
    }

    private String run(String command, Path of, String out, String more) {
        String backend = more.contains("--backend") ? " " : " --backend cpu ";
        Result result = elbo((command + " " + of + " --out " + folder.resolve(out) + backend + more)
                .trim()
                .split(" "));
        assertEquals(0, result.code(), result.err());
        return result.err();
    }

    private double[] sample(String more) {
        run("sample", model, "s.npy", "--from mixture " + more);
        return Npy.read(folder.resolve("s.npy")).values();
    }

    @Test
    void theMixtureIsFittedOnceAndBelongsToItsModel() throws IOException {
        Path file = folder.resolve(MixtureFile.NAME);
        String said = run("sample", model, "s.npy", "--from mixture --count 20 --components 3,6 --covariance diagonal");
        assertTrue(said.contains("diagonal covariance, BIC") && said.contains("in " + file), said);
        assertArrayEquals(new int[] {20, 64}, Npy.read(folder.resolve("s.npy")).shape());
        byte[] stored = Files.readAllBytes(file);
        double[] first = Npy.read(folder.resolve("s.npy")).values();

        assertTrue(run("sample", model, "s.npy", "--from mixture --count 20").contains("from " + file));
        assertArrayEquals(first, Npy.read(folder.resolve("s.npy")).values());
        assertFalse(Arrays.equals(first, sample("--count 20 --seed 1")));
        assertArrayEquals(first, sample("--count 20 --components 3,6 --covariance diagonal --data digits"));
        double[] reference = sample("--count 20 --backend reference");
        assertArrayEquals(first, reference, 1e-5);
        assertArrayEquals(stored, Files.readAllBytes(file), "none of these fits anew");

        for (String[] other : new String[][] {
            {"--components 2", "was fitted with other --components"},
            {"--covariance diagonal", "has another --covariance"}
        }) {
            said = run("sample", model, "s.npy", "--from mixture " + other[0]);
            assertTrue(said.contains("note: " + file + " " + other[1] + "; it is replaced"), said);
            assertTrue(said.contains("in " + file), said);
        }
        train(folder.resolve("other"), "1");
        Files.copy(file, folder.resolve("other").resolve(MixtureFile.NAME));
        said = run("sample", folder.resolve("other"), "s.npy", "--from mixture --components 2");
        assertTrue(said.contains("belongs to another model; it is replaced"), said);
    }

    @Test
    void anotherFitGivesTheSameFileAndADamagedOneIsRefused() throws IOException {
        Path file = folder.resolve(MixtureFile.NAME);
        double[] first = sample("--count 5 --components 4");
        byte[] stored = Files.readAllBytes(file);
        Files.delete(file);
        assertArrayEquals(first, sample("--count 5 --components 4 --data-on-device no --threads 1"));
        assertArrayEquals(stored, Files.readAllBytes(file));
        stored[stored.length - 3] ^= 4;
        Files.write(file, stored);
        Result result = elbo("sample", model.toString(), "--from", "mixture", "--out", folder + "/s.npy");
        assertEquals(3, result.code());
        assertTrue(result.err().contains(file + ": its content differs"), result.err());
    }

    @Test
    void pathsBeginAndEndAtTheReconstructions() throws IOException {
        run("reconstruct", model, "r.npy", "");
        double[] reconstructions = Npy.read(folder.resolve("r.npy")).values();
        for (String shape : new String[] {"", "--linear", "--spherical"}) {
            run("interpolate", model, "i.npy", "--from 3,8 --to 5,170 --steps 7 " + shape);
            NpyArray paths = Npy.read(folder.resolve("i.npy"));
            assertArrayEquals(new int[] {14, 64}, paths.shape());
            int[][] ends = {{0, 3}, {6, 5}, {7, 8}, {13, 170}};
            for (int[] end : ends) {
                assertArrayEquals(
                        Arrays.copyOfRange(reconstructions, end[1] * 64, end[1] * 64 + 64),
                        Arrays.copyOfRange(paths.values(), end[0] * 64, end[0] * 64 + 64),
                        1e-5,
                        shape);
            }
        }
        run("interpolate", model, "i.png", "--from 3,8 --to 5,170 --steps 7");
        BufferedImage picture = ImageIO.read(folder.resolve("i.png").toFile());
        assertEquals(2 + 7 * (56 + 2), picture.getWidth());
        assertEquals(2 + 2 * (56 + 2), picture.getHeight());
    }

    @Test
    void traversalsPassThroughTheCodeTheyBeginWith() throws IOException {
        run("traverse", model, "t.npy", "--units 2,0 --range 1.5 --steps 3");
        NpyArray plain = Npy.read(folder.resolve("t.npy"));
        assertArrayEquals(new int[] {6, 64}, plain.shape());
        double[] values = plain.values();
        double[] middle = Arrays.copyOfRange(values, 64, 128);
        assertArrayEquals(middle, Arrays.copyOfRange(values, 4 * 64, 5 * 64), 1e-6, "both are the decoded zero");
        assertFalse(Arrays.equals(Arrays.copyOf(values, 64), middle));

        String said = run("traverse", model, "t.png", "--data digits --example 4");
        BufferedImage picture = ImageIO.read(folder.resolve("t.png").toFile());
        assertEquals(2 + 11 * (56 + 2), picture.getWidth());
        assertEquals(2 + 4 * (56 + 2), picture.getHeight());

        run("encode", model, "e.npy", "");
        double[] codes = Npy.read(folder.resolve("e.npy")).values();
        double[] variances = new double[4];
        for (int unit = 0; unit < 4; unit++) {
            int u = unit;
            double mean = IntStream.range(0, 179)
                    .mapToDouble(i -> codes[4 * i + u])
                    .average()
                    .orElseThrow();
            variances[unit] = IntStream.range(0, 179)
                    .mapToDouble(i -> (codes[4 * i + u] - mean) * (codes[4 * i + u] - mean))
                    .sum();
        }
        String ranked = IntStream.range(0, 4)
                .boxed()
                .sorted((a, b) -> Double.compare(variances[b], variances[a]))
                .map(String::valueOf)
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow();
        assertTrue(said.contains("units " + ranked + " in"), said);
    }

    @Test
    void aPlainAutoencoderHasCodesToo() {
        Path plain = folder.resolve("plain");
        Result result = elbo(
                ("train --hidden 16 --latent 2 --epochs 1 --objective ae --backend cpu --out " + plain).split(" "));
        assertEquals(0, result.code(), result.err());
        String said = run("sample", plain, "s.png", "--from mixture --components 2");
        assertTrue(said.contains("mixture of 2 components, full covariance"), said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | sample --from posterior | not one of prior, mixture",
                "2 | sample --components 3 | --components needs --from mixture",
                "2 | sample --data digits | --data needs --from mixture",
                "2 | sample --from mixture --components 0 | must be 1 to 10000, not 0",
                "2 | sample --from mixture --components 2,x | --components",
                "2 | sample --from mixture --covariance round | --covariance",
                "2 | interpolate --from 1 | --to",
                "2 | interpolate --from 1,2 --to 3 | give the same number",
                "2 | interpolate --from 1 --to 179 | --to 179: digits (held out) has examples 0 to 178",
                "2 | interpolate --from -1 --to 1 | --from -1",
                "2 | interpolate --from 1 --to 2 --steps 1 | --steps must be at least 2",
                "2 | interpolate --from 1 --to 2 --linear --spherical | mutually exclusive",
                "2 | traverse --units 4 | the model has units 0 to 3",
                "2 | traverse --units -1 | --units -1",
                "2 | traverse --range 0 | --range must be positive",
                "2 | traverse --range NaN | --range must be positive",
                "2 | traverse --steps 1 | --steps must be at least 2",
                "2 | traverse --example 179 | has examples 0 to 178",
                "3 | traverse --data /no/such | /no/such"
            })
    void mistakesGetOneClearLine(int code, String command, String named) {
        String[] args = command.trim().split(" ");
        String[] more = {model.toString(), "--out", folder.resolve("x.npy").toString(), "--backend", "cpu"};
        Result result = elbo(Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new));
        assertEquals(code, result.code(), result.err());
        String[] lines = result.err()
                .lines()
                .filter(line -> !line.startsWith("backend "))
                .toArray(String[]::new);
        assertEquals(1, lines.length, result.err());
        assertTrue(lines[0].startsWith("elbo: ") && lines[0].contains(named.trim()), result.err());
        assertFalse(Files.exists(folder.resolve("x.npy")));
    }

    @Test
    void helpTellsTheOptions() {
        for (String command : new String[] {"sample", "interpolate", "traverse"}) {
            StringWriter out = new StringWriter();
            assertEquals(
                    0,
                    Main.run(
                            new String[] {command, "--help"},
                            new PrintWriter(out),
                            new PrintWriter(new StringWriter())));
            assertTrue(out.toString().contains("Usage: elbo " + command), out.toString());
        }
    }
}
