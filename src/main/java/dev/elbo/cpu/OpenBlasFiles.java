package dev.elbo.cpu;

import dev.elbo.io.Cache;
import dev.elbo.natives.NativeLibrary;
import dev.elbo.natives.PrivateFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * The OpenBLAS of the jars as files, under a name of its own: the loader does not confuse it with an OpenBLAS that the
 * program has loaded, or loads later, and each keeps its number of threads.
 *
 * <p>Unpacking takes a third of a second, so the files stay in the cache folder. Where they cannot, they lie in a folder below
 * {@code java.io.tmpdir} that goes when this is closed; what is loaded stays loaded.
 *
 * @param folder with the files
 * @param temporary the same, if it goes; null if it stays
 */
record OpenBlasFiles(Path folder, PrivateFolder temporary) implements AutoCloseable {
    private static final String RESOURCES = "org/bytedeco/openblas/linux-x86_64/";
    private static final String OPENBLAS = "libopenblas.so.0";
    private static final String OPENBLAS_HERE = "libelbo-bla.so.0";
    /** The libraries that OpenBLAS needs, each after those that it needs itself. */
    private static final List<String> NEEDED = List.of("libquadmath.so.0", "libgfortran.so.5");
    /** The compiler's runtime library, loaded if the system has none: the program may need the system's newer one. */
    private static final String COMPILERS = "libgcc_s.so.1";

    /** A library that needs the system's C library only. */
    static final String UNDEMANDING = RESOURCES + "libquadmath.so.0";

    /** The prefix of folders that are being filled. */
    private static final String UNFINISHED = ".openblas-";

    /** The version at the head of its configuration string. */
    private static final Pattern VERSION = Pattern.compile("OpenBLAS ([0-9]+(\\.[0-9]+)+) ");

    /** The longest match of {@link #VERSION}. */
    private static final int MAX_LENGTH = 40;

    private static final int PIECE = 1 << 20;

    private static final String UNKNOWN = "of an unknown version";

    private static final List<String> FILES = List.of(OPENBLAS, NEEDED.get(0), NEEDED.get(1), COMPILERS);

    /**
     * Finds or unpacks them.
     *
     * @throws IOException if they are in no jar, or can be unpacked nowhere
     */
    static OpenBlasFiles get() throws IOException {
        Map<String, JarEntry> entries = entries();
        if (!entries.isEmpty()) {
            try {
                return new OpenBlasFiles(kept(entries), null);
            } catch (IOException e) {
                // the temporary folder does as well, every time anew
            }
        }
        PrivateFolder temporary = PrivateFolder.create();
        try {
            write(temporary);
            return new OpenBlasFiles(temporary.path(), temporary);
        } catch (IOException e) {
            temporary.close();
            throw e;
        }
    }

    /** {@return the files by name, as the jar lists them; nothing if they are in no ordinary jar} */
    private static Map<String, JarEntry> entries() throws IOException {
        URL url = OpenBlasFiles.class.getClassLoader().getResource(RESOURCES + OPENBLAS);
        Map<String, JarEntry> entries = new LinkedHashMap<>();
        if (url != null && url.openConnection() instanceof JarURLConnection connection) {
            connection.setUseCaches(false);
            try (JarFile jar = connection.getJarFile()) {
                for (String file : FILES) {
                    JarEntry entry = jar.getJarEntry(RESOURCES + file);
                    if (entry == null || entry.getSize() < 0 || entry.getCrc() < 0) {
                        return Map.of();
                    }
                    entries.put(file, entry);
                }
            }
        }
        return entries;
    }

