package dev.elbo.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Wording of error messages: always one printable line of bounded length, whatever a file or the system says. */
public final class Messages {
    private static final int MAX_LENGTH = 80;

    private Messages() {}

    /**
     * {@return a text from a file as one printable line: control characters replaced, cut at 500 characters}
     *
     * @param said with what the file holds in it
     */
    public static String line(String said) {
        return printable(said, 500);
    }

    /**
     * {@return the reason of a failed call as one printable line of at most 200 characters, without the file's name}
     *
     * @param failure the exception
     */
    public static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof EOFException) {
            return "it ends too early";
        }
        String said = failure instanceof FileSystemException system ? system.getReason() : failure.getMessage();
        return said == null || said.isBlank() ? failure.getClass().getSimpleName() : printable(said, 200);
    }

    /**
     * {@return a name from a file in single quotes: control characters replaced, cut at 80 characters}
     *
     * @param name as it was read
     */
    public static String quote(String name) {
        return "'" + printable(name, MAX_LENGTH) + "'";
    }

    /**
     * {@return the names of the first things, with commas between them, and how many more there are}
     *
     * @param <T> their type
     * @param all what is listed, in its order
     * @param most how many are named
     * @param text the name of each
     */
    public static <T> String list(Collection<T> all, int most, Function<T, String> text) {
        return all.stream().limit(most).map(text).collect(Collectors.joining(", "))
                + (all.size() > most ? " and " + (all.size() - most) + " more" : "");
    }

    private static String printable(String text, int longest) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && line.length() < longest; i++) {
            char c = text.charAt(i);
            boolean shown = !Character.isISOControl(c) && !Character.isSurrogate(c) && c != '\u2028' && c != '\u2029';
            line.append(shown ? c : '?');
        }
        return text.length() > longest ? line + "…" : line.toString();
    }
}
