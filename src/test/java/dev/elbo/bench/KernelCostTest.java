package dev.elbo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.RawOps;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The declared costs are those of the kernels' own table, and every operation is measured. */
class KernelCostTest {
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern ENTRY = Pattern.compile("`(\\w+)`");

    /** What the table says of an entry. */
    private record Declared(List<Integer> bytes, List<Integer> flops) {}

    private static Map<String, Declared> table() throws IOException {
        Map<String, Declared> table = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("kernels/README.md"))) {
            if (!line.startsWith("| `")) {
                continue;
            }
            String[] cells = line.split("\\|");
            List<String> entries = all(ENTRY, cells[1]);
            List<Integer> bytes = numbers(cells[4]);
            List<Integer> flops = numbers(cells[5]);
            for (int i = 0; i < entries.size(); i++) {
                // where a row has several entries it has the bytes of each, in their order
                List<Integer> own = entries.size() == 1 ? bytes : List.of(bytes.get(i));
                table.put(entries.get(i), new Declared(own, flops));
            }
        }
        return table;
    }

    private static List<String> all(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group(matcher.groupCount()));
        }
        return found;
    }

    private static List<Integer> numbers(String cell) {
        return all(NUMBER, cell).stream().map(Integer::valueOf).toList();
    }

    @Test
    void everyCostIsThatOfTheTable() throws IOException {
        Map<String, Declared> declared = new TreeMap<>();
        for (KernelCost cost : KernelCost.values()) {
            declared.put(cost.entry(), new Declared(List.of(cost.bytes()), cost.flops()));
        }
        Map<String, Declared> table = table();
        assertTrue(table.size() >= 20, table.keySet().toString());
        assertEquals(table, declared);
    }

    @Test
    void everyOperationIsMeasured() {
        Set<String> ops = Arrays.stream(RawOps.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(ops, KernelBench.ops());
    }

    @Test
    void everySizeIsThereOnceAndMovesWhatItShould() {
        long bytes = 1L << 30;
        Set<String> names = new HashSet<>();
        Set<String> large = new TreeSet<>();
        for (KernelCase kernel : KernelCases.all(bytes)) {
            assertTrue(names.add(kernel.toString()), kernel + " twice");
            assertTrue(kernel.work().bytes() <= 1.01 * bytes, kernel.toString());
            if (kernel.work().bytes() >= 0.95 * bytes) {
                large.add(kernel.op());
            }
        }
        Set<String> expected = new TreeSet<>(KernelBench.ops());
        // a step of either is one block or one thread
        expected.removeAll(Set.of("stepMetrics", "advance"));
        assertEquals(expected, large);
    }

    @Test
    void aProductReadsItsOperandsOnce() {
        assertEquals(new Work(4 * (6 + 15 + 10), 2 * 30), Work.product(2, 3, 5));
        assertEquals(new Work(3, 7), new Work(1, 2).plus(new Work(2, 5)));
        Rates rates = new Rates(Distribution.of(100), Distribution.of(10));
        assertEquals(2, rates.floor(new Work(200, 5)));
        assertEquals(3, rates.floor(new Work(200, 30)));
    }
}
