package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import dev.elbo.io.Npy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Data with values that no model can have, too few of them, and what is no file where one is meant. */
class BadDataTest {
    private static final String MODEL = "run/model.safetensors";

    @TempDir
    static Path folder;

    private static Result elbo(String command) {
        String[] args = command.replace("$", folder.toString()).split(" ");
        return assertTimeoutPreemptively(Duration.ofSeconds(60), () -> Result.of(args), command + ": does not end");
    }

    private static void refused(int code, String command, String... named) {
        Result result = elbo(command);
        assertEquals(code, result.code(), command + "\n" + result.err());
        List<String> lines = result.err()
                .lines()
                .filter(line -> !line.startsWith("backend "))
                .toList();
        assertEquals(1, lines.size(), result.err());
        for (String part : named) {
            assertTrue(lines.get(0).contains(part.replace("$", folder.toString())), command + "\n" + lines.get(0));
        }
    }

    /** Float32 rows of three features as IDX. */
    private static void idx(String name, float... values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(12 + 4 * values.length);
        bytes.putInt(0xd02).putInt(values.length / 3).putInt(3);
        bytes.asFloatBuffer().put(values);
        Files.write(folder.resolve(name), bytes.array());
    }

    @BeforeAll
    static void prepare() throws IOException, InterruptedException {
        float[] values = new float[60];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 7 % 11) / 11f;
        }
        idx("good.idx", values);
        idx("one.idx", 1, 2, 3);
        idx("empty.idx");
        values[31] = Float.NaN;
        idx("nan.idx", values);
        values[31] = Float.POSITIVE_INFINITY;
        idx("infinite.idx", values);
        values[31] = 1.5f;
        idx("large.idx", values);
        Files.createDirectories(folder.resolve("folder.idx"));
        Files.createSymbolicLink(folder.resolve("loop.idx"), folder.resolve("loop.idx"));
        Files.createSymbolicLink(folder.resolve("device.idx"), Path.of("/dev/zero"));
        assertEquals(
                0,
                elbo("train --data $/good.idx --hidden 4 --latent 2 --epochs 1 --backend cpu --out $/run")
                        .code());
        Path golden = Files.createDirectories(folder.resolve("golden/case"));
        Npy.write(golden.resolve("x.npy"), new int[] {1, 1}, new float[1]);
        if (Files.isExecutable(Path.of("/usr/bin/mkfifo"))) {
            for (String pipe : List.of("pipe.idx", "golden/case/case.json")) {
                String path = folder.resolve(pipe).toString();
                assertEquals(
                        0, new ProcessBuilder("/usr/bin/mkfifo", path).start().waitFor());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nan.idx, gaussian, 'row 10, column 1', NaN",
        "infinite.idx, gaussian, 'row 10, column 1', Infinity",
        "large.idx, bernoulli, column 1, 1.5",
        "empty.idx, gaussian, is empty, empty.idx",
        "one.idx, gaussian, one.idx, one example"
    })
    void valuesThatNoModelCanHaveAreNamed(String file, String likelihood, String where, String what) {
        refused(
                3,
                "train --backend cpu --epochs 1 --data $/" + file + " --likelihood " + likelihood + " --out $/none",
                where,
                what);
        assertFalse(Files.exists(folder.resolve("none/model.safetensors")));
    }

    @Test
    void aBatchLargerThanTheDataIsAllOfThem() {
        assertEquals(
                0,
                elbo("train --data $/good.idx --hidden 4 --latent 2 --epochs 1 --batch 1000 --backend cpu --out $/whole")
                        .code());
    }

    static List<Arguments> noFiles() {
        List<Arguments> cases = new ArrayList<>();
        for (String kind : List.of("folder", "loop", "device", "pipe")) {
            for (String command : List.of(
                    "train --backend cpu --epochs 1 --out $/none --data %s",
                    "evaluate %s --backend cpu",
                    "evaluate $/" + MODEL + " --backend cpu --data %s",
                    "sample %s --backend cpu --out $/s.npy",
                    "score $/" + MODEL + " --backend cpu --data $/good.idx --reference %s --out $/s.csv",
                    "data info %s")) {
                cases.add(Arguments.of(kind, command));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("noFiles")
    void whatIsNoFileIsRefusedWithoutBlocking(String kind, String command) {
        Path path = folder.resolve(kind + ".idx");
        Skip.unless(!kind.equals("pipe") || Files.exists(path), "needs mkfifo");
        refused(3, command.formatted("$/" + kind + ".idx"), "$/" + kind + ".idx");
    }

    @Test
    void aPipeInPlaceOfADescriptionIsRefused() {
        Skip.unless(Files.exists(folder.resolve("golden/case/case.json")), "needs mkfifo");
        refused(3, "verify --backend cpu --golden $/golden", "case.json", "pipe");
    }

    @ParameterizedTest
    @CsvSource({"folder.idx", "device.idx", "pipe.idx"})
    void whatIsNoFileIsNotWrittenTo(String name) {
        Path path = folder.resolve(name);
        Skip.unless(!name.equals("pipe.idx") || Files.exists(path), "needs mkfifo");
        // pictures, tables and arrays all go the one way; the name decides what it would be
        Path out = folder.resolve(name + ".npy");
        try {
            Files.createSymbolicLink(out, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        refused(7, "encode $/" + MODEL + " --backend cpu --data $/good.idx --out $/" + name + ".npy", name + ".npy");
        assertTrue(Files.isSymbolicLink(out) && !Files.isRegularFile(path));
    }
}
