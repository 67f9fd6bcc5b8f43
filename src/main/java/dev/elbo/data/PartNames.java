package dev.elbo.data;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The usual names of training, test and validation data, of folders ({@code train}, {@code Test}, {@code training_set})
 * and of arrays ({@code x_train}, {@code testImages}, {@code YVAL}). A name is taken apart into words; their case and
 * order, what separates them, and numbers between them do not matter. A name with any other word in it is none of
 * these.
 */
final class PartNames {
    /** The purpose that data are kept apart for. */
    enum Part {
        TRAIN,
        TEST,
        VALIDATION
    }

    enum Role {
        EXAMPLES,
        LABELS
    }

    /**
     * The meaning of an array's name.
     *
     * @param part empty if it names none
     * @param role empty if it says neither
     * @param kinds of examples or labels that it names, each by one word: "image" of images and imgs, "x", "label", …
     */
    record ArrayName(Optional<Part> part, Optional<Role> role, Set<String> kinds) {
        private static final ArrayName NONE = new ArrayName(Optional.empty(), Optional.empty(), Set.of());

        ArrayName {
            kinds = Set.copyOf(kinds);
        }

        /** Returns whether the name denotes examples, as the bare name of a part does too: {@code train}. */
        boolean examples() {
            return role.isEmpty() ? part.isPresent() : role.get() == Role.EXAMPLES;
        }

        boolean labels() {
            return role.isPresent() && role.get() == Role.LABELS;
        }

        boolean known() {
            return part.isPresent() || role.isPresent();
        }
    }

    private static final Map<String, Part> PARTS = byWord(Map.of(
            Part.TRAIN, "train training trn",
            Part.TEST, "test testing tst",
            Part.VALIDATION, "val valid validation dev devel development eval evaluation"));

    private static final Map<String, String> EXAMPLES = byWord(Map.of(
            "x", "x",
            "image", "image images img imgs picture pictures pic pics photo photos",
            "data", "data feature features feat feats input inputs sample samples example examples"));

    private static final Map<String, String> LABELS = byWord(Map.of(
            "y", "y",
            "label", "label labels lbl lbls",
            "target", "target targets tgt tgts",
            "class", "class classes category categories"));

    /** Words without a meaning of their own. */
    private static final Set<String> FILLERS = Set.of("set", "sets", "split", "part", "subset", "array", "arr");

    /** Abbreviations that are too short to be found within a word, except in these names of two words. */
    private static final Map<String, Part> SHORT = Map.of("tr", Part.TRAIN, "te", Part.TEST, "va", Part.VALIDATION);

    private static final Pattern SHORT_PAIR = Pattern.compile("([xy])(tr|te|va)");

    private static final Set<String> WORDS = Stream.of(PARTS.keySet(), EXAMPLES.keySet(), LABELS.keySet(), FILLERS)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    private static final int MAX_WORD_LENGTH =
            WORDS.stream().mapToInt(String::length).max().orElseThrow();
    /** The longest name; names written by hand are shorter. */
    private static final int MAX_NAME_LENGTH = 80;

    private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}]+");
    private static final Pattern CAPITALS = Pattern.compile("(?<=\\p{Ll})(?=\\p{Lu})");

    private PartNames() {}

    /** The meaning of each word, of words by their meaning. */
    private static <T> Map<String, T> byWord(Map<T, String> words) {
        Map<String, T> meanings = new HashMap<>();
        words.forEach((meaning, all) -> List.of(all.split(" ")).forEach(word -> meanings.put(word, meaning)));
        return Map.copyOf(meanings);
    }

    /** Returns the part that a folder's name denotes, for pictures or folders of them. */
    static Optional<Part> folder(String name) {
        List<String> words = words(name);
        boolean pictures = words.stream()
                .allMatch(word -> FILLERS.contains(word)
                        || EXAMPLES.containsKey(word) && !word.equals("x")
                        || part(word).isPresent() && !SHORT.containsKey(word));
        return pictures ? part(words) : Optional.empty();
    }

    /** Returns the meaning of an array's name; if a whole path has none, that of its last name. */
    static ArrayName array(String name) {
        ArrayName whole = array(words(name));
        int slash = name.lastIndexOf('/');
        return whole.known() || slash < 0 ? whole : array(words(name.substring(slash + 1)));
    }

    private static ArrayName array(List<String> words) {
        Set<String> labels = kinds(LABELS, words);
        Set<String> examples = kinds(EXAMPLES, words);
        Optional<Part> part = part(words);
        if (part.isEmpty() && words.stream().anyMatch(word -> part(word).isPresent())) {
            return ArrayName.NONE;
        }
        // the labels of images are named after both
        return !labels.isEmpty()
                ? new ArrayName(part, Optional.of(Role.LABELS), labels)
                : new ArrayName(part, examples.isEmpty() ? Optional.empty() : Optional.of(Role.EXAMPLES), examples);
    }

    private static Set<String> kinds(Map<String, String> of, List<String> words) {
        return words.stream().map(of::get).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    private static Optional<Part> part(String word) {
        return Optional.ofNullable(PARTS.getOrDefault(word, SHORT.get(word)));
    }

    /** Merges words for two parts: training and validation is trained on, test and validation is kept apart. */
    private static Optional<Part> part(List<String> words) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        words.forEach(word -> part(word).ifPresent(parts::add));
        if (parts.containsAll(Set.of(Part.TRAIN, Part.TEST))) {
            return Optional.empty();
        }
        return parts.size() == 2 && parts.contains(Part.TEST)
                ? Optional.of(Part.VALIDATION)
                : parts.stream().findFirst();
    }

    /** The words of a name, in small letters; none if one of them is not known. */
    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        for (String letters : name.length() > MAX_NAME_LENGTH ? new String[0] : SEPARATORS.split(name)) {
            if (!letters.isEmpty() && !add(letters.toLowerCase(Locale.ROOT), words)) {
                for (String piece : CAPITALS.split(letters)) {
                    if (!add(piece.toLowerCase(Locale.ROOT), words)) {
                        return List.of();
                    }
                }
            }
        }
        return words;
    }

    private static boolean add(String letters, List<String> words) {
        if (SHORT.containsKey(letters)) {
            return words.add(letters);
        }
        if (SHORT_PAIR.matcher(letters).matches()) {
            words.add(letters.substring(0, 1));
            return words.add(letters.substring(1));
        }
        return addInOne(letters, words);
    }

    /** Adds the words that letters are made of, without anything between them. */
    private static boolean addInOne(String letters, List<String> words) {
        int before = words.size();
        for (int length = Math.min(MAX_WORD_LENGTH, letters.length()); length > 0; length--) {
            String word = letters.substring(0, length);
            if (WORDS.contains(word)) {
                words.add(word);
                if (length == letters.length() || addInOne(letters.substring(length), words)) {
                    return true;
                }
                words.subList(before, words.size()).clear();
            }
        }
        return false;
    }
}
