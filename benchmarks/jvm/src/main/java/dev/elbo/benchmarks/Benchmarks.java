package dev.elbo.benchmarks;

import dev.elbo.Backends;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs them with JMH's options, always counts what is allocated, and fails where that is an object each time. */
public final class Benchmarks {
    private static final String LIBRARIES = "elbo.cuda.libraries";
    private static final String EACH = "gc.alloc.rate.norm";
    private static final String RATE = "gc.alloc.rate";
    /** No Java object has fewer bytes. */
    private static final double SMALLEST_OBJECT = 16;
    /** MB a second: JMH's own is some 0.006, which is a lot a time for what takes milliseconds. */
    private static final double OWN_RATE = 0.05;

    private Benchmarks() {}

    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .parent(new CommandLineOptions(arguments))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        List<String> flags = new ArrayList<>(List.of("-XX:+UseSerialGC"));
        Optional<String> libraries = Optional.ofNullable(System.getProperty(LIBRARIES));
        libraries.ifPresent(folder -> flags.add("-D" + LIBRARIES + "=" + folder));
        options.jvmArgsPrepend(flags.toArray(String[]::new));
        Optional<String> problem = Backends.cudaUnavailableReason();
        problem.ifPresent(reason -> {
            System.err.println("skipped: CudaLaunches: " + reason);
            options.exclude("CudaLaunches");
        });
        if (problem.isEmpty() && libraries.isPresent()) {
            System.err.println("CudaLaunches runs on the host CUDA device: what it allocates counts, its times say nothing");
        }
        try {
            System.exit(judge(new Runner(options.build()).run()));
        } catch (NoBenchmarksException e) {
            System.err.println("nothing to run");
            System.exit(problem.isPresent() ? 0 : 2);
        }
    }

    private static int judge(Collection<RunResult> results) {
        int failures = 0;
        for (RunResult result : results) {
            Result<?> each = result.getSecondaryResults().get(EACH);
            Result<?> rate = result.getSecondaryResults().get(RATE);
            if (each == null || rate == null) {
                throw new IllegalStateException(result.getParams().id() + ": JMH did not count what is allocated");
            }
            if (each.getScore() >= SMALLEST_OBJECT && rate.getScore() >= OWN_RATE) {
                failures++;
                System.err.printf(
                        Locale.ROOT, "%s allocates %.1f bytes each time%n", result.getParams().id(), each.getScore());
            }
        }
        System.err.println(failures == 0 ? results.size() + " benchmarks, none of which allocates" : failures + " allocate");
        return failures == 0 ? 0 : 1;
    }
}
