package dev.elbo.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/**
 * A new folder that only this user may enter, for libraries to be loaded: no other user can plant one there. A loaded
 * library stays loaded when the folder is deleted.
 *
 * @param path of the folder
 * @hidden
 */
public record PrivateFolder(Path path) implements AutoCloseable {
    /** Creates a folder in {@code java.io.tmpdir}. */
    public static PrivateFolder create() throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")), "elbo-");
    }

    /** Creates a folder in another place, with a name that begins with the prefix. */
    public static PrivateFolder create(Path parent, String prefix) throws IOException {
        return new PrivateFolder(Files.createTempDirectory(
                parent, prefix, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    }

    /** Writes a library as a file of this name and returns its path. */
    public Path write(String name, byte[] library) throws IOException {
        return Files.write(path.resolve(name), library);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(path);
    }
}
