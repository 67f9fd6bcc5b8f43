package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.ZipArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The arrays of an NPZ archive by their names, and its other entries. */
final class NpzArrays {
    private static final String NPY = ".npy";

    private final String file;
    private final InputFile in;
    private final ZipArchive archive;
    private final PixelScale pixels;
    private final Map<String, ZipArchive.Entry> arrays = new TreeMap<>();
    private final List<String> others = new ArrayList<>();
    private final Map<String, NpyHeader> described = new HashMap<>();

    /** Opens an archive; refuses other files, and archives with entries but no array. */
    NpzArrays(InputFile in, PixelScale pixels) {
        this.pixels = pixels;
        this.file = in.path().toString();
        this.in = in;
        this.archive = ZipArchive.open(in);
        for (ZipArchive.Entry entry : archive.entries()) {
            String name = entry.name();
            if (name.endsWith(NPY)) {
                arrays.put(name.substring(0, name.length() - NPY.length()), entry);
            } else if (!name.endsWith("/") || entry.size() > 0) {
                others.add(name);
            }
        }
        if (arrays.isEmpty() && !others.isEmpty()) {
            throw ElboException.data(file + ", " + Messages.quote(others.get(0))
                    + ": is not a .npy array, and the archive holds none; unpack other archives by hand");
        }
    }

    String file() {
        return file;
    }

    Set<String> names() {
        return Collections.unmodifiableSet(arrays.keySet());
    }

    boolean has(String array) {
        return arrays.containsKey(array);
    }

    /** Returns the entries that are not arrays, without folders. */
    List<String> others() {
        return Collections.unmodifiableList(others);
    }

    String name(String array) {
        return archive.name(arrays.get(array));
    }

    /** The first names in quotes, and how many more there are. */
    String listed() {
        return arrays.isEmpty() ? "no arrays" : Messages.list(arrays.keySet(), NotUsed.LISTED, Messages::quote);
    }

    /** Reads the header of an array, of numbers or not; refuses other files and sizes other than the declared one. */
    NpyHeader describe(String array) {
        return described.computeIfAbsent(array, name -> header(name, false));
    }

    /** @param numbers whether anything else is refused */
    private NpyHeader header(String array, boolean numbers) {
        ZipArchive.Entry entry = arrays.get(array);
        try (ZipArchive.Content content = archive.content(entry)) {
            return header(entry, content, numbers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NpyHeader header(ZipArchive.Entry entry, ZipArchive.Content content, boolean numbers) throws IOException {
        NpyHeader header = NpyHeader.read(archive.name(entry), content, entry.size(), numbers);
        header.requireSize(archive.name(entry), entry.size());
        return header;
    }

    /** Returns whether an array can hold examples: numbers, in two or more dimensions. */
    boolean usable(String array) {
        try {
            NpyHeader header = describe(array);
            return header.isNumbers() && header.shape().length > 1;
        } catch (ElboException e) {
            // reported when the array is needed
            return false;
        }
    }

    /** Returns why an array cannot be used, in a few words; empty if it is only not needed. */
    String problem(String array) {
        if (!has(array)) {
            return "is not an array";
        }
        try {
            NpyHeader header = describe(array);
            return header.isNumbers() ? "" : NpyLabels.kind(header);
        } catch (UncheckedIOException | ElboException e) {
            return "is not an NPY file, or damaged";
        }
    }

    void requireNumbers(String array) {
        header(array, true);
    }

    Dataset examples(String array) throws IOException {
        ZipArchive.Entry entry = arrays.get(array);
        if (entry.stored()) {
            try (ZipArchive.Content content = archive.content(entry)) {
                content.transferTo(OutputStream.nullOutputStream());
                content.requireEnd();
            }
            return NpyFile.read(archive.name(entry), in, archive.start(entry), entry.size(), pixels);
        }
        try (ZipArchive.Content content = archive.content(entry)) {
            Dataset data =
                    NpyFile.packed(archive.name(entry), header(entry, content, true), content, entry.packed(), pixels);
            content.requireEnd();
            return data;
        }
    }

    /** Reads an array as the file that it is, to its end. */
    <T> T read(String array, Gunzip.Reader<T> reader) throws IOException {
        try (ZipArchive.Content content = archive.content(arrays.get(array))) {
            T made = reader.read(content);
            content.requireEnd();
            return made;
        }
    }

    NpyLabels labels(String array) throws IOException {
        ZipArchive.Entry entry = arrays.get(array);
        try (ZipArchive.Content content = archive.content(entry)) {
            NpyLabels found = NpyLabels.read(archive.name(entry), header(entry, content, false), content);
            if (found.labels().isPresent()) {
                content.requireEnd();
            }
            return found;
        }
    }
}
