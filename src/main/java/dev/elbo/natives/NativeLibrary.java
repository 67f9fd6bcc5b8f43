package dev.elbo.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads native libraries from jars, renames them, and loads them.
 *
 * @hidden
 */
public final class NativeLibrary {
    private NativeLibrary() {}

    /** Reads a library, as {@link #open} finds it. */
    public static byte[] read(String name) throws IOException {
        try (InputStream in = open(name)) {
            return in.readAllBytes();
        }
    }

    /**
     * Opens a library on the class path or the module path: looked up through a class, it would be of that class's
     * module alone.
     *
     * @param name path of the resource
     * @throws IOException if it is not there
     */
    public static InputStream open(String name) throws IOException {
        InputStream in = NativeLibrary.class.getClassLoader().getResourceAsStream(name);
        if (in == null) {
            throw new IOException(name + " is neither on the class path nor on the module path");
        }
        return in;
    }

    /**
     * Replaces a name in the string tables of a library, at every place where the whole name lies between zeros. Every
     * offset stays.
     *
     * @param library changed in place
     * @param from the name; zeros in it make it a run of several names
     * @param to ASCII, at most as long; the rest becomes zeros
     * @return number of times it was found
     * @throws IllegalArgumentException if {@code to} is longer
     */
    public static int rename(ByteBuffer library, String from, String to) {
        if (to.length() > from.length()) {
            throw new IllegalArgumentException("the new name '" + to + "' is longer than '" + from + "'");
        }
        byte[] before = ('\0' + from + '\0').getBytes(StandardCharsets.US_ASCII);
        byte[] after = Arrays.copyOf(('\0' + to).getBytes(StandardCharsets.US_ASCII), before.length);
        int found = 0;
        for (int at = 0; at + before.length <= library.capacity(); at++) {
            if (isAt(library, at, before)) {
                for (int i = 0; i < after.length; i++) {
                    library.put(at + i, after[i]);
                }
                found++;
            }
        }
        return found;
    }

    private static boolean isAt(ByteBuffer library, int at, byte[] name) {
        // not from the first, which is a zero, of which there are many
        for (int i = 1; i < name.length; i++) {
            if (library.get(at + i) != name[i]) {
                return false;
            }
        }
        return library.get(at) == name[0];
    }

    /**
     * Loads a library. A library that a class loader of this process has loaded is usable by all of them, though Java
     * refuses to load it for a second one.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded
     * @throws IllegalCallerException if Java denies access to native code
     */
    public static void load(Path library) {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            if (!String.valueOf(e.getMessage()).contains("already loaded in another classloader")) {
                throw e;
            }
        }
    }

    /** Returns whether a failure to load a library is Java's denial of access, as JDK 24 and newer may answer. */
    public static boolean isDenied(Throwable thrown) {
        Throwable cause = thrown;
        while (cause != null && !(cause instanceof IllegalCallerException)) {
            cause = cause.getCause();
        }
        return cause != null;
    }
}
