package dev.elbo.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of a command line, word by word, so that the same words give the same again. */
final class GivenArguments {
    private GivenArguments() {}

    /**
     * Those that were given to a command.
     *
     * @param without names to leave out
     */
    static List<String> of(CommandSpec spec, Set<String> without) {
        List<String> words = new ArrayList<>();
        for (OptionSpec option :
                new LinkedHashSet<>(spec.commandLine().getParseResult().matchedOptions())) {
            if (without.contains(option.longestName())) {
                continue;
            }
            if (option.arity().max() == 0) {
                words.add(option.longestName());
                continue;
            }
            for (String value : option.originalStringValues()) {
                words.add(option.longestName());
                words.add(value);
            }
        }
        return words;
    }

    /** Of such words those that say which data are read, and how. */
    static List<String> ofData(List<String> words) {
        CommandSpec data = CommandSpec.forAnnotatedObject(new DataOptions());
        List<String> kept = new ArrayList<>();
        boolean keep = false;
        for (String word : words) {
            // no value begins with two dashes: picocli would not have taken it for one
            if (word.startsWith("--")) {
                keep = data.optionsMap().containsKey(word) && !word.equals("--data-on-device");
            }
            if (keep) {
                kept.add(word);
            }
        }
        return kept;
    }
}
