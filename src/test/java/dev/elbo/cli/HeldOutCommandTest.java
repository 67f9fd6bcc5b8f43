package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.elbo.data.NpyBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which examples a training is judged by, as users say it. */
class HeldOutCommandTest {
    @TempDir
    private Path folder;

    private Result train(String options) {
        String command = "train --hidden 8 --latent 2 --batch 20 --backend cpu --threads 1 " + options;
        return Result.of(command.trim().split(" +"));
    }

    private Path table(String name, int rows, double mean) throws IOException {
        Random random = new Random(rows);
        StringBuilder lines = new StringBuilder("a,b\n");
        for (int i = 0; i < rows; i++) {
            lines.append(mean + random.nextGaussian())
                    .append(',')
                    .append(mean - random.nextGaussian())
                    .append('\n');
        }
        return Files.writeString(folder.resolve(name), lines);
    }

    private List<JsonObject> metrics(String run) {
        return TrainProcess.metrics(folder.resolve(run));
    }

    private static void judged(List<JsonObject> metrics, boolean validation, boolean test, boolean testAtTheEnd) {
        for (int i = 0; i < metrics.size(); i++) {
            JsonObject line = metrics.get(i);
            assertEquals(validation, line.has("validation"), line.toString());
            assertEquals(i == metrics.size() - 1 ? testAtTheEnd : test, line.has("test"), line.toString());
        }
    }

    @Test
    void aShareAFileOrNothing() throws IOException {
        Path data = table("data.csv", 60, 0);
        Path validation = table("validation.csv", 20, 0);
        // the columns of a file may come in another order
        Path test = Files.writeString(folder.resolve("test.csv"), "b,a\n100,200\n300,400\n");
        String common = "--data " + data + " --epochs 3 --out " + folder + "/";

        Result share = train(common + "share --validation 0.2").mustWork();
        judged(metrics("share"), true, false, true);
        assertTrue(
                share.out().matches("(?s)test ELBO \\S+, validation ELBO \\S+ nats per example after epoch 3 of 3.*"),
                share.out());
        assertFalse(share.err().contains("selected the epoch"), share.err());

        train(common + "files --standardize per-feature --validation " + validation + " --test " + test)
                .mustWork();
        judged(metrics("files"), true, false, true);
        double far = metrics("files").get(2).getAsJsonObject("test").get("elbo").getAsDouble();
        double near = metrics("files")
                .get(2)
                .getAsJsonObject("validation")
                .get("elbo")
                .getAsDouble();
        assertTrue(far < 100 * near, far + " is far from the data, " + near + " is not");

        Result none = train(common + "none --test none").mustWork();
        judged(metrics("none"), false, false, false);
        assertTrue(none.err().contains("note: there are no test data"), none.err());
        assertTrue(none.out().startsWith("training ELBO "), none.out());
        Result evaluated = Result.of("evaluate", "" + folder.resolve("none"), "--data", "" + data, "--backend", "cpu");
        assertTrue(evaluated.mustWork().err().contains("was trained on all examples"), evaluated.err());
        evaluated = Result.of("evaluate", "" + folder.resolve("share"), "--data", "" + data, "--backend", "cpu");
        assertFalse(evaluated.mustWork().err().contains("was trained on all"), evaluated.err());

        train(common + "both --test none --validation " + validation).mustWork();
        judged(metrics("both"), true, false, false);

        Result plain = train(common + "plain").mustWork();
        judged(metrics("plain"), false, true, true);
        assertTrue(plain.err().contains("note: the test data selected the epoch"), plain.err());
    }

    @Test
    void aRunGoesOnWithTheSameExamplesAlone() throws IOException {
        Path data = table("data.csv", 60, 0);
        String common = "--data " + data + " --patience 0 --out " + folder + "/run";
        train(common + " --epochs 2 --validation 0.2").mustWork();
        train(common + " --epochs 4 --validation 0.2 --resume").mustWork();
        judged(metrics("run"), true, false, true);
        assertEquals(4, metrics("run").size());
        train(common + " --epochs 5 --validation 0.3 --resume").mustFail(2, "data.validation_examples is 10 there");
        train(common + " --epochs 5 --resume --test none").mustFail(2, "data.test_examples is 6 there and 0 here");
        train("--resume --epochs 5 --out " + folder + "/run").mustWork();
        train(" --data " + data + " --epochs 5 --patience 0 --validation 0.2 --out " + folder + "/whole")
                .mustWork();
        assertEquals(metrics("whole"), metrics("run"));
    }

