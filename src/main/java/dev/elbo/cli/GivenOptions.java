package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import com.google.gson.reflect.TypeToken;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that were given to a command, as they were typed, so that the same words give the same again. */
final class GivenOptions {
    private static final Gson GSON = new Gson();

    private final CommandSpec spec;
    /** Words by option name; empty for a flag. */
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    /** Takes the options of the current call, without some. */
    GivenOptions(CommandSpec spec, Set<String> without) {
        this.spec = spec;
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!without.contains(option.longestName())) {
                values.put(
                        option.longestName(),
                        option.arity().max() == 0 ? List.of() : List.copyOf(option.originalStringValues()));
            }
        }
    }

    /** Adds the options of an earlier call that this call lacks, and sets the command's fields to all of them. */
    GivenOptions over(Map<String, String> earlier) {
        List<String> words = new ArrayList<>();
        earlier.forEach((name, value) -> {
            if (!values.containsKey(name)) {
                values.put(name, parse(name, value));
                words.addAll(words(name));
            }
        });
        CommandLine root = spec.root().commandLine();
        String[] all = Stream.concat(root.getParseResult().originalArgs().stream(), words.stream())
                .toArray(String[]::new);
        root.parseArgs(all);
        return this;
    }

    private static List<String> parse(String name, String value) {
        try {
            List<String> words = GSON.fromJson(value, new TypeToken<List<String>>() {}.getType());
            // refuses null, in place of the list and in it
            return List.copyOf(words);
        } catch (JsonSyntaxException | NullPointerException e) {
            throw ElboException.data(
                    "the checkpoint's note of " + Messages.quote(name) + " is not a list of words: "
                            + Messages.quote(value),
                    e);
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    boolean hasMoreThan(Set<String> names) {
        return !names.containsAll(values.keySet());
    }

    /** {@return the words by option name, for a later call to go {@link #over}} */
    Map<String, String> notes() {
        Map<String, String> notes = new LinkedHashMap<>();
        values.forEach((name, words) -> notes.put(name, GSON.toJson(words)));
        return notes;
    }

    List<String> words() {
        return values.keySet().stream().flatMap(name -> words(name).stream()).toList();
    }

    private List<String> words(String name) {
        return values.get(name).isEmpty()
                ? List.of(name)
                : values.get(name).stream()
                        .flatMap(value -> Stream.of(name, value))
                        .toList();
    }

    /** Selects the words that say which data are read, and how. */
    static List<String> ofData(List<String> words) {
        return of(new DataOptions(), words, Set.of("--data-on-device"));
    }

    /** Selects the words that set one group of options, except for some of it. */
    static List<String> of(Object group, List<String> words, Set<String> without) {
        CommandSpec options = CommandSpec.forAnnotatedObject(group);
        List<String> kept = new ArrayList<>();
        boolean keep = false;
        for (String word : words) {
            // no value begins with two dashes: picocli would not have taken it for one
            if (word.startsWith("--")) {
                keep = options.optionsMap().containsKey(word) && !without.contains(word);
            }
            if (keep) {
                kept.add(word);
            }
        }
        return kept;
    }
}
