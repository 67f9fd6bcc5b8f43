package dev.elbo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How tests start a Java of their own, for what must not be tried in theirs. */
public final class ChildJava {
    /** It lives for a second or two: what a collector with threads and a second compiler prepare is never used. */
    private static final List<String> SHORT_LIVED = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private ChildJava() {}

    /** {@return the command up to the name of the class that is to be run, with the class path of the tests} */
    public static List<String> command(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SHORT_LIVED);
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }

    /**
     * {@return what {@link #command} returns, before it the program that has SIGINT end the child though a parent ignores it}
     */
    public static List<String> interruptible(String... options) {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(command(options));
        return command;
    }
}
