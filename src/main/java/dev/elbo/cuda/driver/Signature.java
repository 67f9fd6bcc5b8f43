package dev.elbo.cuda.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an entry of a PTX module takes: the one source of truth about it.
 *
 * @param entry its name
 * @param parameters the type of each, as PTX writes it without the dot: u64 for pointers and long counts, u32, f32
 * @param maxThreads of a block
 */
public record Signature(String entry, List<String> parameters, int maxThreads) {
    private static final Pattern ENTRY =
            Pattern.compile("\\.visible \\.entry (\\w+)\\(([^)]*)\\)\\s*((?:\\.\\w+[^\\n{]*\\s*)*)\\{");
    private static final Pattern PARAMETER =
            Pattern.compile("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.(\\w+)\\s+\\w+(\\[\\d+])?");
    private static final Pattern MAX_THREADS = Pattern.compile("\\.maxntid (\\d+)(?:, (\\d+), (\\d+))?");

    /** The entries of a module's text, by name. */
    public static Map<String, Signature> parse(String ptx) {
        Map<String, Signature> entries = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            List<String> parameters = new ArrayList<>();
            Matcher parameter = PARAMETER.matcher(entry.group(2));
            while (parameter.find()) {
                parameters.add(parameter.group(1) + (parameter.group(2) == null ? "" : parameter.group(2)));
            }
            Matcher threads = MAX_THREADS.matcher(entry.group(3));
            int most = 1024;
            if (threads.find()) {
                most = Integer.parseInt(threads.group(1));
                for (int i = 2; i <= 3 && threads.group(i) != null; i++) {
                    most *= Integer.parseInt(threads.group(i));
                }
            }
            entries.put(entry.group(1), new Signature(entry.group(1), List.copyOf(parameters), most));
        }
        return entries;
    }
}
