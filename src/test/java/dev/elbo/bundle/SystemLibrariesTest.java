package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemLibrariesTest {
    @TempDir
    private Path folder;

    /** A library of this machine under another name: what matters is what it needs, which for all of Java's is libc. */
    private void library(String name) throws IOException {
        Files.copy(Path.of(System.getProperty("java.home"), "lib", "libzip.so"), folder.resolve(name));
    }

    @Test
    void whatTheMachineHasIsFoundAlsoForWhatIsFound() throws IOException {
        library("libfound.so.1");
        // what libzip.so itself needs, besides libc: of the runtime, or of the machine
        for (String name : Elf.needed("libzip.so", Files.readAllBytes(folder.resolve("libfound.so.1")))) {
            if (!name.startsWith("libc.") && !Files.exists(folder.resolve(name))) {
                library(name);
            }
        }
        Map<String, List<String>> needs = Map.of("ours.so", List.of("libfound.so.1", "libc.so.6", "libcuda.so.1"));
        Set<String> missing = SystemLibraries.missing(needs, List.of(folder)).keySet();
        try (var files = Files.list(folder)) {
            assertEquals(
                    files.map(file -> file.getFileName().toString()).sorted().toList(), List.copyOf(missing));
        }
    }

    @Test
    void whatIsThereAlreadyIsNotLookedFor() {
        Map<String, List<String>> needs = Map.of("ours.so", List.of("other.so"), "other.so", List.of("libm.so.6"));
        assertEquals(Map.of(), SystemLibraries.missing(needs, List.of(folder)));
    }

    @Test
    void whatIsNowhereIsNamedWithWhoWantsIt() {
        ElboException refused = assertThrows(
                ElboException.class,
                () -> SystemLibraries.missing(Map.of("ours.so", List.of("libnone.so.3")), List.of(folder)));
        assertEquals(ElboException.Kind.UNAVAILABLE, refused.kind());
        assertEquals(
                "ours.so needs libnone.so.3, which is in none of " + folder + "; install it", refused.getMessage());
    }
}
