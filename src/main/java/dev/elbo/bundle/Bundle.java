package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import dev.elbo.io.Version;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder with everything that elbo needs: a Java runtime, the jars, the libraries that those need beyond glibc. It
 * runs on Linux x86-64 without Java, compiler and network.
 */
public final class Bundle {
    private static final String ENDING = ".tar.xz";
    private static final int NAMES_WIDTH = 11;

    private final Path program;
    private final List<Path> libraries;

    /** A receiver of progress events. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Reports {@code done} bytes of a step, 0 of 0 if uncounted; often, but not while the runtime is linked, for
         * seconds.
         */
        void at(String step, long done, long total);
    }

    /** Bundles the jar with the main class and those of its libraries that a bundle needs. */
    Bundle(Path program, List<Path> libraries) {
        this.program = program;
        this.libraries = libraries.stream()
                .filter(jar -> !jar.equals(program) && Library.isForRunning(jar))
                .toList();
    }

    /** Bundles the running program; throws unavailable if elbo does not run from a jar, or Java is not a JDK. */
    public static Bundle ofRunning(Class<?> main) {
        Path program;
        try {
            program = Path.of(
                    main.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError("the location of a class is a URI", e);
        }
        if (!Files.isRegularFile(program)) {
            throw ElboException.unavailable("bundle needs elbo's jar, but elbo runs from the folder " + program
                    + "; build and run elbo with ./elbo");
        }
        JavaRuntime.linker();
        return new Bundle(program, ClassPath.jars(System.getProperty("java.class.path")));
    }

    /** Checks the name of the archive before any work is done. */
    public static void check(Path out) {
        String name = out.getFileName() == null ? "" : out.getFileName().toString();
        if (!name.endsWith(ENDING) || name.equals(ENDING)) {
            throw ElboException.usage(out + ": the name must end in " + ENDING);
        }
        if (Files.exists(out) && !Files.isRegularFile(out)) {
            throw ElboException.io(out + ": is a folder, device or pipe; use another file");
        }
    }

    /**
     * Assembles and packs. The folder for it lies beside {@code out} meanwhile and is removed again, also when {@code progress}
     * throws. Folders and temporaries that killed processes left there are removed first.
     *
     * @param progress may throw to give up, unchecked; {@code out} keeps its old content then
     * @return the SHA-256 of the archive in hexadecimal
     * @throws ElboException of kind USAGE or IO for a bad {@code out}, UNAVAILABLE if this JDK cannot link a runtime
     */
    public String write(Path out, Progress progress) {
        check(out);
        try (WorkFolder work = WorkFolder.open(out)) {
            Path folder = work.path().resolve(name());
            assemble(folder, progress);
            return pack(folder, out, progress);
        } catch (IOException e) {
            throw ElboException.io(
                    out + ": could not be written: " + Messages.reason(e) + "; check the folder and its free space", e);
        }
    }

    static String pack(Path folder, Path out, Progress progress) throws IOException {
        long total = size(folder);
        return AtomicFile.write(
                out,
                channel -> Archive.write(
                        folder,
                        folder.getFileName().toString(),
                        Channels.newOutputStream(channel),
                        done -> progress.at("packing", done, total)));
    }

    /** {@return the folder's name: {@code elbo-} and the version} */
    String name() {
        return "elbo-" + Version.current();
    }

    /** Makes the folder, which must not exist, with everything in it. */
    void assemble(Path folder, Progress progress) throws IOException {
        Path jars = Files.createDirectories(folder.resolve("lib"));
        progress.at("linking the runtime", 0, 0);
        Path runtime = folder.resolve("runtime");
        JavaRuntime.link(runtime);
        progress.at("copying libraries", 0, 0);
        Map<String, List<String>> needs = SystemLibraries.needsIn(runtime);
        for (Path jar : libraries) {
            progress.at("copying libraries", 0, 0);
            needs.putAll(Library.copy(jar, jars.resolve(jar.getFileName())));
        }
        needs.putAll(Library.copy(program, jars.resolve("elbo.jar"), classPath()));
        // the folder of the runtime's own libraries, which look for others beside them
        Path beside = runtime.resolve("lib");
        Map<String, Path> missing = SystemLibraries.missing(needs, SystemLibraries.FOLDERS);
        for (Map.Entry<String, Path> library : missing.entrySet()) {
            Files.copy(library.getValue(), beside.resolve(library.getKey()));
        }
        launcher(folder);
        copy("make_golden.py", folder.resolve("scripts"));
        Files.writeString(folder.resolve("BUNDLE.txt"), description(folder, missing));
    }

    private String classPath() {
        return libraries.stream().map(jar -> jar.getFileName().toString()).collect(Collectors.joining(" "));
    }

    private static void launcher(Path folder) throws IOException {
        Path file = copy("elbo", folder.resolve("bin"));
        if (!file.toFile().setExecutable(true, false)) {
            throw new IOException(file + " cannot be made executable");
        }
    }

    /** Copies a resource of this package into a folder; returns the file. */
    private static Path copy(String resource, Path folder) throws IOException {
        Path file = Files.createDirectories(folder).resolve(resource);
        try (InputStream in = Bundle.class.getResourceAsStream(resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    private String description(Path folder, Map<String, Path> missing) throws IOException {
        StringBuilder text = new StringBuilder();
        String commit = System.getenv("ELBO_COMMIT");
        boolean known = commit != null && !commit.isBlank();
        text.append("elbo ").append(Version.current()).append(", commit ").append(known ? commit : "unknown");
        text.append("\nJava ").append(System.getProperty("java.runtime.version"));
        text.append(", ").append(System.getProperty("java.vendor"));
        text.append("\nmodules ").append(String.join(", ", JavaRuntime.MODULES));
        text.append("\nfrom the machine that packed it: ");
        text.append(missing.isEmpty() ? "nothing" : String.join(", ", missing.keySet()));
        text.append(
                "\n\nRuns on Linux x86-64 with libstdc++, libgcc and a glibc not older than on the machine that packed it.");
        text.append("\nbin/elbo needs a shell; runtime/bin/java -jar lib/elbo.jar needs none.");
        text.append(
                "\nOpenBLAS needs the temporary folder /tmp; if there is none, -Djava.io.tmpdir=DIR names another folder.");
        text.append(
                "\nThe backend cuda needs NVIDIA's driver and libcublas.so.12; the command doctor checks for both.\n\n");
        for (Map.Entry<String, Long> file : sizes(folder).entrySet()) {
            text.append(Text.format("%" + NAMES_WIDTH + "d  %s%n", file.getValue(), file.getKey()));
        }
        return text.toString();
    }

    private static Map<String, Long> sizes(Path folder) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                    .toList()) {
                sizes.put(folder.relativize(file).toString(), Files.size(file));
            }
        }
        return sizes;
    }

    private static long size(Path folder) throws IOException {
        return sizes(folder).values().stream().mapToLong(Long::longValue).sum();
    }
}
