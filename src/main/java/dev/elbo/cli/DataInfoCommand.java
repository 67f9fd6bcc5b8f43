package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.elbo.data.DataNotes;
import dev.elbo.data.Dataset;
import dev.elbo.data.Datasets;
import dev.elbo.data.Description;
import dev.elbo.data.Description.Place;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.io.Decimals;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "info",
        description = "Describes data, including data that cannot be trained on, and what training on them needs.")
final class DataInfoCommand extends Action {
    private static final Gson JSON = new GsonBuilder()
            .serializeSpecialFloatingPointValues()
            .setPrettyPrinting()
            .create();

    /** Columns that get a line. */
    private static final int COLUMNS = 8;

    @Parameters(
            paramLabel = "D",
            arity = "1..*",
            description = "Name or path, as for --data; several are read as one data set.")
    private List<String> sources;

    @Mixin
    private ReadingOptions reading;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            description = "With columns, read a table of words, counts and gaps, and describe its columns as train"
                    + " --likelihood columns does.")
    private String likelihood;

    @Option(
            names = "--preview",
            paramLabel = "F.png",
            description = "Draw the first pictures to this file; for other data, a histogram of the values and each"
                    + " feature's mean.")
    private Path preview;

    @Option(names = "--json", description = "Print a JSON array with an object for each part.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = out();
        if (likelihood != null) {
            if (!likelihood.equals("columns")) {
                throw ElboException.usage("--likelihood " + likelihood + ": only columns changes how data are read");
            }
            reading.columns().readTable(List.of(), Optional.empty());
        }
        Split split = Datasets.standard().open(sources, reading.options().withAnyValue(true), new DownloadLine(err()));
        List<Description> parts = new ArrayList<>();
        parts.add(Description.of(split.train()));
        split.validation().ifPresent(validation -> parts.add(Description.of(validation)));
        split.test().ifPresent(test -> parts.add(Description.of(test)));
        if (json) {
            JsonArray all = new JsonArray();
            parts.forEach(part -> all.add(json(part)));
            out.println(JSON.toJson(all));
        } else {
            parts.forEach(part -> print(out, part));
        }
        if (preview != null) {
            DataPreview.write(parts.get(0), preview);
            err().println("preview of " + split.train().name() + " in " + preview);
        }
        return 0;
    }

    private static void print(PrintWriter out, Description part) {
        Dataset data = part.data();
        out.println(Text.format(
                "%s: %,d examples of %,d values%s, %s, %s",
                data.name(),
                data.size(),
                data.features(),
                data.image().map(shape -> " (" + shape + ")").orElse(""),
                data.type(),
                data.rows().isMapped() ? "mapped from the file" : "in memory"));
        if (data.summary().isPresent()) {
            ColumnLines.print(out, data.name(), data.summary().get());
            labels(out, part);
            out.println("  train takes these data with --likelihood columns");
            return;
        }
        data.columns().ifPresent(names -> columns(out, names, part.features()));
        out.println(Text.format(
                "  values from %.4g to %.4g, mean %.4g; %,d of %,d features constant",
                part.min(), part.max(), part.mean(), part.features().constant(), data.features()));
        labels(out, part);
        part.notFinite()
                .ifPresent(place -> out.println(Text.format(
                        "  %,d NaN and %,d infinite values, the first: %s", part.nan(), part.infinite(), place)));
        needs(part).forEach(line -> out.println("  " + line));
    }

    private static void labels(PrintWriter out, Description part) {
        part.classes()
                .ifPresent(classes -> out.println(Text.format(
                        "  labels of %,d classes, %,d to %,d examples each",
                        classes.size(),
                        classes.values().stream().mapToInt(n -> n).min().orElse(0),
                        classes.values().stream().mapToInt(n -> n).max().orElse(0))));
    }

    private static void columns(PrintWriter out, List<String> names, Description.Features features) {
        for (int i = 0; i < Math.min(COLUMNS, names.size()); i++) {
            out.println(Text.format(
                    "  column %s from %s to %s, deviation %.4g",
                    Messages.quote(names.get(i)),
                    brief(features.min()[i]),
                    brief(features.max()[i]),
                    features.deviation()[i]));
        }
        if (names.size() > COLUMNS) {
            out.println("  and " + (names.size() - COLUMNS) + " more columns");
        }
    }

    private static String brief(double value) {
        return Double.isFinite(value)
                ? Decimals.text(new BigDecimal(value).round(new MathContext(10)).doubleValue())
                : Double.toString(value);
    }

    /** Returns the notes and needs of training on the data. */
    private static List<String> needs(Description part) {
        if (!part.isTrainable()) {
            return List.of("train refuses these data: remove or replace the values that are not finite");
        }
        List<String> lines = new ArrayList<>(likelihoods(part));
        DataNotes.unscaled(part).map(OptionNames::in).ifPresent(lines::add);
        DataNotes.rounded(part).map(OptionNames::in).ifPresent(lines::add);
        return lines;
    }

    private static List<String> likelihoods(Description part) {
        if (part.isBernoulli()) {
            return List.of(
                    part.binary()
                            ? "train takes these data with every likelihood; for values of 0 and 1, the best is --likelihood"
                                    + " bernoulli"
                            : "train takes these data with every likelihood; --likelihood bernoulli reads grey values as"
                                    + " probabilities");
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "train takes these data with the Gaussian likelihoods; --likelihood bernoulli needs values in [0, 1], but "
                        + part.outside().orElseThrow());
        double[] deviation = part.features().deviation();
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (double each : deviation) {
            least = each > 0 ? Math.min(least, each) : least;
            most = Math.max(most, each);
        }
        if (most > UNEVEN * least) {
            lines.add(Text.format(
                    "features differ much in scale (standard deviations %.4g to %.4g): the largest decide the loss, unless --standardize"
                            + " per-feature makes them equal",
                    least, most));
        }
        return lines;
    }

    /** Ratio of standard deviations from which on one feature drowns another in the squared error a hundredfold. */
    private static final double UNEVEN = 10;

    private static JsonObject json(Description part) {
        Dataset data = part.data();
        JsonObject json = new JsonObject();
        json.addProperty("name", data.name());
        json.addProperty("examples", data.size());
        json.addProperty("features", data.features());
        data.table().ifPresent(table -> json.add("table", JsonParser.parseString(table.toJson())));
        data.columns().ifPresent(names -> json.add("columns", JSON.toJsonTree(names)));
        data.image().ifPresent(shape -> json.add("picture", JSON.toJsonTree(shape)));
        json.addProperty("type", data.isBytes() ? "uint8" : "float32");
        json.addProperty("scale", data.scale());
        json.addProperty("mapped", data.rows().isMapped());
        if (part.nan() + part.infinite() < (long) data.size() * data.features()) {
            json.add("min", number(part.min()));
            json.add("max", number(part.max()));
            json.addProperty("mean", part.mean());
        }
        json.addProperty("constant_features", part.features().constant());
        JsonArray deviation = new JsonArray();
        for (double each : part.features().deviation()) {
            deviation.add(Double.isNaN(each) ? null : each);
        }
        json.add("deviation", deviation);
        json.addProperty("binary", part.binary());
        json.addProperty("nan", part.nan());
        json.addProperty("infinite", part.infinite());
        json.add("first_not_finite", place(part.notFinite()));
        json.add("first_outside_unit_interval", place(part.outside()));
        part.classes().ifPresent(classes -> json.add("classes", JSON.toJsonTree(classes)));
        json.addProperty("trainable", part.isTrainable());
        json.addProperty("bernoulli", part.isBernoulli() && data.table().isEmpty());
        return json;
    }

    /** {@return a number in the digits of float32 if it is one} */
    private static JsonPrimitive number(double value) {
        return (float) value == value || Double.isNaN(value)
                ? new JsonPrimitive((float) value)
                : new JsonPrimitive(value);
    }

    private static JsonObject place(Optional<Place> place) {
        return place.map(p -> {
                    JsonObject json = new JsonObject();
                    json.addProperty("row", p.row());
                    json.addProperty("column", p.column());
                    json.addProperty("value", number(p.value()).getAsString());
                    return json;
                })
                .orElse(null);
    }
}
