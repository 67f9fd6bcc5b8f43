package dev.elbo.verify;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Golden cases in a folder: the caller's, or those that come with elbo, unpacked for as long as the set is open. */
public final class GoldenSet implements AutoCloseable {
    private final List<Path> cases;
    private final Path temporary;

    private GoldenSet(List<Path> cases, Path temporary) {
        this.cases = cases;
        this.temporary = temporary;
    }

    /**
     * {@return one case, or a folder of cases}
     *
     * @param folder of a case, or of cases
     * @throws ElboException data, if there is none
     */
    public static GoldenSet in(Path folder) {
        return new GoldenSet(GoldenRunner.cases(folder), null);
    }

    /** {@return the cases that come with elbo} */
    public static GoldenSet packaged() {
        try {
            URL resource = GoldenSet.class.getResource("golden");
            if (resource == null) {
                throw ElboException.data("this copy of elbo has no golden cases; give a folder of golden cases");
            }
            return resource.getProtocol().equals("file") ? in(Path.of(resource.toURI())) : unpacked(resource.toURI());
        } catch (IOException | URISyntaxException e) {
            throw ElboException.io(
                    "the golden cases cannot be unpacked into " + System.getProperty("java.io.tmpdir") + " ("
                            + e.getMessage() + ")",
                    e);
        }
    }

    private static GoldenSet unpacked(URI inJar) throws IOException {
        Path folder = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "elbo-golden");
        try (FileSystem jar = FileSystems.newFileSystem(inJar, Map.of())) {
            Path root = jar.getPath("dev/elbo/verify/golden");
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path target = folder.resolve(root.relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
            return new GoldenSet(GoldenRunner.cases(folder), folder);
        } catch (IOException | RuntimeException e) {
            new GoldenSet(List.of(), folder).close();
            throw e;
        }
    }

    /** {@return the folders of the cases} */
    public List<Path> cases() {
        return cases;
    }

    @Override
    public void close() {
        if (temporary == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw ElboException.io(temporary + ": cannot be removed (" + e.getMessage() + ")", e);
        }
    }
}
