package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
    @TempDir
    private Path folder;

    private Set<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Packs for ever. */
    public static final class Packing {
        public static void main(String[] args) throws IOException {
            Path out = Path.of(args[0]);
            WorkFolder work = WorkFolder.open(out);
            Files.createDirectories(work.path().resolve("elbo/bin"));
            Files.writeString(work.path().resolve("elbo/bin/elbo"), "content");
            AtomicFile.write(out, channel -> {
                channel.write(ByteBuffer.allocate(10));
                System.out.println("packing");
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            });
        }
    }

    @Test
    void aKilledProcessIsCleanedUpAfterAndOneAtWorkIsLeftAlone() throws Exception {
        Path out = Files.writeString(folder.resolve("b.tar.xz"), "old");
        Process process = new ProcessBuilder(JavaCommand.of(Packing.class, out.toString())).start();
        try {
            assertEquals('p', process.getInputStream().read());
            Set<String> atWork = names();
            assertEquals(3, atWork.size(), "archive, folder and temporary: " + atWork);
            ElboException refused = assertThrows(ElboException.class, () -> WorkFolder.open(out));
            assertEquals(ElboException.Kind.IO, refused.kind());
            assertEquals(
                    out + ": another process is packing it; wait for it to finish or use another file",
                    refused.getMessage());
            WorkFolder.open(folder.resolve("other.tar.xz")).close();
            assertEquals(atWork, names());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(3, names().size(), "killed");
        WorkFolder.open(folder.resolve("other.tar.xz")).close();
        assertEquals(Set.of("b.tar.xz"), names());
        assertEquals("old", Files.readString(out));
    }

    @Test
    void foldersOfOthersAreNotTouched() throws IOException {
        Path mine = Files.createDirectory(folder.resolve(".bundle-b.tar.xz"));
        Files.writeString(mine.resolve("file"), "");
        Files.writeString(folder.resolve(".bundle-note"), "");
        ElboException refused = assertThrows(ElboException.class, () -> WorkFolder.open(folder.resolve("b.tar.xz")));
        assertEquals(mine + ": already exists; remove it or use another file", refused.getMessage());
        WorkFolder.open(folder.resolve("c.tar.xz")).close();
        assertEquals(Set.of(".bundle-b.tar.xz", ".bundle-note"), names());
        assertTrue(Files.exists(mine.resolve("file")));
    }

    @Test
    void parentsAreMadeAndTheFolderIsRemovedWithAllInIt() throws IOException {
        Path parent = folder.resolve("a/b");
        try (WorkFolder work = WorkFolder.open(parent.resolve("c.tar.xz"))) {
            Files.createDirectories(work.path().resolve("d/e"));
            Files.createSymbolicLink(work.path().resolve("d/link"), folder);
        }
        try (Stream<Path> left = Files.list(parent)) {
            assertEquals(0, left.count());
        }
    }
}
