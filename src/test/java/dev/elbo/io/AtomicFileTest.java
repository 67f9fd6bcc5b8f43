package dev.elbo.io;

import static dev.elbo.io.Failures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final byte[] OLD = "old".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW = "the new content".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void old() throws IOException {
        file = folder.resolve("model");
        Files.write(file, OLD);
    }

    /** Records the operations, takes at most two bytes a write, and fails the N-th operation. */
    private static class FaultyDisk implements Disk {
        final List<String> done = new ArrayList<>();
        int failAt = Integer.MAX_VALUE;
        boolean failDelete;

        private void step(String what) throws IOException {
            done.add(what);
            if (done.size() == failAt) {
                throw new IOException("seeded fault");
            }
        }

        @Override
        public Output create(Path path) throws IOException {
            step("create");
            Output real = REAL.create(path);
            return new Output() {
                @Override
                public int write(ByteBuffer bytes) throws IOException {
                    step("write");
                    ByteBuffer some = bytes.slice(bytes.position(), Math.min(2, bytes.remaining()));
                    int taken = real.write(some);
                    bytes.position(bytes.position() + taken);
                    return taken;
                }

                @Override
                public void force() throws IOException {
                    step("force");
                    real.force();
                }

                @Override
                public void close() throws IOException {
                    real.close();
                    step("close");
                }
            };
        }

        @Override
        public Output append(Path path) {
            throw new AssertionError("a file that is replaced is not appended to");
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            assertEquals(from.getParent(), to.getParent());
            assertTrue(from.getFileName().toString().matches("\\.model\\.[0-9a-z]+\\.tmp"), from.toString());
            step("rename");
            REAL.rename(from, to);
        }

        @Override
        public void forceFolder(Path path) throws IOException {
            step("forceFolder");
            REAL.forceFolder(path);
        }

        @Override
        public void delete(Path path) throws IOException {
            if (failDelete) {
                throw new IOException("seeded fault");
            }
            REAL.delete(path);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private void save(FaultyDisk disk) {
        AtomicFile.write(disk, file, out -> assertEquals(NEW.length, out.write(ByteBuffer.wrap(NEW))), temporary -> {});
    }

    @Test
    void temporariesOfTheFileAndNoOthersAreRemoved() throws IOException {
        List<String> others =
                List.of("model.1a.tmp", ".model.tmp", ".model.1A.tmp", ".models.1a.tmp", ".xmodel.1a.tmp");
        for (String name : others) {
            Files.writeString(folder.resolve(name), "");
        }
        for (String name : List.of(".model.1a.tmp", ".model.0.tmp")) {
            Files.writeString(folder.resolve(name), "");
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        AtomicFile.removeTemporaries(link);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    Stream.concat(others.stream(), Stream.of("model", "link"))
                            .sorted()
                            .toList(),
                    left.map(each -> each.getFileName().toString()).sorted().toList());
        }
        assertArrayEquals(OLD, Files.readAllBytes(file));
    }

    @Test
    void replacesTheContentAndReturnsItsDigest() throws IOException {
        String digest = AtomicFile.write(file, "abc".getBytes(StandardCharsets.US_ASCII));
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest);
        assertEquals("abc", Files.readString(file));
        assertEquals(List.of("model"), names());
    }

    @Test
    void forcesBeforeTheRenameAndTheFolderAfter() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        save(disk);
        assertArrayEquals(NEW, Files.readAllBytes(file));
        List<String> expected = new ArrayList<>(List.of("create"));
        for (int i = 0; i < (NEW.length + 1) / 2; i++) {
            expected.add("write");
        }
        expected.addAll(List.of("force", "close", "rename", "forceFolder"));
        assertEquals(expected, disk.done);
    }

    @Test
    void anyFailureLeavesTheOldFileAloneAndNoTemporary() throws IOException {
        FaultyDisk whole = new FaultyDisk();
        save(whole);
        int operations = whole.done.size();
        for (int n = 1; n <= operations; n++) {
            Files.write(file, OLD);
            FaultyDisk disk = new FaultyDisk();
            disk.failAt = n;
            fails(Kind.IO, () -> save(disk), file.toString(), "seeded fault");
            // After the rename the new content is there, but "saved" was not said.
            assertArrayEquals(n == operations ? NEW : OLD, Files.readAllBytes(file), "fault at operation " + n);
            assertEquals(List.of("model"), names(), "fault at operation " + n);
        }
    }

    @Test
    void theFirstFailureIsReportedEvenWhenTheTemporaryStays() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        disk.failAt = 3;
        disk.failDelete = true;
        fails(Kind.IO, () -> save(disk), "seeded fault");
        assertArrayEquals(OLD, Files.readAllBytes(file));
    }

    @Test
    void aDiskThatTakesNothingIsAnErrorAndNoLoop() {
        Disk full = new FaultyDisk() {
            @Override
            public Output create(Path path) throws IOException {
                Output real = REAL.create(path);
                return new Output() {
                    @Override
                    public int write(ByteBuffer bytes) {
                        return 0;
                    }

                    @Override
                    public void force() {}

                    @Override
                    public void close() throws IOException {
                        real.close();
                    }
                };
            }
        };
        fails(Kind.IO, () -> AtomicFile.write(full, file, out -> out.write(ByteBuffer.wrap(NEW)), t -> {}), "no more");
    }

    @Test
    void contentThatChangedOnTheDeviceIsNotRenamed() throws IOException {
        Disk rotten = new FaultyDisk() {
            @Override
            public Output create(Path path) throws IOException {
                Output real = REAL.create(path);
                return new Output() {
                    @Override
                    public int write(ByteBuffer bytes) throws IOException {
                        byte[] flipped = new byte[bytes.remaining()];
                        bytes.get(flipped);
                        flipped[0] ^= 1;
                        return real.write(ByteBuffer.wrap(flipped));
                    }

                    @Override
                    public void force() {}

                    @Override
                    public void close() throws IOException {
                        real.close();
                    }
                };
            }
        };
        fails(
                Kind.IO,
                () -> AtomicFile.write(rotten, file, out -> out.write(ByteBuffer.wrap(NEW)), t -> {}),
                "differs");
        assertArrayEquals(OLD, Files.readAllBytes(file));
        assertEquals(List.of("model"), names());
    }

    @Test
    void failuresOfTheCallerRemoveTheTemporaryAndPassThrough() throws IOException {
        assertThrows(
                IllegalStateException.class,
                () -> AtomicFile.write(file, out -> {
                    out.write(ByteBuffer.wrap(NEW));
                    throw new IllegalStateException("caller");
                }));
        assertThrows(
                IllegalArgumentException.class,
                () -> AtomicFile.write(Disk.REAL, file, out -> out.write(ByteBuffer.wrap(NEW)), temporary -> {
                    assertArrayEquals(NEW, Files.readAllBytes(temporary));
                    throw new IllegalArgumentException("refused");
                }));
        assertArrayEquals(OLD, Files.readAllBytes(file));
        assertEquals(List.of("model"), names());
    }

    @Test
    void missingFoldersFoldersAndDevicesAreRefused() {
        fails(Kind.IO, () -> AtomicFile.write(folder.resolve("none/file"), NEW), "none/file", "no such");
        fails(Kind.IO, () -> AtomicFile.write(folder, NEW), "folder");
        fails(Kind.IO, () -> AtomicFile.write(Path.of("/dev/full"), NEW), "/dev/full", "device");
        fails(Kind.IO, () -> AtomicFile.write(Path.of("/"), NEW), "folder");
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("model"));
        AtomicFile.write(link, NEW);
        assertTrue(Files.isSymbolicLink(link));
        assertArrayEquals(NEW, Files.readAllBytes(file));
    }
}
