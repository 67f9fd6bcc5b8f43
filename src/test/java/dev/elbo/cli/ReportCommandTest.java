package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.data.picture.PictureBytes;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code elbo report} as a user calls it: the page is parsed, and what is on it is compared with where it comes from. */
class ReportCommandTest {
    @TempDir
    private static Path folder;

    private static Path digits;

    private static Result elbo(String... args) {
        return Result.of(args);
    }

    private static Path train(String name, String... more) {
        Path run = folder.resolve(name);
        String[] base = {
            "train", "--hidden", "16", "--latent", "3", "--epochs", "3", "--backend", "cpu", "--out", run.toString()
        };
        Result result = elbo(Stream.concat(Stream.of(base), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        return run;
    }

    private static Document report(Path run, String... more) throws Exception {
        String[] base = {"report", run.toString(), "--backend", "cpu", "--examples", "20", "--importance-samples", "30"
        };
        Result result = elbo(Stream.concat(Stream.of(base), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
        return parse(Path.of(result.out().strip()));
    }

    private static Document parse(Path page) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(Files.readAllBytes(page)));
        assertEquals(0, document.getElementsByTagName("script").getLength());
        assertEquals(0, document.getElementsByTagName("link").getLength());
        for (Element image : all(document, "img")) {
            assertTrue(image.getAttribute("src").startsWith("data:image/png;base64,"));
        }
        assertFalse(all(document, "style").get(0).getTextContent().contains("url("));
        return document;
    }

    private static List<Element> all(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static List<String> texts(Document document, String tag) {
        return all(document, tag).stream().map(Element::getTextContent).toList();
    }

    /** What a table or a list of numbers says under a name. */
    private static String value(Document document, String name) {
        for (String tag : new String[] {"th", "dt"}) {
            for (Element element : all(document, tag)) {
                if (element.getTextContent().equals(name)) {
                    return ((Element) element.getParentNode())
                            .getElementsByTagName(tag.equals("th") ? "td" : "dd")
                            .item(0)
                            .getTextContent();
                }
            }
        }
        throw new AssertionError("nothing is called " + name);
    }

    private static String text(Document document) {
        return document.getDocumentElement().getTextContent();
    }

    @BeforeAll
    static void train() {
        digits = train("digits", "--likelihood", "bernoulli", "--binarize");
    }

    @Test
    void everythingOfARun() throws Exception {
        Document page = report(digits);
        assertEquals(
                List.of(
                        "Result",
                        "Training",
                        "Reconstructions",
                        "Samples",
                        "Traversal",
                        "Latent units",
                        "Evaluation",
                        "Again"),
                texts(page, "h2").stream()
                        .filter(title -> !title.equals("Warnings and notes"))
                        .toList());
        JsonObject best = Files.readAllLines(digits.resolve("metrics.jsonl")).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .max(java.util.Comparator.comparingDouble(
                        line -> line.getAsJsonObject("test").get("elbo").getAsDouble()))
                .orElseThrow();
        assertEquals(best.get("epoch") + " of 3", value(page, "kept epoch"));
        assertTrue(texts(page, "dd")
                .contains(String.format(
                        Locale.ROOT,
                        "%.3f",
                        best.getAsJsonObject("test").get("elbo").getAsDouble())));
        assertEquals("bernoulli", value(page, "model · likelihood"));
    }

    @Test
    void picturesAndCharts() throws Exception {
        Document page = report(digits);
        List<Element> images = all(page, "img");
        assertEquals(3, images.size());
        for (Element image : images) {
            BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder()
                    .decode(image.getAttribute("src").substring("data:image/png;base64,".length()))));
            assertEquals(Integer.parseInt(image.getAttribute("width")), decoded.getWidth());
            assertEquals(Integer.parseInt(image.getAttribute("height")), decoded.getHeight());
            assertFalse(image.getAttribute("alt").isBlank());
        }
        assertEquals(4, all(page, "svg").size());
        assertEquals(3 * 2 * 3, all(page, "circle").size());
        assertEquals(3, all(page, "rect").size());
        assertTrue(texts(page, "title").stream().anyMatch(title -> title.startsWith("test, epoch 3: -")));
        assertTrue(texts(page, "title").stream().anyMatch(title -> title.startsWith("unit 2: KL ")));
    }

    /** The numbers are those of {@code elbo evaluate} with the same options, which the page names. */
    @Test
    void theEvaluationIsTheOneOfEvaluate() throws Exception {
        Document page = report(digits);
        String command = texts(page, "pre")
                .get(0)
                .lines()
                .filter(line -> line.startsWith("elbo evaluate"))
                .findFirst()
                .orElseThrow();
        assertTrue(command.endsWith(" --data digits --importance-samples 30 --examples 20 --binarize"), command);
        String[] words = (command.substring("elbo ".length()) + " --json --backend cpu").split(" ");
        Result result = elbo(words);
        assertEquals(0, result.code(), result.err());
        JsonObject json = JsonParser.parseString(result.out()).getAsJsonObject();
        assertEquals(String.format(Locale.ROOT, "%.3f", json.get("nll").getAsDouble()), value(page, "−log p(x)"));
        assertEquals(
                String.format(
                        Locale.ROOT,
                        "%.3f",
                        json.getAsJsonObject("posterior_gap").get("value").getAsDouble()),
                value(page, "posterior gap"));
        assertTrue(text(page)
                .contains(String.format(
                        Locale.ROOT,
                        "± %.3f",
                        json.get("nll_error_over_examples").getAsDouble())));
    }

    @Test
    void theTrainingCommandGivesTheSameModel() throws Exception {
        String command = texts(report(digits), "pre").get(0).lines().findFirst().orElseThrow();
        Path again = folder.resolve("again");
        String[] words = command.substring("elbo ".length())
                .replace(digits.toString(), again.toString())
                .split(" ");
        assertEquals(0, elbo(words).code(), command);
        assertArrayEquals(
                Files.readAllBytes(digits.resolve("model.safetensors")),
                Files.readAllBytes(again.resolve("model.safetensors")));
    }

    @Test
    void theSameRunGivesTheSameBytes() throws Exception {
        report(digits);
        byte[] once = Files.readAllBytes(digits.resolve("report.html"));
        report(digits, "--threads", "1");
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            report(digits);
        } finally {
            Locale.setDefault(before);
        }
        assertArrayEquals(once, Files.readAllBytes(digits.resolve("report.html")));
    }

