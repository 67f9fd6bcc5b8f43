package dev.elbo.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of a family as the jar carries it, and what no such text may hold. */
record Ptx(String family, String text) {
    private static final Pattern ENTRY = Pattern.compile("^\\.visible \\.entry (\\w+)\\(", Pattern.MULTILINE);
    private static final Pattern COMPILER =
            Pattern.compile("^// Cuda compilation tools, .*(V[0-9.]+)$", Pattern.MULTILINE);

    private static final Pattern WIDE_LOAD = Pattern.compile("\\bld\\.global\\S*\\.v4\\.f32\\b");
    private static final Pattern WIDE_STORE = Pattern.compile("\\bst\\.global\\S*\\.v4\\.f32\\b");

    private record Rule(Pattern refused, String reason) {}

    private static final List<Rule> RULES = List.of(
            new Rule(Pattern.compile("\\b\\w+\\.approx\\b\\S*"), "approximate arithmetic"),
            new Rule(Pattern.compile("\\bdiv\\.full\\b\\S*"), "approximate division"),
            new Rule(Pattern.compile("\\b\\w+\\S*\\.ftz\\b\\S*"), "subnormals flushed to zero"),
            new Rule(
                    Pattern.compile(
                            "(?<![.\\w])(?:add|sub|mul|mad)(?:\\.sat|\\.ftz)*\\.(?:f16|f16x2|bf16|bf16x2|f32|f64)\\b"),
                    "no rounding modifier, so that ptxas may contract it to an fma"),
            new Rule(
                    Pattern.compile("\\b(?:atom|red)\\.\\S*\\b(?:f16|f16x2|bf16|bf16x2|f32|f64)\\b"),
                    "an atomic on floats, whose order no two runs share"),
            new Rule(Pattern.compile("\\.local\\b \\.align\\b.*"), "a stack frame"),
            new Rule(Pattern.compile("_INTERNAL_\\w+"), "a name that depends on where it was compiled"));

    static Ptx load(String family) {
        return new Ptx(family, Kernels.text(family));
    }

    /** All families. */
    static List<Ptx> all() {
        return Kernels.FAMILIES.stream().map(Ptx::load).toList();
    }

    /** Names of the kernels as {@code family.entry}. */
    TreeSet<String> entries() {
        return ENTRY.matcher(text)
                .results()
                .map(entry -> family + "." + entry.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Loads and stores of 16 bytes of each entry, how many there are in its text. */
    Map<String, List<Integer>> wideAccesses() {
        Map<String, List<Integer>> counts = new TreeMap<>();
        List<MatchResult> starts = ENTRY.matcher(text).results().toList();
        for (int i = 0; i < starts.size(); i++) {
            int end = i + 1 < starts.size() ? starts.get(i + 1).start() : text.length();
            String body = text.substring(starts.get(i).start(), end);
            counts.put(starts.get(i).group(1), List.of(count(WIDE_LOAD, body), count(WIDE_STORE, body)));
        }
        return counts;
    }

    private static int count(Pattern pattern, String body) {
        return (int) pattern.matcher(body).results().count();
    }

    /** The version of nvcc that wrote it, as {@code V13.0.88}. */
    String compiler() {
        Matcher compiler = COMPILER.matcher(text);
        if (!compiler.find()) {
            throw new IllegalStateException(family + " does not name its compiler");
        }
        return compiler.group(1);
    }

    /** What is wrong with it, a line each; empty if nothing is. */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        require(complaints, ".version 6.3");
        require(complaints, ".target sm_75");
        String[] lines = text.split("\n");
        for (int i = 0; i < lines.length; i++) {
            for (Rule rule : RULES) {
                Matcher found = rule.refused.matcher(lines[i]);
                if (found.find()) {
                    complaints.add("%s.ptx:%d: %s: %s".formatted(family, i + 1, found.group(), rule.reason));
                }
            }
        }
        PtxSpaces.complaints(text).forEach(complaint -> complaints.add(family + ".ptx:" + complaint));
        return complaints;
    }

    private void require(List<String> complaints, String line) {
        if (text.lines().noneMatch(line::equals)) {
            complaints.add(family + ".ptx: no line '" + line + "'");
        }
    }
}
