package dev.elbo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Which test classes take longest, so that the next one to grow is seen: the build ends with it. */
public final class SlowestTests {
    private static final int SHOWN = 10;

    /** One class of tests. */
    private record TestClass(String name, double seconds) {}

    private SlowestTests() {}

    /** @param args the folder of surefire's reports, and when the build began: what is older is of another one */
    public static void main(String[] args) throws IOException, XMLStreamException {
        System.out.print(table(Path.of(args[0]), Instant.parse(args[1])));
    }

    /** {@return a line for each of the slowest, after a line on all; "" if no tests have run} */
    static String table(Path reports, Instant since) throws IOException, XMLStreamException {
        List<TestClass> all = new ArrayList<>();
        if (Files.isDirectory(reports)) {
            try (Stream<Path> files = Files.list(reports)) {
                for (Path file : files.filter(SlowestTests::isReport).toList()) {
                    if (!Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
                        all.add(read(file));
                    }
                }
            }
        }
        all.sort(Comparator.comparingDouble(TestClass::seconds).reversed().thenComparing(TestClass::name));
        double total = all.stream().mapToDouble(TestClass::seconds).sum();
        StringBuilder lines = new StringBuilder();
        int shown = Math.min(SHOWN, all.size());
        if (shown > 0) {
            lines.append(String.format(
                    Locale.ROOT, "The %d slowest of %d test classes (%.0f s in all):%n", shown, all.size(), total));
        }
        for (TestClass each : all.subList(0, shown)) {
            lines.append(String.format(Locale.ROOT, "%7.1f s  %s%n", each.seconds(), each.name()));
        }
        return lines.toString();
    }

    private static boolean isReport(Path file) {
        return file.getFileName().toString().matches("TEST-.*\\.xml");
    }

    private static TestClass read(Path file) throws IOException, XMLStreamException {
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader xml = XMLInputFactory.newDefaultFactory().createXMLStreamReader(in);
            xml.nextTag();
            // from a thousand seconds on it has a comma
            String seconds = xml.getAttributeValue(null, "time").replace(",", "");
            return new TestClass(xml.getAttributeValue(null, "name"), Double.parseDouble(seconds));
        }
    }
}
