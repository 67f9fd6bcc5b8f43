package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.OnDevice;
import dev.elbo.train.ResumeRuns.Job;
import dev.elbo.train.ResumeRuns.Outcome;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs go on with the same bits on the CUDA backend, whose programs have many steps. */
@OnDevice(checked = false)
class CudaResumeTest {
    private static final Supplier<Backend> CUDA = () -> Backends.open("cuda");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"vae", "gaussian-optimal with patience", "constrained", "iwae"})
    void runsGoOnFromEveryProgram(String kind) {
        Job job = ResumeRuns.jobs().get(kind);
        job.broken(CUDA, folder, 1, UnaryOperator.identity()).mustEqual(job.undisturbed(CUDA), kind);
    }

    @Test
    void streamedRunsGoOn() {
        Job job = ResumeRuns.streamed();
        Outcome whole = job.on(DataPlacement.RESIDENT).undisturbed(CUDA);
        job.broken(CUDA, folder, 1, UnaryOperator.identity()).mustEqual(whole, "streamed");
    }

    @Test
    void aCheckpointNamesTheKernels() {
        try (Backend backend = CUDA.get()) {
            assertEquals(64, backend.kernelHash().length());
        }
    }
}
