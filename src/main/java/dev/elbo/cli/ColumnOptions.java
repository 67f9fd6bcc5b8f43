package dev.elbo.cli;

import dev.elbo.data.TableOptions;
import dev.elbo.error.ElboException;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The gaps of tables whose columns have a kind each. */
final class ColumnOptions {
    @Option(
            names = "--missing",
            paramLabel = "TOKEN",
            description =
                    "Word that stands for a missing value in a table whose columns have a kind each, besides an empty"
                            + " field, NA, NaN, null and ?. Repeat the option for several.")
    private List<String> missing = new ArrayList<>();

    @Option(
            names = "--unknown",
            paramLabel = "WHAT",
            description =
                    "Treatment of a category that a model of columns does not have: refuse it, or take it as missing"
                            + " (default: ${DEFAULT-VALUE}).")
    private String unknown = "refuse";

    /** Set by a command that reads a table. */
    private Optional<TableOptions> table = Optional.empty();

    /** Reads data as a table, with the kinds of some columns and the columns of a model, if there is one. */
    void readTable(List<String> kinds, Optional<Table> model) {
        Map<String, ColumnKind> named = new LinkedHashMap<>();
        for (String text : kinds) {
            // a name may hold the sign, a kind does not
            int sign = text.lastIndexOf('=');
            if (sign < 1) {
                throw ElboException.usage("--column " + text + ": give NAME=KIND, such as age=gaussian");
            }
            String name = text.substring(0, sign);
            if (named.put(name, kind(text, text.substring(sign + 1))) != null) {
                throw ElboException.usage("--column " + text + ": the kind of '" + name + "' is given twice");
            }
        }
        table = Optional.of(new TableOptions(named, missing, takesUnknown(), model));
    }

    private static ColumnKind kind(String text, String label) {
        try {
            return ColumnKind.of(label);
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--column " + text + ": " + e.getMessage());
        }
    }

    private boolean takesUnknown() {
        Check.oneOf("--unknown", unknown, List.of("refuse", "missing"));
        return unknown.equals("missing");
    }

    /** {@return the options for rows of a table; empty if none are given and no table is read} */
    Optional<TableOptions> options() {
        boolean given = takesUnknown() || !missing.isEmpty();
        return table.or(() -> given
                ? Optional.of(new TableOptions(Map.of(), missing, takesUnknown(), Optional.empty()))
                : Optional.empty());
    }
}