    private static Path kept(Map<String, JarEntry> entries) throws IOException {
        Path cache = Cache.folder();
        if (!Files.isDirectory(cache) && !Files.isDirectory(Path.of(System.getProperty("user.home")))) {
            throw new FileSystemException(cache.toString());
        }
        CRC32 content = new CRC32();
        entries.forEach((name, entry) -> content.update(
                (name + ' ' + entry.getCrc() + ' ' + entry.getSize() + '\n').getBytes(StandardCharsets.US_ASCII)));
        Path folder = cache.resolve("openblas-" + Long.toHexString(content.getValue()));
        if (!isWhole(folder, entries)) {
            Files.createDirectories(cache);
            removeAbandoned(cache);
            PrivateFolder made = PrivateFolder.create(cache, UNFINISHED);
            try {
                write(made);
                if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !isWhole(folder, entries)) {
                    new PrivateFolder(folder).close();
                }
                Files.move(made.path(), folder, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                made.close();
                // another process may have been faster
                if (!isWhole(folder, entries)) {
                    throw e;
                }
            }
        }
        return folder;
    }

    /** Removes folders that processes were filling when they were killed, an hour ago or longer. */
    private static void removeAbandoned(Path cache) throws IOException {
        FileTime then = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        List<Path> unfinished;
        try (Stream<Path> all = Files.list(cache)) {
            unfinished = all.filter(folder -> folder.getFileName().toString().startsWith(UNFINISHED))
                    .toList();
        }
        for (Path folder : unfinished) {
            if (Files.getLastModifiedTime(folder).compareTo(then) < 0) {
                new PrivateFolder(folder).close();
            }
        }
    }

    /** {@return whether all files are there, and no other user could have put them there or can change them} */
    private static boolean isWhole(Path folder, Map<String, JarEntry> entries) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(folder);
        if (!Files.getOwner(folder).getName().equals(System.getProperty("user.name"))
                || allowed.contains(PosixFilePermission.GROUP_WRITE)
                || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new FileSystemException(folder.toString());
        }
        for (Map.Entry<String, JarEntry> entry : entries.entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!Files.isRegularFile(file)
                    || Files.size(file) != entry.getValue().getSize()) {
                return false;
            }
        }
        return true;
    }

    private static void write(PrivateFolder folder) throws IOException {
        for (String name : FILES) {
            Path file = folder.path().resolve(name);
            try (InputStream in = NativeLibrary.open(RESOURCES + name)) {
                Files.copy(in, file);
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                if (name.equals(OPENBLAS)) {
                    rename(channel);
                }
                channel.force(true);
            }
        }
    }

    private static void rename(FileChannel openBlas) throws IOException {
        ByteBuffer library = openBlas.map(FileChannel.MapMode.READ_WRITE, 0, openBlas.size());
        if (NativeLibrary.rename(library, OPENBLAS, OPENBLAS_HERE) != 1) {
            throw new IOException(RESOURCES + OPENBLAS + " does not hold its own name exactly once");
        }
    }

    /**
     * Loads OpenBLAS and its dependencies; a later request for the file gets the loaded library.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    Path load() {
        Path openBlas = folder.resolve(OPENBLAS);
        for (Path library : List.of(folder.resolve(NEEDED.get(0)), folder.resolve(NEEDED.get(1)), openBlas)) {
            try {
                NativeLibrary.load(library);
            } catch (UnsatisfiedLinkError e) {
                if (!String.valueOf(e.getMessage()).contains(COMPILERS + ": cannot open")) {
                    throw e;
                }
                NativeLibrary.load(folder.resolve(COMPILERS));
                NativeLibrary.load(library);
            }
        }
        return openBlas;
    }

    /** {@return the version that OpenBLAS in the jars states, as "0.3.31", or "of an unknown version"} */
    static String version() {
        try (InputStream in = NativeLibrary.open(RESOURCES + OPENBLAS)) {
            String end = "";
            for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
                String text = end + new String(piece, StandardCharsets.ISO_8859_1);
                Matcher found = VERSION.matcher(text);
                if (found.find()) {
                    return found.group(1);
                }
                end = text.substring(Math.max(0, text.length() - MAX_LENGTH));
            }
        } catch (IOException e) {
            return UNKNOWN;
        }
        return UNKNOWN;
    }

    @Override
    public void close() throws IOException {
        if (temporary != null) {
            temporary.close();
        }
    }
}
