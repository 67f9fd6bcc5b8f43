package dev.elbo.data;

import dev.elbo.io.Messages;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The parts of a source that are not used, for a one-line note. */
final class NotUsed {
    static final int LISTED = 16;

    private final String source;
    private final Map<String, String> reasons = new LinkedHashMap<>();

    NotUsed(String source) {
        this.source = source;
    }

    /** Adds a part whose name explains why, or whose reason is found later. */
    void add(String name) {
        reasons.putIfAbsent(name, "");
    }

    void add(String name, String reason) {
        reasons.put(name, reason);
    }

    Optional<String> note() {
        return note(name -> "");
    }

    /** Returns the note as {@link #note()} does, with reasons for parts that were added without one. */
    Optional<String> note(Function<String, String> reason) {
        if (reasons.isEmpty()) {
            return Optional.empty();
        }
        String listed = Messages.list(reasons.keySet(), LISTED, name -> {
            String why = reasons.get(name).isEmpty() ? reason.apply(name) : reasons.get(name);
            return Messages.quote(name) + (why.isEmpty() ? "" : " (" + why + ")");
        });
        return Optional.of("note: " + source + ": not used: " + listed);
    }
}
