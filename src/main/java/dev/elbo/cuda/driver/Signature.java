package dev.elbo.cuda.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters of an entry of a PTX module: the one source of truth about them.
 *
 * @param entry its name
 * @param parameters the type of each, as PTX writes it without the dot: u64 for pointers and long counts, u32, f32
 * @param maxThreads of a block
 */
public record Signature(String entry, List<String> parameters, int maxThreads) {
    /** An entry; the runs are possessive, since nested groups would need a stack as deep as the text is long. */
    private static final Pattern ENTRY = Pattern.compile("\\.visible \\.entry (\\w+)\\(([^)]*+)\\)([^{}]*+)\\{");

    private static final Pattern PARAMETER =
            Pattern.compile("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.(\\w+)\\s+\\w+(\\[\\d+])?");
    private static final Pattern MAXNTID = Pattern.compile("\\.maxntid (\\d{1,4})(?:, (\\d{1,4}), (\\d{1,4}))?");
    /** The most threads of a block, on every device. */
    private static final int MAX_THREADS = 1024;

    /**
     * Returns the offset of each parameter in a buffer of all of them, and the buffer's end: each lies at a multiple of
     * its size (CUDA Driver API, cuLaunchKernel).
     */
    int[] offsets() {
        int[] offsets = new int[parameters.size() + 1];
        int end = 0;
        for (int i = 0; i < parameters.size(); i++) {
            int size = size(i);
            offsets[i] = (end + size - 1) / size * size;
            end = offsets[i] + size;
        }
        offsets[parameters.size()] = end;
        return offsets;
    }

    private int size(int index) {
        return switch (parameters.get(index)) {
            case "u64" -> Long.BYTES;
            case "u32", "f32" -> Integer.BYTES;
            default ->
                throw new IllegalStateException(
                        entry + ": argument " + index + " is ." + parameters.get(index) + ", which no launch has");
        };
    }

    /** {@return the entries of a module's text, by name} */
    public static Map<String, Signature> parse(String ptx) {
        Map<String, Signature> entries = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            List<String> parameters = new ArrayList<>();
            Matcher parameter = PARAMETER.matcher(entry.group(2));
            while (parameter.find()) {
                parameters.add(parameter.group(1) + (parameter.group(2) == null ? "" : parameter.group(2)));
            }
            Matcher threads = MAXNTID.matcher(entry.group(3));
            int most = MAX_THREADS;
            if (threads.find()) {
                most = Math.min(MAX_THREADS, Integer.parseInt(threads.group(1)));
                for (int i = 2; i <= 3 && threads.group(i) != null; i++) {
                    most = Math.min(MAX_THREADS, most * Integer.parseInt(threads.group(i)));
                }
            }
            entries.put(entry.group(1), new Signature(entry.group(1), List.copyOf(parameters), most));
        }
        return entries;
    }
}
