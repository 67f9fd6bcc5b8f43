package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** The jars that a program runs from: those of its class path, and those that their manifests name. */
final class ClassPath {
    private ClassPath() {}

    /** Lists all jars of a {@code java.class.path}, in its order, without folders and missing jars. */
    static List<Path> jars(String classPath) {
        Deque<Path> open = new ArrayDeque<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            open.add(Path.of(entry).toAbsolutePath().normalize());
        }
        Set<Path> found = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            Path jar = open.remove();
            if (Files.isRegularFile(jar) && found.add(jar)) {
                open.addAll(named(jar));
            }
        }
        return new ArrayList<>(found);
    }

    /** Lists the jars that a manifest names, relative to its jar as the JAR specification has it. */
    private static List<Path> named(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String names =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            List<Path> jars = new ArrayList<>();
            for (String name : names == null ? new String[0] : names.trim().split(" +")) {
                URI uri = jar.toUri().resolve(name);
                if ("file".equals(uri.getScheme())) {
                    jars.add(Path.of(uri.getPath()).normalize());
                }
            }
            return jars;
        } catch (IOException | IllegalArgumentException e) {
            String reason = e instanceof IOException io ? Messages.reason(io) : e.getMessage();
            throw ElboException.data(jar + ": its manifest cannot be read: " + reason, e);
        }
    }
}
