package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages lead to what is there, and no page is left to itself. */
class DocumentationTest {
    private static final Path SITE = Path.of("src/site");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!\\w+:|#)([^)#]+)[^)]*\\)");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(
                Path.of("README.md"),
                Path.of("kernels/README.md"),
                Path.of("kernels/PERFORMANCE.md"),
                Path.of("benchmarks/NOTES.md"),
                Path.of("native/README.md")));
        pages.addAll(files(SITE, ".md"));
        return pages;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    @Test
    void everyLinkLeadsSomewhereAndEveryPageAndPictureIsLinked() throws IOException {
        List<Path> led = new ArrayList<>();
        List<String> dead = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                Path target = page.resolveSibling(link.group(1)).normalize();
                if (!Files.exists(target)) {
                    dead.add(page + ": " + link.group(1));
                }
                led.add(target);
            }
        }
        assertEquals(List.of(), dead);
        List<Path> ours = new ArrayList<>(files(SITE, ".md"));
        ours.addAll(files(SITE, ".png"));
        assertTrue(ours.size() > 5, "pages and pictures are looked at: " + ours);
        ours.removeAll(led);
        assertEquals(List.of(), ours, "nothing leads there");
    }
}
