package dev.elbo.examples;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.serve.VaeService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Scores lines of numbers as they come, however many: a filter from values to how strange they are. */
public final class ScoreStream {
    private ScoreStream() {}

    /** @param arguments a model file, and a text file with an example a line, values between commas */
    public static void main(String[] arguments) throws IOException {
        try (Reader lines = Files.newBufferedReader(Path.of(arguments[1]))) {
            run(Path.of(arguments[0]), lines, System.out);
        }
    }

    /** Prints a score a line; no more than one batch of examples is held at a time. */
    public static void run(Path model, Reader lines, PrintStream out) {
        try (VaeService service = VaeService.builder(model)
                .backend("cpu")
                .replicas(1)
                .batchSize(64)
                .build()) {
            Stream<float[]> examples = new BufferedReader(lines).lines().map(ScoreStream::values);
            try (DoubleStream scores = service.anomalyScores(examples, AnomalyScore.NEGATIVE_LOG_LIKELIHOOD)) {
                scores.forEachOrdered(score -> out.printf(Locale.ROOT, "%.4f%n", score));
            }
        }
    }

    private static float[] values(String line) {
        String[] fields = line.split(",");
        float[] values = new float[fields.length];
        for (int i = 0; i < fields.length; i++) {
            values[i] = Float.parseFloat(fields[i]);
        }
        return values;
    }
}
