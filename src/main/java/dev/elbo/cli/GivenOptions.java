package dev.elbo.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options that were given to a command, as they were typed, to be given again by a later call: that call's own come
 * first.
 */
final class GivenOptions {
    /** What is of one call alone. */
    private static final Set<String> OWN = Set.of("--out", "--resume", "--debug");

    private final CommandSpec spec;
    private final Map<String, String> values = new LinkedHashMap<>();

    /** Those of the call that is under way. */
    GivenOptions(CommandSpec spec) {
        this.spec = spec;
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!OWN.contains(option.longestName())) {
                values.put(option.longestName(), String.join(",", option.originalStringValues()));
            }
        }
    }

    /** This call's, and those of an earlier one where this has none; the command's fields have them then. */
    GivenOptions over(Map<String, String> earlier) {
        earlier.forEach(values::putIfAbsent);
        CommandLine root = spec.root().commandLine();
        spec.commandLine().setDefaultValueProvider(new IDefaultValueProvider() {
            @Override
            public String defaultValue(ArgSpec argument) {
                return argument instanceof OptionSpec option ? earlier.get(option.longestName()) : null;
            }
        });
        root.parseArgs(root.getParseResult().originalArgs().toArray(String[]::new));
        return this;
    }

    /** By the options' names. */
    Map<String, String> notes() {
        return values;
    }
}
