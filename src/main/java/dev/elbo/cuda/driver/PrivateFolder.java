package dev.elbo.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/**
 * A new folder that only this user may enter, for libraries on their way into the process: nobody can plant one there. What is
 * loaded stays loaded when the folder goes.
 */
record PrivateFolder(Path path) implements AutoCloseable {
    static PrivateFolder create() throws IOException {
        return new PrivateFolder(Files.createTempDirectory(
                Path.of(System.getProperty("java.io.tmpdir")),
                "elbo-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    }

    /** Writes a library. */
    Path write(String name, byte[] library) throws IOException {
        return Files.write(path.resolve(name), library);
    }

    /** One of JCuda's libraries, as the class path has it, or the module path: asked of a class, it would be of its module alone. */
    static byte[] jcudas(String name) throws IOException {
        try (InputStream in = PrivateFolder.class.getClassLoader().getResourceAsStream("lib/" + name)) {
            if (in == null) {
                throw new IOException("lib/" + name + " is neither on the class path nor on the module path");
            }
            return in.readAllBytes();
        }
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
