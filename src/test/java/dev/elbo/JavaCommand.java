package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How tests start a Java of their own, for what must not be tried in theirs: with their class path. */
public final class JavaCommand {
    /** It lives for a second or two: what a collector with threads and a second compiler prepare is never used. */
    public static final List<String> SHORT_LIVED = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private JavaCommand() {}

    /** {@return what runs the {@code main} of a class} */
    public static List<String> of(Class<?> program, String... arguments) {
        return of(List.of(), program, arguments);
    }

    /**
     * {@return what runs the {@code main} of a class}
     *
     * @param options of Java, which overrule those of all tests
     */
    public static List<String> of(List<String> options, Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SHORT_LIVED);
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** {@return the command with SIGINT as it is by default: a parent may ignore it, and its children would inherit that} */
    public static List<String> interruptible(List<String> command) {
        List<String> all = new ArrayList<>(List.of("env", "--default-signal=INT"));
        all.addAll(command);
        return all;
    }

    /**
     * {@return what a command prints, on both of its outputs, by a file in a folder}
     *
     * @param command that is to end by itself
     * @param code that it is to end with; otherwise what it said is the failure
     */
    public static String said(List<String> command, Path folder, int code) throws IOException, InterruptedException {
        Path printed = folder.resolve("printed");
        int ended = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start()
                .waitFor();
        String said = Files.readString(printed);
        assertEquals(code, ended, said);
        return said;
    }
}
