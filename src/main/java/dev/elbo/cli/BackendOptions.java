package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import dev.elbo.serve.VaeService;
import dev.elbo.tensor.Closer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The backend that a command computes on. */
final class BackendOptions {
    /** More than the cores of any machine, fewer than an operating system refuses. */
    private static final int MAX_THREADS = 1024;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "Backend to compute on: auto, cpu, reference, cuda or cuda:N. Only auto falls back to another"
                    + " backend. 'train --shards' computes on several devices: cuda:0,cuda:1.")
    private String given;

    @Option(
            names = "--precision",
            paramLabel = "P",
            description =
                    "Precision of matrix products: fp32, tf32 or bf16 (default: ${DEFAULT-VALUE}). tf32 and bf16 need"
                            + " cuda, where layers of up to 64 inputs, and the heads of small steps, stay in fp32.")
    private String precision = "fp32";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of the cpu backend (default: all cores). Results do not depend on their number.")
    private int threads;

    boolean isGiven() {
        return given != null;
    }

    /** Opens the backend, auto by default, and announces it on stderr. */
    Backend open(PrintWriter err) {
        Backends.Choice choice = choose();
        announce(choice, null, err);
        return choice.backend();
    }

    Backends.Choice choose() {
        if (names().size() > 1) {
            throw ElboException.usage(
                    "--backend " + given + ": only 'train --shards' computes on several backends; name one");
        }
        return chooseFirst();
    }

    /** Opens the first of the named backends, for a command that {@link #openOthers} too. */
    Backends.Choice chooseFirst() {
        check();
        return builder(names().get(0), Precision.of(precision)).choose();
    }

    /** Opens the named backends behind the first. */
    List<Backend> openOthers(Closer closer) {
        List<String> all = names();
        List<Backend> others = new ArrayList<>();
        for (String name : all.subList(1, all.size())) {
            others.add(closer.register(builder(name, Precision.of(precision)).open()));
        }
        return others;
    }

    /** Announces the backends behind the first on stderr, and says if they may round otherwise. */
    void announceOthers(Backend first, List<Backend> others, PrintWriter err) {
        others.forEach(other -> announce(new Backends.Choice(other, Optional.empty()), null, err));
        if (others.stream().anyMatch(other -> !model(other).equals(model(first)))) {
            err.println(
                    "note: the devices differ, and may round products differently: the result may not have the bits of one"
                            + " device");
        }
    }

    /** Returns the description of a backend without the number of its device. */
    private static String model(Backend backend) {
        return backend.description().replaceFirst("cuda:\\d+", "cuda");
    }

    private List<String> names() {
        if (given == null) {
            return List.of("auto");
        }
        List<String> all = List.of(given.split(",", -1));
        Set<String> different = new HashSet<>();
        for (String name : all) {
            // devices of their own, so that what is named twice is a mistake
            boolean device = name.startsWith("cuda:");
            if (all.size() > 1 && !device) {
                throw ElboException.usage(
                        "--backend " + given + ": several backends are devices, such as cuda:0,cuda:1, and '" + name
                                + "' names none" + (name.equals("cpu") ? " (--threads sets the threads of cpu)" : ""));
            }
            if (!different.add(name)) {
                throw ElboException.usage("--backend " + given + ": names " + name + " twice");
            }
        }
        return all;
    }

    /** Returns a service of a model on another backend with the same options. */
    VaeService.Builder serve(Path model) {
        return VaeService.builder(model)
                .backend(given == null ? "auto" : given)
                .precision(Precision.of(precision))
                .threads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    }

    /** Returns backends with the same options but each other precision of products. */
    Map<String, Supplier<Backend>> otherPrecisions(Backend backend) {
        Map<String, Supplier<Backend>> others = new LinkedHashMap<>();
        if (backend.name().equals("cuda")) {
            for (Precision other : Precision.values()) {
                if (!other.label().equals(precision)) {
                    String name = given == null || given.equals("auto") ? backend.name() : given;
                    others.put(other.label(), builder(name, other)::open);
                }
            }
        }
        return others;
    }

    String precision() {
        return precision;
    }

    /** Announces the backend on stderr, with another remark unless it is null. */
    void announce(Backends.Choice choice, String more, PrintWriter err) {
        err.println("backend " + choice.backend().name() + ": " + OptionNames.in(choice.description())
                + (more == null ? "" : "; " + more));
    }

    /** Opens the named backend, or every backend that works here, one after the other as the caller iterates. */
    Iterable<Backend> openAll(PrintWriter err) {
        if (given != null || !precision.equals(Precision.FP32.label())) {
            return List.of(open(err));
        }
        check();
        Backends.cudaUnavailableReason().ifPresent(problem -> err.println("not checked: " + OptionNames.in(problem)));
        return () -> Backends.available(threads).stream().map(Supplier::get).iterator();
    }

    private Backends.Builder builder(String name, Precision products) {
        return Backends.builder(name).threads(threads).precision(products);
    }

    private void check() {
        if (threads < 0) {
            throw ElboException.usage("--threads must be at least 1, not " + threads);
        }
        if (threads > MAX_THREADS) {
            throw ElboException.usage("--threads must be at most " + MAX_THREADS + ", not " + threads);
        }
    }
}
