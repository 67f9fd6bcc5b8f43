package dev.elbo.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders of CUDA's libraries besides the loader's own path, in the order in which they are tried: an explicit
 * setting, {@code CUDA_HOME}, the usual folders of toolkits, and those of the packages that Python's users install.
 */
final class Libraries {
    /** System property with folders, separated as a path is; ahead of everything else. */
    static final String PROPERTY = "elbo.cuda.libraries";
    /** Environment variable of the same meaning. */
    static final String VARIABLE = "ELBO_CUDA_LIBRARIES";

    /** Folders of the driver in containers, WSL and NixOS, which may not be on the loader's path. */
    static final List<Path> BEYOND =
            List.of(Path.of("/usr/local/nvidia/lib64"), Path.of("/usr/lib/wsl/lib"), Path.of("/run/opengl-driver/lib"));

    private static final int MAX_LINKS = 40;

    private Libraries() {}

    static List<Path> explicit() {
        return folders(System.getProperty(PROPERTY, System.getenv(VARIABLE)))
                .map(Path::toAbsolutePath)
                .toList();
    }

    private static Stream<Path> folders(String setting) {
        return Stream.ofNullable(setting)
                .flatMap(all -> Stream.of(all.split(File.pathSeparator)))
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
    }

    static Optional<Path> find(String name, List<Path> folders) {
        return all(name, folders).stream().findFirst();
    }

    static List<Path> all(String name, List<Path> folders) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isRegularFile)
                .toList();
    }

    /** Lists the folders where toolkits and the packages of Python put cuBLAS, without those that do not exist. */
    static List<Path> usual() {
        List<Path> folders = new ArrayList<>();
        for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
            environment(variable).ifPresent(home -> toolkit(home, folders));
        }
        toolkit(Path.of("/usr/local/cuda"), folders);
        for (Path version : children(Path.of("/usr/local"), "cuda-")) {
            toolkit(version, folders);
        }
        folders.add(Path.of("/usr/lib/x86_64-linux-gnu"));
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            environment(variable).ifPresent(home -> python(home.resolve("lib"), folders));
        }
        folders(System.getenv("PATH")).forEach(folder -> linked(folder.resolve("python3"), folders));
        python(Path.of(System.getProperty("user.home"), ".local", "lib"), folders);
        python(Path.of("/usr/local/lib"), folders);
        python(Path.of("/usr/lib"), folders);
        return folders.stream().filter(Files::isDirectory).distinct().toList();
    }

    /**
     * Adds the packages of a Python, and of each one on the way if it is a link: one may be in a virtual environment.
     */
    private static void linked(Path python, List<Path> folders) {
        Path at = python;
        for (int links = 0; links < MAX_LINKS && Files.isExecutable(at); links++) {
            try {
                // what is above a folder that is a link is where the link leads
                Path folder = at.toAbsolutePath().getParent().toRealPath();
                python(folder.resolveSibling("lib"), folders);
                if (!Files.isSymbolicLink(at)) {
                    return;
                }
                at = folder.resolve(Files.readSymbolicLink(at));
            } catch (IOException e) {
                // what cannot be followed leads to no library
                return;
            }
        }
    }

    private static Optional<Path> environment(String variable) {
        return Optional.ofNullable(System.getenv(variable))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    private static void toolkit(Path home, List<Path> folders) {
        folders.add(home.resolve("lib64"));
        folders.add(home.resolve("targets/x86_64-linux/lib"));
    }

    private static void python(Path lib, List<Path> folders) {
        for (Path python : children(lib, "python3")) {
            for (String packages : List.of("site-packages", "dist-packages")) {
                for (Path library : children(python.resolve(packages).resolve("nvidia"), "")) {
                    folders.add(library.resolve("lib"));
                }
            }
        }
    }

    private static List<Path> children(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            // a folder that we may not read holds no library for us
            return List.of();
        }
    }
}
