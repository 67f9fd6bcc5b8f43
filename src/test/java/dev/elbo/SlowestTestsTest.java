package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlowestTestsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    private void report(String name, String seconds, Instant written) throws Exception {
        Path file = Files.writeString(
                folder.resolve("TEST-" + name + ".xml"),
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" + name + "\" time=\"" + seconds
                        + "\" tests=\"1\">\n  <properties/>\n</testsuite>\n");
        Files.setLastModifiedTime(file, FileTime.from(written));
    }

    @Test
    void theSlowestComeFirstAndNoMoreThanTen() throws Exception {
        for (int i = 1; i <= 12; i++) {
            report("a.Test" + i, "0." + (10 + i), START);
        }
        report("a.Slow", "1,234.5", START.plusSeconds(9));
        report("a.OfAnotherBuild", "99", START.minusSeconds(1));
        Files.writeString(folder.resolve("a.Slow.txt"), "no report");
        String[] lines = SlowestTests.table(folder, START).split("\n");
        assertEquals("The 10 slowest of 13 test classes (1236 s in all):", lines[0]);
        assertEquals(" 1234.5 s  a.Slow", lines[1]);
        assertEquals("    0.2 s  a.Test12", lines[2]);
        assertEquals("    0.1 s  a.Test4", lines[10]);
        assertEquals(11, lines.length);
    }

    @Test
    void withoutTestsNothingIsSaid() throws Exception {
        assertEquals("", SlowestTests.table(folder, START));
        assertEquals("", SlowestTests.table(folder.resolve("none"), START));
    }
}
