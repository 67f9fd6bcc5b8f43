package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.backend.Clock;
import dev.elbo.backend.ColumnOps;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.Schedule;
import dev.elbo.cost.KernelCost;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Numbers that both languages write down are the same in both. */
class KernelConstantsTest {
    private static double constant(String file, String name) throws IOException {
        String text = Files.readString(Path.of("kernels", file));
        Matcher found = Pattern.compile("constexpr \\w+ " + name + " = (-?[0-9.e-]+)f?;")
                .matcher(text);
        if (!found.find()) {
            throw new AssertionError(file + " defines no " + name);
        }
        return Double.parseDouble(found.group(1));
    }

    @Test
    void activations() throws IOException {
        for (Activation activation : Activation.values()) {
            assertEquals(activation.ordinal(), constant("activation.cuh", activation.name()), activation.name());
        }
        assertEquals(Activation.LEAK, constant("activation.cuh", "LEAK"));
    }

    @Test
    void clock() throws IOException {
        assertEquals(Clock.STEP, constant("elbo.cuh", "STEP"));
        assertEquals(Clock.ROW, constant("elbo.cuh", "ROW"));
        assertEquals(Clock.SLOT, constant("elbo.cuh", "SLOT"));
        assertEquals(Clock.SAMPLE, constant("elbo.cuh", "SAMPLE"));
    }

    @Test
    void schedule() throws IOException {
        assertEquals(Schedule.STEP_SIZE, constant("elbo.cuh", "STEP_SIZE"));
        assertEquals(Schedule.SECOND_MOMENT_SCALE, constant("elbo.cuh", "SECOND_MOMENT_SCALE"));
        assertEquals(Schedule.BETA, constant("elbo.cuh", "BETA"));
        assertEquals(Schedule.COLUMNS, constant("elbo.cuh", "SCHEDULE_COLUMNS"));
    }

    @Test
    void metrics() throws IOException {
        assertEquals(Metrics.LOSS, constant("step.cu", "LOSS"));
        assertEquals(Metrics.RECONSTRUCTION, constant("step.cu", "RECONSTRUCTION"));
        assertEquals(Metrics.KL, constant("step.cu", "KL"));
        assertEquals(Metrics.OUTPUT_VARIANCE, constant("step.cu", "OUTPUT_VARIANCE"));
        assertEquals(Metrics.BETA, constant("step.cu", "METRICS_BETA"));
        assertEquals(Metrics.COLUMNS, constant("step.cu", "METRICS_COLUMNS"));
    }

    @Test
    void klWeights() throws IOException {
        assertEquals(KlWeighting.MULTIPLIER.ordinal(), constant("step.cu", "MULTIPLIER"));
        assertEquals(KlWeighting.LOG_LIMIT, constant("step.cu", "LOG_LIMIT"));
        assertEquals(KlWeighting.NEWEST, constant("step.cu", "NEWEST"));
        assertEquals(KlWeighting.MOST, constant("step.cu", "MOST"));
    }

    @Test
    void shards() throws IOException {
        assertEquals(CudaStepOps.SHARDS_OF_LAUNCH, constant("step.cu", "SHARDS_OF_GROUP"));
    }

    @Test
    void columns() throws IOException {
        for (ColumnKind kind : ColumnKind.values()) {
            assertEquals(kind.ordinal(), constant("columns.cu", kind.name()), kind.name());
        }
        assertEquals(ColumnOps.MAX_LOG_MEAN, constant("counts.cuh", "MAX_LOG_MEAN"));
    }

    @Test
    void thinProducts() throws IOException {
        assertEquals(KernelCost.THIN, constant("thin.cuh", "THIN"));
    }

    @Test
    void latents() throws IOException {
        for (KlMode mode : KlMode.values()) {
            assertEquals(mode.ordinal(), constant("latent.cuh", mode.name()));
        }
        assertEquals(LogVariance.MIN, constant("elementary.cuh", "LOG_VAR_MIN"));
        assertEquals(LogVariance.MAX, constant("elementary.cuh", "LOG_VAR_MAX"));
        assertEquals(LogVariance.FLOOR, constant("loss.cu", "FLOOR"));
    }
}