    /** Names of features and folders are text, whatever they look like. */
    @Test
    void tablesOfNumbers() throws Exception {
        Path data = Files.createDirectories(folder.resolve("<script>alert(1)</script>"))
                .resolve("it's \"data\" & more.csv");
        StringBuilder csv = new StringBuilder("a,<b>bold</b>,R&D\n");
        for (int i = 0; i < 60; i++) {
            csv.append(i % 7 / 7.0).append(',').append(i % 5 / 5.0).append(",1\n");
        }
        Files.writeString(data, csv);
        Document page = report(train("table", "--data", data.toString()));
        assertEquals(0, all(page, "img").size());
        assertEquals(0, all(page, "b").size());
        assertTrue(texts(page, "title").stream().anyMatch(title -> title.startsWith("<b>bold</b>: ")));
        assertTrue(
                texts(page, "title").contains("R&D: NaN"), texts(page, "title").toString());
        assertTrue(text(page).contains(data.toString()));
        assertTrue(texts(page, "pre").get(0).contains("'" + data.toString().replace("'", "'\\''") + "'"));
        assertTrue(texts(page, "h2").contains("Evaluation"));
    }

    @Test
    void foldersOfPicturesAreReadAsInTraining() throws Exception {
        Path data = Files.createDirectories(folder.resolve("pictures"));
        for (int i = 0; i < 30; i++) {
            Files.write(data.resolve(i + ".png"), PictureBytes.rgb(1, 2, i, 2 * i, 3 * i, 4 * i, 5 * i, 6 * i));
        }
        Path run = train("colours", "--data", data.toString(), "--picture-size", "4x4");
        Document page = report(run);
        assertEquals(3, all(page, "img").size());
        assertFalse(text(page).contains("differ in SHA-256"));
        for (int i = 0; i < 30; i++) {
            Files.delete(data.resolve(i + ".png"));
        }
        page = report(run);
        assertEquals(2, all(page, "img").size());
        assertTrue(text(page).contains("could not be read"), text(page));
        Result given = elbo("report", run.toString(), "--data", data.toString(), "--backend", "cpu");
        assertEquals(3, given.code(), given.err());
    }