    /** Parts of two columns, none of no examples. */
    private static byte[] archive(int train, int test, int validation) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, Integer> part : Map.of("x_train", train, "x_test", test, "x_val", validation)
                    .entrySet()) {
                if (part.getValue() > 0) {
                    ByteBuffer values = ByteBuffer.allocate(8 * part.getValue()).order(ByteOrder.LITTLE_ENDIAN);
                    Random random = new Random(part.getValue());
                    while (values.hasRemaining()) {
                        values.putFloat((float) random.nextGaussian());
                    }
                    zip.putNextEntry(new ZipEntry(part.getKey() + ".npy"));
                    zip.write(NpyBytes.npy("<f4", false, "(" + part.getValue() + ", 2)", values.array()));
                    zip.closeEntry();
                }
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void archivesWithThreePartsHaveThemOfTheirOwn() throws IOException {
        Path three = Files.write(folder.resolve("three.npz"), archive(40, 10, 12));
        Path two = Files.write(folder.resolve("two.npz"), archive(40, 10, 0));
        String common = " --epochs 2 --out " + folder + "/";
        train("--data " + three + common + "three").mustWork();
        judged(metrics("three"), true, false, true);
        train("--data " + two + common + "two").mustWork();
        judged(metrics("two"), false, true, true);
        Result ignored =
                train("--data " + three + common + "ignored --validation none").mustWork();
        assertTrue(ignored.err().contains("three.npz (validation) is not used"), ignored.err());
        Result replaced =
                train("--data " + two + common + "replaced --test " + three).mustWork();
        assertTrue(replaced.err().contains("two.npz (test) is not used: --test replaces it"), replaced.err());
        assertEquals(metrics("two"), metrics("ignored"));
        train("--data " + three + common + "dry --dry-run").mustWork();
        Result joined =
                train("--data " + three + " --data " + two + common + "joined").mustWork();
        assertTrue(joined.err().contains("three.npz (validation): not used, other sources have none"), joined.err());
        judged(metrics("joined"), false, true, true);
        Result info = Result.of("data", "info", "" + three).mustWork();
        assertTrue(info.out().contains("three.npz (validation): 12 examples"), info.out());
    }

    @Test
    void whatMakesNoSenseIsRefused() throws IOException {
        Path data = table("data.csv", 30, 0);
        Path other = Files.writeString(folder.resolve("other.csv"), "c\n1\n2\n");
        String common = "--data " + data + " --epochs 1 --out " + folder.resolve("run") + " ";
        for (String share : List.of("0", "1", "1.5", "-0.1", "1e9", "1..2")) {
            train(common + "--validation " + share).mustFail(2, "--validation " + share, "above 0 and below 1");
        }
        train(common + "--test none --patience 3").mustFail(2, "--patience", "--test none", "--validation");
        train(common + "--test none --gap-every 1").mustFail(2, "--gap-every", "--test none");
        train(common + "--test " + folder.resolve("no.csv")).mustFail(3, "no.csv");
        train(common + "--validation " + other).mustFail(3, "other.csv");
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void aReportTellsWhoChoseAndWhoJudged() throws IOException {
        Path data = table("data.csv", 60, 0);
        Path test = table("test.csv", 7, 0);
        String common = "--data " + data + " --epochs 2 --out " + folder + "/";
        for (String[] each : new String[][] {
            {"a", "--validation 0.2", "The validation data select the epoch", "evaluate " + folder + "/a --data " + data
            },
            {"b", "", "The test data selected the epoch", "evaluate " + folder + "/b --data " + data},
            {"c", "--test none", "There are no test data.", "left none to evaluate it on"},
            {"d", "--validation 0.1 --test " + test, ">7<", "evaluate " + folder + "/d --data " + test + " --all"}
        }) {
            train(common + each[0] + " " + each[1]).mustWork();
            Path page = folder.resolve(each[0] + ".html");
            Result.of("report", "" + folder.resolve(each[0]), "--out", "" + page, "--backend", "cpu")
                    .mustWork();
            String text = Files.readString(page);
            for (String expected : List.of(each[2], each[3])) {
                assertTrue(text.contains(expected), each[0] + ": " + expected);
            }
            assertEquals(each[0].equals("c"), !text.contains("elbo evaluate"), each[0]);
        }
    }

    @Test
    void theTestFileIsNotOpenedAgainAtTheEnd() throws Exception {
        Path data = table("data.csv", 60, 0);
        Path test = table("test.csv", 10, 0);
        Path run = folder.resolve("run");
        Path said = folder.resolve("said");
        Process process = TrainProcess.start(
                said,
                ("--hidden 8 --latent 2 --epochs 3000 --patience 0 --backend cpu --threads 1 --validation 0.2 --data "
                                + data + " --test " + test + " --out " + run)
                        .split(" "));
        try {
            Path lines = run.resolve("metrics.jsonl");
            while (process.isAlive() && (!Files.exists(lines) || Files.size(lines) == 0)) {
                Thread.sleep(5);
            }
            Files.delete(test);
            assertTrue(process.waitFor(120, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), Files.readString(said));
        } finally {
            process.destroyForcibly();
        }
        judged(TrainProcess.metrics(run), true, false, true);
    }
}
