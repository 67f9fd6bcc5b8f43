package dev.elbo.examples;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.verify.GoldenRunner;
import dev.elbo.verify.GoldenSet;
import dev.elbo.verify.Row;
import dev.elbo.verify.TensorResult;
import dev.elbo.verify.Verification;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** Holds a backend of this machine to the float64 reference and to results of another framework, in a test or at a start. */
public final class VerifyMyMachine {
    private VerifyMyMachine() {}

    public static void main(String[] arguments) {
        boolean holds = run("auto", operation -> true, System.out);
        System.exit(holds ? 0 : 1);
    }

    /**
     * Prints what does not hold.
     *
     * @param operations which, by name
     * @return whether everything holds
     */
    public static boolean run(String backend, Predicate<String> operations, PrintStream out) {
        int wrong = 0;
        try (Backend candidate = Backends.open(backend);
                Backend oracle = Backends.reference();
                GoldenSet golden = GoldenSet.packaged()) {
            List<Row> rows = Verification.run(candidate, oracle, operations, Verification.Listener.NONE);
            for (Row row : rows) {
                if (!row.ok()) {
                    out.println(row);
                    wrong++;
                }
            }
            int tensors = 0;
            for (Path folder : golden.cases()) {
                for (TensorResult result : GoldenRunner.run(folder, candidate, oracle)) {
                    tensors++;
                    if (!result.ok()) {
                        out.println(folder.getFileName() + " " + result);
                        wrong++;
                    }
                }
            }
            out.println(candidate.description() + ": " + rows.size() + " cases and " + tensors + " golden tensors, "
                    + (wrong == 0 ? "all hold" : wrong + " do not hold"));
        }
        return wrong == 0;
    }
}
