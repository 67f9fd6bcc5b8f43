package dev.elbo.cli;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.LearningRate;
import dev.elbo.train.Pictures;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        description = "Trains a model and leaves it, its metrics and pictures in a folder.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Callable<Integer> {
    /** Names as everywhere in our files, choices as on the command line. */
    private static final Gson CONFIGURATION = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .registerTypeHierarchyAdapter(
                    Enum.class, (JsonSerializer<Enum<?>>) (value, type, context) -> new JsonPrimitive(value.toString()))
            .create();

    private static final int PATIENCE = 20;

    /** Options that belong to one call and not to what it makes. */
    private static final Set<String> OWN = Set.of("--out", "--debug");

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOptions data;

    @Mixin
    private UnitOptions unit;

    @Option(
            names = "--hidden",
            paramLabel = "N,..",
            split = ",",
            defaultValue = "400",
            description = "Units of the encoder's hidden layers; the decoder mirrors them (default: ${DEFAULT-VALUE}).")
    private List<Integer> hidden;

    @Option(
            names = "--latent",
            paramLabel = "J",
            defaultValue = "20",
            description = "Latent units (default: ${DEFAULT-VALUE}).")
    private int latent;

    @Option(
            names = "--activation",
            paramLabel = "A",
            defaultValue = "relu",
            description = "identity, relu, leaky_relu, elu, tanh, sigmoid or softplus (default: ${DEFAULT-VALUE}).")
    private String activation;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            defaultValue = "gaussian-optimal",
            description = "gaussian (unit variance), gaussian-optimal (one variance, at its optimum), gaussian-learned"
                    + " or bernoulli (default: ${DEFAULT-VALUE}).")
    private String likelihood;

    @Option(
            names = "--variance",
            paramLabel = "V",
            defaultValue = "shared",
            description = "shared or per-dimension, of gaussian-learned (default: ${DEFAULT-VALUE}).")
    private String variance;

    @Mixin
    private ObjectiveOptions objectiveOptions;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "200",
            description = "Passes over the data (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--patience",
            paramLabel = "EPOCHS",
            description =
                    "Stop when the test ELBO has not improved for so many epochs, and keep the best weights; 0 trains"
                            + " to the end and keeps the last (default: " + PATIENCE
                            + ", and 0 where the KL divergence is steered).")
    private Integer patience;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "Examples of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            defaultValue = "1e-3",
            description = "Of Adam (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--learning-rate-warmup",
            paramLabel = "EPOCHS",
            defaultValue = "0",
            description = "Raise it linearly over so many epochs (default: ${DEFAULT-VALUE}).")
    private double learningRateWarmup;

    @Option(
            names = "--learning-rate-decay",
            paramLabel = "D",
            defaultValue = "constant",
            description = "constant, linear or cosine, to 0 at the last epoch (default: ${DEFAULT-VALUE}).")
    private LearningRate.Decay decay;

    @Option(
            names = "--binarize",
            description = "Draw binary pixels afresh for every batch, with the values as probabilities (Bernoulli).")
    private boolean binarize;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "Of weights, order and noise (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private GapOptions gap;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the results go (default: runs/<date-time>).")
    private Path out;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (out != null && out.toString().isEmpty()) {
            throw ElboException.usage("--out is empty; give a folder");
        }
        boolean plain = objectiveOptions.isPlain();
        Objective chosen = usage(objectiveOptions::objective);
        TrainingOptions wished = usage(() -> new TrainingOptions(
                epochs,
                batch,
                AdamSettings.DEFAULT,
                new LearningRate(learningRate, learningRateWarmup, decay),
                objectiveOptions.klWeight(),
                seed,
                binarize,
                patience != null ? patience : chosen.control().steers() ? 0 : PATIENCE,
                data.placement()));
        gap.check(plain);
        // the numbers of the model are judged before any data are read; only the inputs are known later
        usage(() -> model(1, plain));
        unit.check(Likelihood.of(likelihood));
        Backends.Choice choice = backendOptions.choose();
        try (Backend backend = choice.backend()) {
            Split given = data.load(err);
            Optional<Standardization> standardization = unit.of(given.train());
            Split split = standardization.map(given::standardized).orElse(given);
            Dataset test = split.test().orElseThrow();
            DataPlacement placement = wished.dataPlacement().resolve(backend, split.train(), test);
            TrainingOptions options = wished.with(placement);
            backendOptions.announce(
                    choice, placement == DataPlacement.STREAMED ? "data streamed from the host's memory" : null, err);
            VaeSpec model = usage(() -> model(split.train().features(), plain));
            checkTargets(model, split.train(), test, err);
            Map<String, String> metadata = metadata(split.train(), standardization, chosen);
            Path folder = out != null
                    ? out
                    : Path.of("runs", LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss")));
            try (RunFolder run = new RunFolder(folder);
                    Trainer trainer = new Trainer(backend, model, chosen, options, split.train(), test);
                    GapOptions.Meter meter = gap.meter(trainer.vae(), test, options)) {
                run.writeConfiguration(configuration(backend, model, chosen, options, split.train(), test));
                TrainingResult result = train(trainer, meter, run, err);
                ModelFile.write(run.model(), trainer.vae(), metadata);
                new Pictures(run, standardization, err::println).draw(trainer.vae(), test, result.epochs(), seed);
                report(result, folder);
                standardization.ifPresent(map -> err.println(UnitOptions.note(map)));
            }
        }
        return 0;
    }

    /** Which data it reads. */
    DataOptions data() {
        return data;
    }

    private TrainingResult train(Trainer trainer, GapOptions.Meter meter, RunFolder run, PrintWriter err) {
        try (ProgressLine progress = new ProgressLine(trainer.steps(), err)) {
            return trainer.run(new TrainingListener() {
                @Override
                public void onStep(long step, long steps) {
                    progress.onStep(step, steps);
                }

                @Override
                public void onEpoch(EpochMetrics epoch) {
                    run.append(epoch, meter.after(epoch.epoch()));
                    progress.onEpoch(epoch);
                }
            });
        }
    }

    private VaeSpec model(int inputs, boolean plain) {
        Likelihood chosen = Likelihood.of(likelihood);
        if (!variance.equals("shared") && !variance.equals("per-dimension")) {
            throw new IllegalArgumentException("variance '" + variance + "' is none of shared, per-dimension");
        }
        boolean perDimension = variance.equals("per-dimension");
        if (perDimension && chosen != Likelihood.GAUSSIAN_LEARNED) {
            throw new IllegalArgumentException("variance per-dimension needs --likelihood gaussian-learned");
        }
        if (binarize && chosen != Likelihood.BERNOULLI) {
            throw new IllegalArgumentException("binarize needs --likelihood bernoulli");
        }
        return new VaeSpec(inputs, hidden, latent, Activation.of(activation), chosen, perDimension, !plain);
    }

    /** What the records refuse is an option given wrongly. */
    private static <T> T usage(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--" + e.getMessage());
        }
    }

    private void checkTargets(VaeSpec model, Dataset train, Dataset test, PrintWriter err) {
        if (model.likelihood() == Likelihood.BERNOULLI) {
            train.requireUnitInterval();
            test.requireUnitInterval();
            if (!binarize && !train.isBinary()) {
                err.println("note: the values are grey; the Bernoulli likelihood reads them as probabilities"
                        + " (--binarize draws binary pixels instead)");
            }
        }
    }

    private Map<String, String> metadata(Dataset train, Optional<Standardization> standardization, Objective chosen) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("elbo.data", data.name());
        metadata.put("elbo.objective", chosen.label());
        train.image().ifPresent(image -> metadata.put(ImageMetadata.KEY, ImageMetadata.write(image)));
        metadata.putAll(Inputs.metadata(train, standardization));
        return metadata;
    }

    private JsonObject configuration(
            Backend backend, VaeSpec model, Objective chosen, TrainingOptions options, Dataset train, Dataset test) {
        JsonObject json = new JsonObject();
        json.addProperty("elbo", new Main.Version().getVersion()[0]);
        json.add("arguments", CONFIGURATION.toJsonTree(GivenArguments.of(spec, OWN)));
        JsonObject dataJson = new JsonObject();
        dataJson.addProperty("name", data.name());
        dataJson.addProperty("train_examples", train.examples());
        dataJson.addProperty("test_examples", test.examples());
        dataJson.addProperty("features", train.features());
        dataJson.addProperty("standardize", unit.name());
        dataJson.addProperty("train_sha256", train.fingerprint());
        dataJson.addProperty("test_sha256", test.fingerprint());
        json.add("data", dataJson);
        json.add("model", JsonParser.parseString(model.toJson()));
        json.addProperty("objective", objectiveOptions.name());
        json.addProperty("samples", chosen.samples());
        json.addProperty("kl", objectiveOptions.kl());
        if (chosen.control() != KlControl.NONE) {
            JsonObject control = CONFIGURATION.toJsonTree(chosen.control()).getAsJsonObject();
            control.addProperty("kind", chosen.control().getClass().getSimpleName());
            json.add("kl_control", control);
        }
        json.add("training", CONFIGURATION.toJsonTree(options));
        json.addProperty("backend", backend.name() + ": " + backend.description());
        return json;
    }

    private void report(TrainingResult result, Path folder) {
        EpochMetrics kept = result.kept();
        String value = Double.isNaN(kept.test().elbo())
                ? String.format(
                        Locale.ROOT, "test reconstruction %.3f", kept.test().reconstruction())
                : String.format(Locale.ROOT, "test ELBO %.3f", kept.test().elbo());
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s nats per example after epoch %d of %d; results in %s%n",
                        value,
                        kept.epoch(),
                        result.epochs().size(),
                        folder);
    }
}
