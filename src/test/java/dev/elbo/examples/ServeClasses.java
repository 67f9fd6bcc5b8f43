package dev.elbo.examples;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.serve.VaeService;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Asks a model with classes for an example of one, for the class that explains it best, and for its style in all. */
public final class ServeClasses {
    private ServeClasses() {}

    /** @param arguments a model file, and the name of a class */
    public static void main(String[] arguments) {
        run(Path.of(arguments[0]), arguments[1], System.out);
    }

    /** Prints a score in each class; returns the example's style in each class. */
    public static float[][] run(Path model, String name, PrintStream out) {
        // [shown
        try (VaeService service = VaeService.builder(model).build()) {
            VaeService named = service.inClass(name); // a view of the service, which needs no closing
            float[] image = named.sample(1, 42);
            List<String> classes = service.spec().classes();
            for (String other : classes) {
                double nats = service.inClass(other).anomalyScores(image, AnomalyScore.NEGATIVE_LOG_LIKELIHOOD)[0];
                out.printf(Locale.ROOT, "%s: %.1f nats%n", other, nats); // the lowest explains it best
            }
            float[][] styles =
                    Collections.nCopies(classes.size(), named.encode(image)).toArray(float[][]::new);
            return service.inClass(classes.toArray(String[]::new)).decode(styles); // row i in the class of name i
        }
        // shown]
    }
}
