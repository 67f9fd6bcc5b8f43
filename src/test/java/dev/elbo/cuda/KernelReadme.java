package dev.elbo.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The table of entries in kernels/README.md, as far as the PTX decides it. */
final class KernelReadme {
    private static final Pattern ENTRY = Pattern.compile("`(\\w+)`");
    private static final int REGISTERS = 6;
    private static final int ACCESSES = 7;

    private KernelReadme() {}

    /** Registers of an entry on sm_75, sm_80 and sm_90. */
    static Map<String, List<Integer>> registers() throws IOException {
        return column(REGISTERS);
    }

    /** Loads and stores of 16 bytes in an entry's PTX. */
    static Map<String, List<Integer>> accesses() throws IOException {
        return column(ACCESSES);
    }

    /** By entry; where a row has several, the groups between commas are theirs in turn. */
    private static Map<String, List<Integer>> column(int column) throws IOException {
        Map<String, List<Integer>> values = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("kernels/README.md"))) {
            if (!line.startsWith("| `")) {
                continue;
            }
            String[] cells = line.split("\\|");
            List<String> entries = new ArrayList<>();
            ENTRY.matcher(cells[1])
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .forEach(entries::add);
            String[] groups = cells[column].split(",");
            for (int i = 0; i < entries.size(); i++) {
                values.put(
                        entries.get(i),
                        Arrays.stream(groups[i].trim().split(" "))
                                .map(Integer::valueOf)
                                .toList());
            }
        }
        return values;
    }
}
