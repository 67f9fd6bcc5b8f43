package dev.elbo.cpu;

import dev.elbo.natives.NativeLibrary;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A trial run of netlib's loading of its library, which does not report why it fails: the library is unpacked into the
 * temporary folder that Java was started with, even if {@code java.io.tmpdir} has changed since.
 */
final class Unpacking {
    private Unpacking() {}

    /** Returns why the library cannot be unpacked, one line that names the folder; null if it can. */
    static String obstacle() throws IOException {
        return obstacle(NetlibLoader.LIBRARY, false);
    }

    /** Returns why no library can be unpacked and loaded; null if one without special dependencies can. */
    static String obstacleToLoading() throws IOException {
        return obstacle(OpenBlasFiles.UNDEMANDING, true);
    }

    private static String obstacle(String resource, boolean load) throws IOException {
        byte[] library = NativeLibrary.read(resource);
        Path file = null;
        try {
            file = Files.createTempFile("elbo-", ".so");
            Files.write(file, library);
            if (load) {
                System.load(file.toString());
            }
            return null;
        } catch (IOException e) {
            return "Java's temporary folder" + folder(file, e) + ": " + reason(e);
        } catch (UnsatisfiedLinkError e) {
            return "Java's temporary folder " + file.getParent() + ": no library can be loaded from it: "
                    + e.getMessage()
                            .replace(file + ": ", "")
                            .lines()
                            .findFirst()
                            .orElse("");
        } finally {
            remove(file);
        }
    }

    private static String folder(Path file, IOException e) {
        Path named = file == null && e instanceof FileSystemException system && system.getFile() != null
                ? Path.of(system.getFile())
                : file;
        return named == null ? "" : " " + named.getParent();
    }

    /** Returns why a file cannot be made or written. */
    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String said = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return String.valueOf(said).lines().findFirst().orElse("unknown reason");
    }

    private static void remove(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.getLogger(Unpacking.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} could not be removed", file);
        }
    }
}
