package dev.elbo.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZOutputStream;

/**
 * A writer of a folder as {@code .tar.xz}: sorted, one time and one owner for everything, links as links, and
 * executable or not as the only mode. The same folder gives the same bytes.
 */
final class Archive {
    /** The date of all entries: 2026-01-01, as in the jar, in milliseconds. */
    private static final long DATE = 1_767_225_600_000L;

    private static final int RUNNABLE = 0755;
    private static final int READABLE = 0644;

    private Archive() {}

    /** Writes a folder under the name {@code root}; {@code progress} receives the bytes of files so far. */
    static void write(Path folder, String root, OutputStream to, LongConsumer progress) throws IOException {
        FilterOptions[] filters = {new X86Options(), new LZMA2Options(LZMA2Options.PRESET_DEFAULT)};
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(new XZOutputStream(to, filters))) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            long done = 0;
            for (Path file : sorted(folder)) {
                String name = file.equals(folder) ? root : root + "/" + folder.relativize(file);
                done = add(file, name, out, done, progress);
            }
        }
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    private static long add(Path file, String name, TarArchiveOutputStream out, long done, LongConsumer progress)
            throws IOException {
        if (Files.isSymbolicLink(file)) {
            TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            entry.setLinkName(Files.readSymbolicLink(file).toString());
            put(entry, 0777, out);
            out.closeArchiveEntry();
            return done;
        }
        if (Files.isDirectory(file)) {
            put(new TarArchiveEntry(name + "/"), RUNNABLE, out);
            out.closeArchiveEntry();
            return done;
        }
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(Files.size(file));
        put(entry, Files.isExecutable(file) ? RUNNABLE : READABLE, out);
        long written = done;
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                out.write(chunk, 0, count);
                written += count;
                progress.accept(written);
            }
        }
        out.closeArchiveEntry();
        return written;
    }

    private static void put(TarArchiveEntry entry, int mode, TarArchiveOutputStream out) throws IOException {
        entry.setMode(mode);
        entry.setModTime(DATE);
        entry.setIds(0, 0);
        entry.setNames("root", "root");
        out.putArchiveEntry(entry);
    }
}
