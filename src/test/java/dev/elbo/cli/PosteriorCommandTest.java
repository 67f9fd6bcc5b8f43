package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosteriorCommandTest {
    private static final Path PAGE = Path.of("src/site/posterior.md");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+\\.\\d{3,}");
    private static final Pattern CLASS = Pattern.compile("`((?:[a-z]+\\.)+[A-Z]\\w+)`");

    @TempDir
    private Path folder;

    private static String elbo(int code, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertEquals(code, Main.run(args, new PrintWriter(out), new PrintWriter(err)), err.toString());
        return code == 0 ? out.toString() : err.toString();
    }

    /** Every line of the page's blocks and every number of its text. */
    @Test
    void thePageShowsWhatTheProgramPrints() throws IOException {
        List<String> printed =
                elbo(0, "demo", "posterior", "--seed", "0").lines().toList();
        assertTrue(printed.size() <= 66, "two screens: " + printed.size() + " lines");
        Set<String> numbers = numbers(String.join("\n", printed));
        String page = Files.readString(PAGE);
        List<String> shown = new ArrayList<>();
        Matcher blocks = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL).matcher(page);
        while (blocks.find()) {
            blocks.group(1).lines().forEach(shown::add);
        }
        assertTrue(shown.size() > 30, "blocks are found");
        for (String line : shown) {
            assertTrue(printed.contains(line), "not printed: " + line);
        }
        for (String number : numbers(page)) {
            assertTrue(numbers.contains(number), "not printed: " + number);
        }
    }

    private static Set<String> numbers(String text) {
        Set<String> numbers = new TreeSet<>();
        Matcher matcher = NUMBER.matcher(text);
        while (matcher.find()) {
            numbers.add(matcher.group());
        }
        return numbers;
    }

    @Test
    void thePageNamesClassesThatExist() throws IOException {
        Matcher names = CLASS.matcher(Files.readString(PAGE));
        int count = 0;
        while (names.find()) {
            Path source = Path.of("src/main/java/dev/elbo", names.group(1).replace('.', '/') + ".java");
            assertTrue(Files.exists(source), source + " is named on the page");
            count++;
        }
        assertTrue(count >= 8, "names are found");
    }

    @Test
    void jsonHasTheSameNumbersAndThePictureIsDrawn() throws IOException {
        String out = elbo(
                0,
                "demo",
                "posterior",
                "--seed",
                "3",
                "--json",
                "--out",
                folder.resolve("new").toString());
        JsonObject report = JsonParser.parseString(out).getAsJsonObject();
        assertEquals(3, report.get("seed").getAsLong());
        assertEquals(4, report.getAsJsonObject("pca").getAsJsonArray("choices").size());
        JsonObject last = report.getAsJsonObject("amortized")
                .getAsJsonArray("epochs")
                .asList()
                .get(7)
                .getAsJsonObject()
                .getAsJsonObject("terms");
        assertEquals(
                last.get("log_density").getAsDouble(),
                last.get("elbo").getAsDouble() + last.get("gap").getAsDouble(),
                1e-12);
        assertEquals(
                "M",
                report.getAsJsonObject("em")
                        .getAsJsonArray("steps")
                        .get(1)
                        .getAsJsonObject()
                        .get("half")
                        .getAsString());
        assertEquals(
                1680, ImageIO.read(folder.resolve("new/posterior.png").toFile()).getWidth());
    }

    @Test
    void mistakesAreSaidBeforeAnyWork() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        String message = elbo(7, "demo", "posterior", "--out", file.toString());
        assertTrue(message.contains("is a file, not a folder"), message);
        assertTrue(elbo(2, "demo", "posterior", "--out", "").contains("--out is empty"));
        assertTrue(elbo(2, "demo").contains("posterior"));
        assertFalse(elbo(0, "demo", "posterior", "--help").isEmpty());
    }
}
