package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Commands of elbo, each in a process of its own. */
final class CommandLine {
    private CommandLine() {}

    /** Runs a command that turns a CSV file into another one, and returns the lines of that without its first. */
    static List<String> lines(Path folder, String command, String model, Path csv)
            throws IOException, InterruptedException {
        Path out = folder.resolve(command + ".csv");
        run(folder, command + " " + model + " --data " + csv + " --all --backend cpu --out " + out);
        List<String> lines = Files.readAllLines(out);
        return lines.subList(1, lines.size());
    }

    /** Runs a command, whose words have no blanks, in a folder; it must succeed. */
    static void run(Path folder, String command) throws IOException, InterruptedException {
        Path log = folder.resolve("command.log");
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.elbo.cli.Main"));
        words.addAll(List.of(command.split(" ")));
        Process process = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> text(log));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Returns the numbers of the lines, of score without those of the rows. */
    static double[][] numbers(Path folder, String command, String model, Path csv)
            throws IOException, InterruptedException {
        return lines(folder, command, model, csv).stream()
                .map(line -> Arrays.stream(line.split(","))
                        .skip(command.equals("score") ? 1 : 0)
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }
}
