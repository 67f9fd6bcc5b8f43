package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies of jars without entries that elbo on Linux x86-64 never loads. Entries are stored, not compressed: the archive
 * compresses better what it can see through. The same jar gives the same copy.
 */
final class Library {
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|so\\.\\d+|dll|dylib|jnilib|a|lib)");

    /** Native libraries that are loaded: OpenBLAS as of {@code dev.elbo.cpu}; the driver and cuBLAS of JCuda. */
    static final List<Pattern> LOADED = List.of(
            Pattern.compile("lib/libJCudaDriver-.+-linux-x86_64\\.so"),
            Pattern.compile("lib/libJCublas2-.+-linux-x86_64\\.so"),
            Pattern.compile("org/bytedeco/openblas/linux-x86_64/libopenblas\\.so\\.0"),
            Pattern.compile("org/bytedeco/openblas/linux-x86_64/lib(gfortran|quadmath|gcc_s)\\.so\\.\\d+"),
            Pattern.compile("org/jline/nativ/Linux/x86_64/libjlinenative\\.so"),
            Pattern.compile("resources/native/Linux-amd64/libnetlibblasjni\\.so"));

    /** Files for compiling against OpenBLAS and for native images. */
    private static final Pattern UNREAD =
            Pattern.compile("org/bytedeco/openblas/linux-x86_64/(include|lib)/.*|META-INF/native-image/.*");

    /**
     * Jars that write the archive, annotations that only compilers read, the jar that names elbo's jars on this
     * machine, and the jars that OpenBLAS's library asks for as a module.
     */
    private static final Pattern NOT_FOR_RUNNING = Pattern.compile(
            "(commons-(compress|codec|io|lang3)|xz|error_prone_annotations)-\\d.*\\.jar|elbo-launcher\\.jar"
                    + "|(javacpp|openblas)-[0-9.-]+\\.jar");

    /** The date of entries, as in elbo's jar. For a date that the format cannot hold, or its first, Java adds one in UTC, by the machine's time zone. */
    private static final LocalDateTime DATE = LocalDateTime.of(2026, 1, 1, 0, 0);

    private Library() {}

    static boolean isForRunning(Path jar) {
        return !NOT_FOR_RUNNING.matcher(jar.getFileName().toString()).matches();
    }

    static boolean isWanted(String entry) {
        if (NATIVE.matcher(entry).matches()) {
            return LOADED.stream().anyMatch(loaded -> loaded.matcher(entry).matches());
        }
        return !UNREAD.matcher(entry).matches();
    }

    /** Copies a jar; returns the needs of its shared libraries by file name. */
    static Map<String, List<String>> copy(Path jar, Path to) {
        return copy(jar, to, null);
    }

    /** Copies a jar with another class path in the manifest. */
    static Map<String, List<String>> copy(Path jar, Path to, String classPath) {
        Map<String, List<String>> needs = new LinkedHashMap<>();
        try (JarFile from = new JarFile(jar.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            out.setMethod(ZipOutputStream.STORED);
            for (ZipEntry entry : from.stream().toList()) {
                String name = entry.getName();
                if (!isWanted(name)) {
                    continue;
                }
                byte[] content = name.equals(JarFile.MANIFEST_NAME) && classPath != null
                        ? manifest(from, classPath)
                        : content(from, entry);
                if (Elf.is(content)) {
                    needs.put(Path.of(name).getFileName().toString(), Elf.needed(jar + ": " + name, content));
                }
                store(out, name, content);
            }
            return needs;
        } catch (IOException e) {
            throw ElboException.io(jar + ": could not be copied to " + to + ": " + Messages.reason(e), e);
        }
    }

    private static byte[] content(JarFile jar, ZipEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static byte[] manifest(JarFile jar, String classPath) throws IOException {
        Manifest manifest = jar.getManifest();
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        manifest.write(bytes);
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream out, String name, byte[] content) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(DATE);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(checksum.getValue());
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }
}
