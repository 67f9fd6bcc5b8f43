package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import dev.elbo.natives.NativeLibrary;
import dev.elbo.natives.OwnClasses;
import dev.elbo.natives.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The cuBLAS libraries of this machine, in the order in which they are tried, and those that this process has loaded. A
 * library that loads but does not work on a device, such as one older than the device, is passed over for the next; but
 * only one of two with the same name can be in a process, since the loader binds all uses of the name to the first.
 */
final class BlasLibraries {
    /** The library that JCublas is linked to. */
    static final String BLAS = "libcublas.so.12";
    /** The library that JCublas can be adapted to. */
    static final String NEWER_BLAS = "libcublas.so.13";

    /** The advice if none is found. */
    static final String ADVICE = "install cuBLAS 12 or 13 (CUDA toolkit, or pip's nvidia-cublas), or set "
            + Libraries.VARIABLE + " to its folder, then run Backends.diagnose(0)";

    private static final System.Logger LOG = System.getLogger(BlasLibraries.class.getName());
    private static final String JCUBLAS = "libJCublas2-12.6.0-linux-x86_64.so";

    private static final List<Loaded> LOADED = new ArrayList<>();
    private static List<Attempt> left;
    /** Reasons why some did not load, the most specific first. */
    private static final List<Natives.Verdict> FAILED = new ArrayList<>();
    /** Names of the libraries that the process has loaded, usable or not. */
    private static final Set<String> RESIDENT = new HashSet<>();

    /** Libraries about which a warning said that others were passed over. */
    private static final Set<Loaded> TOLD = new HashSet<>();

    /** A library that the process has loaded. */
    record Loaded(Natives.Verdict from, BlasCalls calls) {
        String described() {
            return this + (from.library().equals(BLAS) ? "" : ", JCuda's library for 12 adapted to it");
        }

        @Override
        public String toString() {
            return from.library() + " from " + from.source();
        }
    }

    /** A cuBLAS to try; with no path (null), as the loader finds it. */
    private record Attempt(String name, Path path) {}

    private BlasLibraries() {}

    /**
     * Returns the first library that works.
     *
     * @param judge says what is wrong with one, or null if it is of use
     * @throws ElboException unavailable, if there is none, with what was found and what to do
     */
    static synchronized Loaded choose(Function<BlasCalls, String> judge) {
        List<String> passedOver = new ArrayList<>();
        for (int i = 0; i < LOADED.size() || loadNext(passedOver); i++) {
            Loaded candidate = LOADED.get(i);
            String wrong = judge.apply(candidate.calls());
            if (wrong == null) {
                tell(candidate, passedOver);
                return candidate;
            }
            passedOver.add(candidate + ": " + wrong);
        }
        throw ElboException.unavailable(
                passedOver.isEmpty()
                        ? "no cuBLAS: " + FAILED.get(0).problem() + "; " + ADVICE
                        : "no cuBLAS that works on this device: " + String.join("; ", passedOver) + "; " + ADVICE);
    }

    /** Warns about libraries passed over, once for a process, however often it opens a device. */
    private static void tell(Loaded taken, List<String> passedOver) {
        if (!passedOver.isEmpty() && TOLD.add(taken)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cuBLAS is " + taken + "; passed over: " + String.join("; ", passedOver));
        }
    }

    /** Loads the next candidate, if there is one. */
    private static boolean loadNext(List<String> passedOver) {
        if (left == null) {
            String unsupported = Natives.unsupported();
            if (unsupported != null) {
                FAILED.add(new Natives.Verdict(BLAS, null, unsupported, null));
            }
            left = unsupported == null ? attempts() : new ArrayList<>();
        }
        List<Attempt> impossible = new ArrayList<>();
        boolean loaded = false;
        while (!loaded && !left.isEmpty()) {
            Attempt attempt = left.remove(0);
            if (!RESIDENT.contains(attempt.name)) {
                loaded = load(attempt);
            } else if (attempt.path != null) {
                impossible.add(attempt);
                passedOver.add(attempt.path + " cannot be tried beside the other " + attempt.name + ": set "
                        + Libraries.VARIABLE + "=" + attempt.path.getParent());
            }
        }
        // for other devices they are as impossible, and are reported again
        left.addAll(impossible);
        return loaded;
    }

