package dev.elbo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.AllOperations;
import dev.elbo.backend.Backend;
import dev.elbo.cost.KernelCost;
import dev.elbo.cost.Work;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
            if (bytes.isEmpty()) {
                // of several operations at once: theirs
                continue;
            }
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
        assertEquals(AllOperations.names(), KernelBench.ops());
    }

    @Test
    void everySizeIsThereOnceAndMovesWhatItShould() {
        long bytes = 1L << 30;
        Set<String> names = new HashSet<>();
        Set<String> large = new TreeSet<>();
        for (KernelCase kernel : KernelCases.all(bytes, 4096)) {
            assertTrue(names.add(kernel.toString()), kernel + " twice");
            assertTrue(kernel.work().bytes() <= 1.01 * bytes, kernel.toString());
            if (kernel.work().bytes() >= 0.95 * bytes) {
                large.add(kernel.op());
            }
        }
        Set<String> expected = new TreeSet<>(KernelBench.ops());
        // a step of each is one block or one thread
        expected.removeAll(Set.of("stepMetrics", "rowMean", "logVarOfMean", "klWeight", "advance"));
        assertEquals(expected, large);
    }

    /** Of a step, by planning a run on it. */
    private static List<Work> launches(StepOptions step) {
        int inputs = step.model().inputs();
        Dataset data = Dataset.ofBytes("data", new byte[inputs * step.batch()], inputs, 1);
        TrainingOptions options =
                TrainingOptions.builder().epochs(1).batchSize(step.batch()).build();
        try (Backend backend = Backends.builder("cpu").threads(1).open()) {
            return TrainingPlan.of(backend, step.model(), step.objective(), options, Split.of(data, data))
                    .step();
        }
    }

    @Test
    void theFloorOfAStepIsTheSumOfItsLaunches() {
        StepOptions small = StepOptions.preset("small", Likelihood.GAUSSIAN, 1);
        List<Work> launches = launches(small);
        // operation by operation: as many as CudaBenchCommandTest counts where none become one launch, with the clock's
        // own
        assertEquals(25, launches.size());
        double weights = 784 * 400 + 400 * 40 + 20 * 400 + 400 * 784;
        // forward, backward for weights, backward for inputs but the first layer's
        double products = 2.0 * 128 * (3 * weights - 784 * 400);
        double flops = launches.stream().mapToDouble(Work::flops).sum();
        assertTrue(flops > products && flops < 1.1 * products, flops + " beside " + products);
        double bytes = launches.stream().mapToDouble(Work::bytes).sum();
        double parameters = 652_824;
        // Adam moves seven floats a parameter, the products read the weights twice and write their gradients
        assertTrue(bytes > 10 * 4 * parameters && bytes < 14 * 4 * parameters, bytes / 4 / parameters + " floats each");
        Rates rates = new Rates(Distribution.of(1), Distribution.of(Double.MAX_VALUE));
        assertEquals(bytes, rates.floor(launches), 1e-9 * bytes);

        StepOptions iwae = StepOptions.preset("iwae50", Likelihood.BERNOULLI, 1);
        // a layer more on either side, the loss twice, and the weights
        assertEquals(25 + 2 * 2 + 2 * 3 + 2, launches(iwae).size());
        assertEquals("784-200-200-50, tanh, bernoulli, iwae with 50 samples, batch 20", iwae.label());
        assertEquals(
                "1 × 28 × 28-32x4s2p1-64x4s2p1-256-20, relu, bernoulli, vae with 1 sample, batch 128",
                StepOptions.preset("conv", Likelihood.BERNOULLI, 1).label());
        for (Component likelihood : List.of(Likelihood.GAUSSIAN_OPTIMAL, Likelihood.GAUSSIAN_LEARNED)) {
            assertEquals(
                    26, launches(StepOptions.preset("small", likelihood, 1)).size());
        }
    }

    @Test
    void convolutionsCountTheirProductsAtEveryPosition() {
        double flops = launches(StepOptions.preset("conv", Likelihood.BERNOULLI, 1)).stream()
                .mapToDouble(Work::flops)
                .sum();
        double first = 14 * 14 * 16 * 32;
        double half = first + 7 * 7 * 512 * 64 + 3136 * 256;
        // forward, backward for weights, backward for inputs but the first layer's
        double products = 2.0 * 128 * (3 * (half + 256 * 40 + 20 * 256 + half) - first);
        assertTrue(flops > products && flops < 1.1 * products, flops + " beside " + products);
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
