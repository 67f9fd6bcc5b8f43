package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.XZInputStream;

class ArchiveTest {
    private static final String LONG = "long-".repeat(30) + "name";

    @TempDir
    private Path temporary;

    private Path tree(String name, boolean reversed, long time) throws IOException {
        Path folder = Files.createDirectory(temporary.resolve(name));
        List<String> names = new ArrayList<>(List.of("bin/run", "lib/data", "lib/" + LONG));
        if (reversed) {
            names.sort((a, b) -> b.compareTo(a));
        }
        for (String file : names) {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, "content of " + file);
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(file.equals("bin/run") ? "rwx------" : "rw-rw----"));
            Files.setLastModifiedTime(path, FileTime.fromMillis(time));
        }
        Files.createSymbolicLink(folder.resolve("link"), Path.of("lib/data"));
        return folder;
    }

    private static byte[] pack(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Archive.write(folder, "root-1.0", bytes, done -> {});
        return bytes.toByteArray();
    }

    @Test
    void theSameTreeGivesTheSameBytes() throws IOException {
        assertArrayEquals(pack(tree("one", false, 1_000_000)), pack(tree("two", true, 2_000_000)));
    }

    @Test
    void entriesAreSortedWithModesLinksAndContent() throws IOException {
        List<String> entries = new ArrayList<>();
        byte[] packed = pack(tree("tree", false, 0));
        try (TarArchiveInputStream in =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(packed)))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.add(Integer.toOctalString(entry.getMode() & 0777) + " " + entry.getName()
                        + (entry.isSymbolicLink() ? " -> " + entry.getLinkName() : "")
                        + (entry.isFile() && !entry.isSymbolicLink()
                                ? ": " + new String(in.readAllBytes(), StandardCharsets.UTF_8)
                                : ""));
            }
        }
        assertEquals(
                List.of(
                        "755 root-1.0/",
                        "755 root-1.0/bin/",
                        "755 root-1.0/bin/run: content of bin/run",
                        "755 root-1.0/lib/",
                        "644 root-1.0/lib/data: content of lib/data",
                        "644 root-1.0/lib/" + LONG + ": content of lib/" + LONG,
                        "777 root-1.0/link -> lib/data"),
                entries);
    }

    @Test
    void progressEndsAtTheSizeOfAllFiles() throws IOException {
        Path folder = tree("tree", false, 0);
        List<Long> heard = new ArrayList<>();
        Archive.write(folder, "root", new ByteArrayOutputStream(), heard::add);
        long size = 0;
        for (String file : List.of("bin/run", "lib/data", "lib/" + LONG)) {
            size += Files.size(folder.resolve(file));
        }
        assertEquals(size, heard.get(heard.size() - 1));
        assertEquals(heard.stream().sorted().toList(), heard);
    }
}