    private static boolean load(Attempt attempt) {
        try (PrivateFolder folder = PrivateFolder.create()) {
            byte[] library = Natives.jcudas(JCUBLAS);
            Path jcublas = folder.write(
                    JCUBLAS, attempt.name.equals(BLAS) ? library : BlasVersion.replace(library, BLAS, attempt.name));
            if (attempt.path != null) {
                // cuBLAS needs it, and it may lie where the loader does not look
                Path light = attempt.path.resolveSibling(attempt.name.replace("libcublas", "libcublasLt"));
                if (Files.isRegularFile(light)) {
                    NativeLibrary.load(light);
                }
                NativeLibrary.load(attempt.path);
                RESIDENT.add(attempt.name);
            }
            BlasCalls calls = calls(jcublas);
            RESIDENT.add(attempt.name);
            LOADED.add(new Loaded(Natives.Verdict.of(attempt.name, Optional.ofNullable(attempt.path)), calls));
            return true;
        } catch (UnsatisfiedLinkError | IllegalCallerException e) {
            failed(Natives.Verdict.of(attempt.path == null ? attempt.name : attempt.path.toString(), e));
        } catch (IOException e) {
            failed(Natives.noFolder(attempt.name, e));
        }
        return false;
    }

    /**
     * Returns the calls of a cuBLAS, through JCublas once more, with classes and a native library of its own: without
     * this a cuBLAS that turns out to be of no use could not be exchanged for another one. A program that uses JCublas
     * itself keeps its own, and its settings.
     *
     * @param jcublas JCublas's native library, which needs that cuBLAS; not read any more once it is loaded
     */
    private static BlasCalls calls(Path jcublas) {
        String name = JcublasCalls.class.getName();
        // the loader of its library is defined anew too, since it uses the class loader of its caller
        Predicate<String> isOwn =
                type -> type.equals(name) || type.startsWith("jcuda.jcublas.") || type.startsWith("jcuda.LibUtils");
        try {
            // JCublas asks for its library by name before it looks anywhere else
            return new OwnClasses(isOwn, jcublas.toString(), Map.of())
                    .make(BlasCalls.class, name, String.class, jcublas.toString());
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException("JCublas is not on the class path", e);
        }
    }

    /** Notes a failure; a library that is there but does not load says more than one that is not. */
    private static void failed(Natives.Verdict verdict) {
        boolean says =
                verdict.missing() == null && !FAILED.isEmpty() && FAILED.get(0).missing() != null;
        FAILED.add(says ? 0 : FAILED.size(), verdict);
    }

    /**
     * Lists the explicit setting, whichever version it has; then the version that JCuda is made for, wherever it lies.
     * A file that links lead to from several places is one.
     */
    private static List<Attempt> attempts() {
        Map<Path, Attempt> attempts = new LinkedHashMap<>();
        for (String name : List.of(BLAS, NEWER_BLAS)) {
            add(name, Libraries.explicit(), attempts);
        }
        for (String name : List.of(BLAS, NEWER_BLAS)) {
            attempts.put(Path.of(name), new Attempt(name, null));
            add(name, Libraries.usual(), attempts);
        }
        return new ArrayList<>(attempts.values());
    }

    private static void add(String name, List<Path> folders, Map<Path, Attempt> attempts) {
        for (Path path : Libraries.all(name, folders)) {
            try {
                attempts.putIfAbsent(path.toRealPath(), new Attempt(name, path));
            } catch (IOException e) {
                // gone meanwhile
                continue;
            }
        }
    }
}
