package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.elbo.cuda.HostDevice;
import dev.elbo.cuda.Kernels;
import dev.elbo.cuda.OnDevice;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code elbo verify} runs the PTX that the driver is handed: a change of one instruction is found, and named. */
@OnDevice(hostOnly = true, checked = false)
class ChangedPtxTest {
    /** Instructions on reals, and what stands in their place. */
    private static final Map<String, String> CHANGES = Map.of(
            "add.rn.f32", "sub.rn.f32",
            "sub.rn.f32", "add.rn.f32",
            "mul.rn.f32", "add.rn.f32",
            "div.rn.f32", "mul.rn.f32",
            "add.rn.f64", "sub.rn.f64",
            "fma.rn.f32", "mul.rn.f32");

    private static final Pattern INSTRUCTION =
            Pattern.compile("\\b(\\w+\\.rn\\.f(?:32|64))(\\s+%\\w+, [^,;]+, [^,;]+)(?:, [^,;]+)?;");

    private static final int SAMPLES = 6;

    private String printed;

    /** Family, entry, and the operation that launches it. */
    static Stream<Arguments> entries() {
        return Stream.of(
                arguments("step", "adam", "adam"),
                arguments("latent", "reparameterize", "reparameterize"),
                arguments("loss", "bernoulli_loss", "bernoulliLoss"),
                arguments("thin", "dense_thin", "dense"));
    }

    private static String shipped(String family) throws IOException {
        try (InputStream in = Kernels.class.getResourceAsStream(family + ".ptx")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Where the instructions of an entry stand that can be changed. */
    private static List<MatchResult> instructions(String text, String entry) {
        int start = text.indexOf(".entry " + entry + "(");
        int end = text.indexOf("\n}\n", start);
        Matcher matcher = INSTRUCTION.matcher(text).region(start, end);
        List<MatchResult> found = new ArrayList<>();
        while (matcher.find()) {
            if (CHANGES.containsKey(matcher.group(1))) {
                found.add(matcher.toMatchResult());
            }
        }
        return found;
    }

    private static String changed(String text, MatchResult at) {
        return text.substring(0, at.start()) + CHANGES.get(at.group(1)) + at.group(2) + ";" + text.substring(at.end());
    }

    private int verify(String operation) {
        StringWriter out = new StringWriter();
        String[] command = {"verify", "--backend", "cuda", "--op", operation};
        int code = Main.run(command, new PrintWriter(out), new PrintWriter(out));
        printed = out.toString();
        return code;
    }

    /** Whether the operation fails, as itself and with the shape. */
    private boolean isFound(String operation) {
        return verify(operation) == 6 && printed.contains("FAIL " + operation + " [");
    }

    /** Two are enough in every run: a translation takes seconds. */
    static Stream<Arguments> few() {
        return entries().filter(entry -> List.of("adam", "dense_thin").contains(entry.get()[1]));
    }

    @ParameterizedTest
    @MethodSource("few")
    void isFound(String family, String entry, String operation) throws IOException {
        String text = shipped(family);
        assertEquals(0, verify(operation), printed);
        MatchResult first = instructions(text, entry).get(0);
        HostDevice.substitute(text, changed(text, first));
        assertTrue(isFound(operation), first.group() + "\n" + printed);
    }

    /** Evenly over all of an entry. */
    @ParameterizedTest
    @Tag("thorough")
    @MethodSource("entries")
    void isFoundWhereverItStands(String family, String entry, String operation) throws IOException {
        String text = shipped(family);
        List<MatchResult> all = instructions(text, entry);
        List<String> missed = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            MatchResult one = all.get((2 * i + 1) * all.size() / (2 * SAMPLES));
            HostDevice.substitute(text, changed(text, one));
            if (!isFound(operation)) {
                missed.add("line " + text.substring(0, one.start()).lines().count() + ": " + one.group());
            }
        }
        assertEquals(List.of(), missed);
    }
}
