package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Commands of elbo, each in a process of its own. */
final class CommandLine {
    private CommandLine() {}

    /** Runs a command that turns a CSV file into another one, and returns the lines of that without its first. */
    static List<String> lines(Path folder, String command, String model, Path csv)
            throws IOException, InterruptedException {
        Path out = folder.resolve(command + ".csv");
        Path log = folder.resolve(command + ".log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.elbo.cli.Main",
                        command,
                        model,
                        "--data",
                        csv.toString(),
                        "--all",
                        "--backend",
                        "cpu",
                        "--out",
                        out.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> text(log));
        List<String> lines = Files.readAllLines(out);
        return lines.subList(1, lines.size());
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