    @Test
    void otherDataAreNoticed() throws Exception {
        Path run = train("other");
        Path config = run.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceAll("(\"test_sha256\": \")[0-9a-f]{4}", "$10000"));
        assertTrue(text(report(run)).contains("differ in SHA-256"));
    }

    @Test
    void plainAutoencoders() throws Exception {
        Document page = report(train("plain", "--objective", "ae"));
        assertEquals(1, all(page, "img").size());
        assertEquals(1, all(page, "svg").size());
        assertFalse(texts(page, "dt").contains("ELBO"));
        assertTrue(text(page).contains("has no posterior"));
    }

    @Test
    void runsThatAreStillGoingOn() throws Exception {
        Path run = Files.createDirectories(folder.resolve("going on"));
        Files.copy(digits.resolve("config.json"), run.resolve("config.json"));
        assertTrue(text(report(run)).contains("No epoch is finished yet"));
        List<String> lines = Files.readAllLines(digits.resolve("metrics.jsonl"));
        Files.writeString(
                run.resolve("metrics.jsonl"), lines.get(0) + "\n" + lines.get(1).substring(0, 30));
        Document page = report(run);
        assertTrue(value(page, "kept epoch").startsWith("1 of 1"));
        assertEquals(3, all(page, "svg").size());
        assertTrue(text(page).contains("The folder has no model"));
        Files.delete(run.resolve("config.json"));
        assertEquals(3, all(report(run), "svg").size());
    }

    @Test
    void whatIsRefused() throws IOException {
        Path run = Files.createDirectories(folder.resolve("refused"));
        refused(3, "has neither config.json nor metrics.jsonl", "report", run.toString());
        refused(3, "no such folder", "report", run.resolve("missing").toString());
        Files.writeString(run.resolve("config.json"), "[1");
        refused(3, "config.json: is not a JSON object", "report", run.toString());
        Files.writeString(run.resolve("config.json"), "[".repeat(100_000));
        refused(3, "config.json: is not a JSON object", "report", run.toString());
        Files.writeString(run.resolve("config.json"), "{}");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"epoch\":1}\n{\"epoch\":1}\n");
        refused(3, "metrics.jsonl, line 2", "report", run.toString());
        Files.delete(run.resolve("metrics.jsonl"));
        Files.createDirectory(run.resolve("metrics.jsonl"));
        refused(3, "metrics.jsonl: is a folder", "report", run.toString());
        refused(2, "must end in .html", "report", digits.toString(), "--out", "page.pdf");
        refused(2, "--importance-samples", "report", digits.toString(), "--importance-samples", "1");
        refused(2, "--examples", "report", digits.toString(), "--examples", "0");
        refused(
                7,
                "page.html",
                "report",
                digits.toString(),
                "--importance-samples",
                "0",
                "--out",
                folder.resolve("missing/page.html").toString());
    }

    private static void refused(int code, String words, String... args) {
        Result result = elbo(args);
        assertEquals(code, result.code(), result.err());
        assertTrue(result.err().contains(words), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
    }
}
