package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.SafeTensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --resume} as a user calls it. */
class ResumeCommandTest {
    private static final String SMALL = "train --hidden 16,8 --latent 3 --backend cpu --likelihood bernoulli --binarize"
            + " --batch 100 --learning-rate 2e-3 --drop-last --seed 4 --gap-every 2 --gap-samples 20";

    @TempDir
    private Path folder;

    private Result elbo(String command, Path out) {
        return Result.of(Stream.concat(Stream.of(command.split(" ")), Stream.of("--out", out.toString()))
                .toArray(String[]::new));
    }

    @Test
    void aFinishedRunIsTrainedOnWithAllItsOptions() throws IOException {
        Path whole = folder.resolve("whole");
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 5", whole).mustWork();
        elbo(SMALL + " --epochs 3", run).mustWork();
        assertEquals(16 * 3, TrainProcess.metrics(run).get(2).get("step").getAsInt(), "the last batch is dropped");
        List<Path> before = files(run);
        Result nothing = elbo("train --resume", run).mustWork();
        assertTrue(nothing.out().contains("finished, after epoch 3 of 3"), nothing.out());
        assertEquals(before, files(run));
        // lines that no checkpoint knows, one of them torn
        Files.writeString(run.resolve("metrics.jsonl"), "{\"epoch\":4}\n{\"epoch\":5,\"st", StandardOpenOption.APPEND);
        Result more = elbo("train --resume --epochs 5", run).mustWork();
        assertTrue(more.err().contains("resuming after step 48 of 80"), more.err());
        TrainProcess.mustEqual(whole, run, "trained on");
        assertTrue(TrainProcess.metrics(run).get(1).has("gap"), "what was measured before is kept");
        assertTrue(Files.readString(run.resolve("config.json")).contains("\"epochs\": 5"));
        assertTrue(elbo("train --resume", run).mustWork().out().contains("epoch 5 of 5"), "the new number is kept");
    }

    private static List<Path> files(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.sorted().toList();
        }
    }

    @Test
    void whatIsNotFinishedIsFinished() throws IOException {
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 2", run).mustWork();
        byte[] model = Files.readAllBytes(run.resolve("model.safetensors"));
        // as a crash between the last checkpoint and the model leaves it
        Files.delete(run.resolve("model.safetensors"));
        Files.delete(run.resolve("samples.png"));
        Files.writeString(run.resolve(".model.safetensors.abc.tmp"), "half");
        elbo("train --resume", run).mustWork();
        assertEquals(-1, Arrays.mismatch(model, Files.readAllBytes(run.resolve("model.safetensors"))));
        assertTrue(Files.exists(run.resolve("samples.png")));
        assertFalse(Files.exists(run.resolve(".model.safetensors.abc.tmp")));
    }

    @Test
    void otherOptionsAreRefusedAndChangeNothing() throws IOException {
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 2 --learning-rate-decay linear", run).mustWork();
        List<Path> before = files(run);
        elbo("train --resume --latent 4 --batch 50 --epochs 4", run)
                .mustFail(
                        2,
                        "model.latent is 3 there and 4 here",
                        "training.batch is 100 there and 50 here",
                        "training.epochs is 2 there and 4 here");
        elbo("train --resume --backend reference", run).mustFail(2, "backend.name");
        elbo("train --resume --on-nan rollback --data-on-device no --threads 1", run)
                .mustWork();
        assertEquals(before, files(run));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[null]", "7", "", "[\n\u2028"})
    void optionsThatNobodyTypedAreRefused(String note) {
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 1", run).mustWork();
        Path file = run.resolve("checkpoint-0000000016.safetensors");
        SafeTensors checkpoint = SafeTensors.readSealedExactly(file);
        Map<String, String> metadata = new LinkedHashMap<>(checkpoint.metadata());
        metadata.put("note.--seed", note);
        new SafeTensors(metadata, checkpoint.tensors()).write(file);
        elbo("train --resume", run).mustFail(3, "note of '--seed' is not a list of words");
    }

    @Test
    void fewerEpochsThanAreDoneAreRefused() {
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 2", run).mustWork();
        elbo("train --resume --epochs 1", run).mustFail(2, "training.epochs is 1 here, 2 are done");
    }

    @Test
    void aFolderWithoutARunAndARunWithoutAFolder() throws IOException {
        elbo("train --resume", folder.resolve("none")).mustFail(2, "none", "holds no checkpoint", "--data");
        assertFalse(Files.exists(folder.resolve("none")));
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 1", run).mustWork();
        elbo(SMALL + " --epochs 1", run).mustFail(2, run.toString(), "holds a run already", "--resume");
        Files.delete(run.resolve("checkpoint-0000000016.safetensors"));
        elbo(SMALL + " --epochs 1", run).mustFail(2, "holds a run already");
        elbo("train --resume", run).mustFail(2, "holds no checkpoint");
        StringWriter err = new StringWriter();
        assertEquals(
                2,
                Main.run(
                        new String[] {"train", "--resume"}, new PrintWriter(new StringWriter()), new PrintWriter(err)));
        assertTrue(err.toString().contains("--out"), err.toString());
    }

    @Test
    void aDamagedCheckpointIsNamed() throws IOException {
        Path run = folder.resolve("run");
        elbo(SMALL + " --epochs 1", run).mustWork();
        Path checkpoint = run.resolve("checkpoint-0000000016.safetensors");
        byte[] bytes = Files.readAllBytes(checkpoint);
        bytes[bytes.length - 1] ^= 1;
        Files.write(checkpoint, bytes);
        elbo("train --resume --epochs 2", run).mustFail(3, checkpoint.toString(), "digest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0steps", "5", "-1epochs", "2 weeks", "1.5minutes", "99999999999steps"})
    void whenToSaveIsANumberAndAUnit(String every) {
        StringWriter err = new StringWriter();
        String[] args = {
            "train", "--checkpoint-every", every, "--out", folder.resolve("x").toString()
        };
        assertEquals(2, Main.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err)));
        assertTrue(err.toString().contains("500steps, 2epochs or 10minutes"), err.toString());
    }

    @Test
    void droppingTheLastBatchMustLeaveOne() {
        elbo("train --drop-last --batch 1619 --backend cpu", folder.resolve("x"))
                .mustFail(2, "--drop-last leaves none of the 1618 training examples");
        elbo("train --drop-last --batch 1618 --epochs 1 --backend cpu", folder.resolve("y"))
                .mustWork();
        elbo("train --batch 5000 --epochs 1 --backend cpu", folder.resolve("z")).mustWork();
    }
}
