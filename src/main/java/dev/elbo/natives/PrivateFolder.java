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
 */
public record PrivateFolder(Path path) implements AutoCloseable {
    /**
     * Creates a folder in {@code java.io.tmpdir}.
     *
     * @return it, to be closed
     * @throws IOException if it cannot be made
     */
    public static PrivateFolder create() throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")), "elbo-");
    }

    /**
     * Creates a folder in another place.
     *
     * @param parent the folder to create it in
     * @param prefix of its name
     * @return it, to be closed
     * @throws IOException if it cannot be made
     */
    public static PrivateFolder create(Path parent, String prefix) throws IOException {
        return new PrivateFolder(Files.createTempDirectory(
                parent, prefix, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    }

    /**
     * Writes a library.
     *
     * @param name of the file
     * @param library its bytes
     * @return the file
     * @throws IOException if it cannot be written
     */
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
