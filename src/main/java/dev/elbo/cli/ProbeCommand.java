package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.Probe;
import dev.elbo.analysis.Probe.Part;
import dev.elbo.analysis.Probe.Result;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.io.Text;
import dev.elbo.model.Columns;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.noise.Noise;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "probe",
        description = "Measures how well a linear classifier predicts the labels of held-out examples from the latent"
                + " codes (posterior means), and from the raw values.",
        footer = {
            "",
            "The classifier is a linear support vector machine for each class against the rest; its C is"
                    + " chosen by cross-validation within the training part."
        })
final class ProbeCommand extends Action {
    private static final Gson GSON = new Gson();

    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Option(
            names = "--folds",
            paramLabel = "N",
            description = "Folds of the cross-validation that chooses C (default: ${DEFAULT-VALUE}).")
    private int folds = 5;

    @Option(
            names = "--examples",
            paramLabel = "N",
            description = "Maximum number of training examples, drawn from the training part; all held-out examples are"
                    + " evaluated (default: ${DEFAULT-VALUE}).")
    private int most = 2000;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Random seed of the examples, the folds and the solver (default: 0).")
    private long seed;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Check.atLeast("--folds", folds, 2);
        Check.atLeast("--examples", most, 1);
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            Split split = data.load(inputs, err());
            Dataset train = split.train();
            Dataset test = split.test().orElseThrow();
            requireLabels(train);
            requireLabels(test);
            if (train.size() > most) {
                train = train.subset(train.name(), Arrays.copyOf(Noise.permutation(seed, 1, train.size()), most));
            }
            noteTold(loaded.vae().spec());
            Probe probe = new Probe(folds, seed);
            err().println("probing " + train.size() + " codes of "
                    + loaded.vae().spec().latent() + " values, then " + train.features() + " raw values each");
            Result codes = probe.run(codes(loaded, train), codes(loaded, test));
            Optional<Columns> columns = loaded.vae().network().likelihood().columns();
            columns.ifPresent(all -> err().println("the raw values are those that the encoder is given: 0 for a missing"
                    + " one, log(1 + x) of a count"));
            Result raw = probe.run(raw(train, columns), raw(test, columns));
            print(train, loaded.vae().spec().latent(), codes, raw);
            return 0;
        });
    }

    private void requireLabels(Dataset part) {
        ClassOptions.requireLabels(part, "a probe needs them", "");
    }

    /** Notes that codes of an encoder that is told the class of an example may give it away. */
    private void noteTold(VaeSpec spec) {
        if (spec.conditional() && classes.name().isEmpty()) {
            err().println("note: the encoder is told the class that the probe looks for, so that its codes may give it"
                    + " away; --class NAME encodes all examples as of one class");
        }
    }

    private Part codes(ModelFile.Loaded loaded, Dataset part) {
        try (DataSource source = classes.on(data, loaded, part)) {
            return new Part(
                    new Inference(loaded.vae(), 0).encode(source, false),
                    loaded.vae().spec().latent(),
                    part.labels().orElseThrow());
        }
    }

    private static Part raw(Dataset part, Optional<Columns> columns) {
        float[] values = part.values();
        columns.map(Columns::kinds).ifPresent(kinds -> {
            for (int i = 0; i < values.length; i++) {
                double seen = kinds.get(i % kinds.size()).isCount() ? Math.log1p(values[i]) : values[i];
                values[i] = Double.isNaN(seen) ? 0 : (float) seen;
            }
        });
        return new Part(values, part.features(), part.labels().orElseThrow());
    }

    private void print(Dataset train, int latent, Result codes, Result raw) {
        PrintWriter out = out();
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("examples_trained", train.size());
            object.addProperty("examples_held_out", codes.examples());
            object.addProperty("folds", folds);
            object.addProperty("majority", codes.majority());
            object.add("classes", GSON.toJsonTree(codes.classes()));
            train.labelNames()
                    .map(names -> codes.classes().stream().map(names::get).toList())
                    .ifPresent(names -> object.add("class_names", GSON.toJsonTree(names)));
            object.add("codes", json(latent, codes));
            object.add("raw", json(train.features(), raw));
            out.println(object);
            return;
        }
        out.println("examples         " + train.size() + " trained on, " + codes.examples() + " held out");
        out.println(Text.format("majority class   %.4f", codes.majority()));
        row(out, "codes", latent, codes);
        row(out, "raw values", train.features(), raw);
        out.println();
        List<String> classes = codes.classes().stream()
                .map(label -> train.labelNames().map(names -> names.get(label)).orElse(label.toString()))
                .toList();
        int longest = classes.stream().mapToInt(String::length).max().orElse(0);
        String name = "%" + Math.max(5, longest) + "s";
        String cell = "%" + Math.max(6, longest + 1);
        out.println(Text.format(name, "class")
                + "  recall   held-out examples of the class, by what the probe on codes takes them for");
        StringBuilder head = new StringBuilder(" ".repeat(11 + Math.max(5, longest)));
        classes.forEach(label -> head.append(Text.format(cell + "s", label)));
        out.println(head);
        for (int i = 0; i < classes.size(); i++) {
            double recall = codes.recall(i);
            StringBuilder line = new StringBuilder(Text.format(
                    name + "  %-9s", classes.get(i), Double.isNaN(recall) ? "none" : Text.format("%.4f", recall)));
            codes.confusion().get(i).forEach(count -> line.append(Text.format(cell + "d", count)));
            out.println(line);
        }
    }

    private static void row(PrintWriter out, String label, int features, Result result) {
        out.println(Text.format(
                "%-16s %.4f ± %.4f (%d features; %.4f in cross-validation at C = %s)",
                label,
                result.accuracy(),
                result.standardError(),
                features,
                Collections.max(result.crossValidated()),
                text(result.c())));
    }

    private static String text(double c) {
        return BigDecimal.valueOf(c).stripTrailingZeros().toPlainString();
    }

    private static JsonObject json(int features, Result result) {
        JsonObject object = new JsonObject();
        object.addProperty("features", features);
        object.addProperty("c", result.c());
        JsonObject validated = new JsonObject();
        for (int i = 0; i < Probe.GRID.size(); i++) {
            validated.addProperty(
                    Probe.GRID.get(i).toString(), result.crossValidated().get(i));
        }
        object.add("cross_validated_by_c", validated);
        object.addProperty("accuracy", result.accuracy());
        object.addProperty("standard_error", result.standardError());
        JsonArray recall = new JsonArray();
        for (int i = 0; i < result.classes().size(); i++) {
            recall.add(Double.isNaN(result.recall(i)) ? null : result.recall(i));
        }
        object.add("recall", recall);
        object.add("confusion", GSON.toJsonTree(result.confusion()));
        return object;
    }
}
