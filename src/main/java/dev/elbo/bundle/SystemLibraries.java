package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The shared libraries of this machine that a bundle must contain: the direct and indirect needs of its own libraries,
 * except for those that every machine has.
 */
final class SystemLibraries {
    /** Libraries of every machine: glibc, and the two of GCC that go with it. */
    private static final Set<String> EVERYWHERE = Set.of(
            "ld-linux-x86-64.so.2",
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "libutil.so.1",
            "libresolv.so.2",
            "libstdc++.so.6",
            "libgcc_s.so.1");

    /** Libraries of the machine that the bundle runs on: NVIDIA's driver, and cuBLAS. */
    private static final Set<String> NOT_OURS = Set.of("libcuda.so.1", "libcublas.so.12");

    static final List<Path> FOLDERS = List.of(
            Path.of("/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/lib64"),
            Path.of("/usr/lib64"),
            Path.of("/usr/local/lib"));

    private SystemLibraries() {}

    /** Finds what {@code needs} lacks, in the first folder that has it; throws unavailable if none has. */
    static Map<String, Path> missing(Map<String, List<String>> needs, List<Path> folders) {
        Set<String> present = new HashSet<>(needs.keySet());
        present.addAll(EVERYWHERE);
        present.addAll(NOT_OURS);
        Map<String, Path> missing = new TreeMap<>();
        Deque<Map.Entry<String, List<String>>> open = new ArrayDeque<>(needs.entrySet());
        while (!open.isEmpty()) {
            Map.Entry<String, List<String>> one = open.remove();
            for (String name : one.getValue()) {
                if (present.add(name)) {
                    Path file = find(name, one.getKey(), folders);
                    missing.put(name, file);
                    open.add(Map.entry(name, needed(file)));
                }
            }
        }
        return missing;
    }

    /** Lists the needs of each ELF file of a folder and its subfolders, by file name. */
    static Map<String, List<String>> needsIn(Path folder) throws IOException {
        List<Path> files;
        try (var all = Files.walk(folder)) {
            files = all.filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                    .sorted()
                    .toList();
        }
        Map<String, List<String>> needs = new TreeMap<>();
        for (Path file : files) {
            if (begins(file)) {
                needs.put(file.getFileName().toString(), needed(file));
            }
        }
        return needs;
    }

    private static boolean begins(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return Elf.is(in.readNBytes(Integer.BYTES));
        }
    }

    private static Path find(String name, String wanting, List<Path> folders) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> ElboException.unavailable(wanting + " needs " + name + ", which is in none of "
                        + folders.stream().map(Path::toString).collect(Collectors.joining(", ")) + "; install it"));
    }

    private static List<String> needed(Path file) {
        try {
            return Elf.needed(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw ElboException.io(file + ": could not be read: " + Messages.reason(e), e);
        }
    }
}
