package dev.elbo.cli;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.data.ClassLabels;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Kinds;
import dev.elbo.net.Network;
import dev.elbo.train.LearningRate;
import dev.elbo.train.OnNan;
import dev.elbo.train.TrainingOptions;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model and its training. Invalid numbers throw an {@link IllegalArgumentException} that names the option. */
final class TrainOptions {
    private static final double LEARNING_RATE = 1e-3;
    private static final String COLUMNS = "columns";

    @Option(
            names = "--hidden",
            paramLabel = "N,..",
            split = ",",
            description =
                    "Units of the encoder's dense hidden layers; the decoder mirrors them (default: 400, with --conv"
                            + " 256).")
    private List<Integer> hidden;

    @Mixin
    private ConvolutionOptions conv;

    @Option(
            names = "--conditional",
            description =
                    "Tell encoder and decoder the class of each example, the data's label; sample --class then draws"
                            + " examples of one class.")
    private boolean conditional;

    /** The classes of the model whose weights are the start; or null. */
    private List<String> classes;

    /** The model whose layers are taken where no widths describe them; or null. */
    private VaeSpec layers;

    @Option(names = "--latent", paramLabel = "J", description = "Latent units (default: ${DEFAULT-VALUE}).")
    private int latent = 20;

    @Option(
            names = "--activation",
            paramLabel = "A",
            description = "Activation of the hidden layers: identity, relu, leaky_relu, elu, tanh, sigmoid or softplus"
                    + " (default: ${DEFAULT-VALUE}).")
    private String activation = "relu";

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            description = "Likelihood of x: gaussian (unit variance), gaussian-optimal (one variance, at its optimum),"
                    + " gaussian-learned, bernoulli, or columns: that of each column of a table, which may have gaps,"
                    + " by its kind (default: ${DEFAULT-VALUE}).")
    private String likelihood = "gaussian-optimal";

    @Option(
            names = "--column",
            paramLabel = "NAME=KIND",
            description =
                    "Kind of a column of a table: gaussian, bernoulli, categorical, poisson or negative-binomial;"
                            + " repeat the option for several (default: by its values: two different ones are bernoulli, words"
                            + " categorical, whole numbers of at most 12 different values categorical, other numbers gaussian).")
    private List<String> kinds = List.of();

    @Option(
            names = "--variance",
            paramLabel = "V",
            description = "Variance of gaussian-learned: shared or per-dimension (default: ${DEFAULT-VALUE}).")
    private String variance = "shared";

    @Mixin
    private ObjectiveOptions objective;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the data (default: " + TrainingOptions.DEFAULT_EPOCHS
                    + ", or the sum of --learning-rate-steps).")
    private Integer epochs;

    @Option(
            names = "--patience",
            paramLabel = "EPOCHS",
            description = "Stop when the test ELBO has not improved for this many epochs, and keep the best weights; 0"
                    + " trains to the end and keeps the last (default: " + TrainingOptions.DEFAULT_PATIENCE
                    + ", or 0 if the KL divergence is controlled).")
    private Integer patience;

    @Option(names = "--batch", paramLabel = "N", description = "Examples per step (default: ${DEFAULT-VALUE}).")
    private int batch = 128;

    @Option(
            names = "--shards",
            paramLabel = "S",
            description =
                    "Logical shards of the run: every batch has as many rows of each, and gradients are added over the shards in"
                            + " a fixed order, so that threads and devices (--backend cuda:0,cuda:1) do not change the result,"
                            + " and S does; a divisor of --batch (default: ${DEFAULT-VALUE}).")
    private int shards = 1;

    @Option(
            names = "--local-steps",
            paramLabel = "K",
            description =
                    "Steps that each shard takes on weights of its own before weights and moments are averaged over the"
                            + " shards; less exchange between machines (Spark), and more steps for the same loss (default:"
                            + " ${DEFAULT-VALUE}, none of its own).")
    private int localSteps = 1;

    @Option(
            names = "--drop-last",
            description =
                    "Leave out the partial last batch of every epoch (default: train on it, weighted by its size).")
    private boolean dropLast;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            description = "Learning rate of Adam (default: " + LEARNING_RATE + ").")
    private Double learningRate;

    @Option(
            names = "--learning-rate-warmup",
            paramLabel = "EPOCHS",
            description = "Epochs over which the learning rate grows linearly to its full value (default: 0).")
    private double learningRateWarmup;

    @Option(
            names = "--learning-rate-decay",
            paramLabel = "D",
            defaultValue = "constant",
            description = "Decay of the learning rate: constant, linear or cosine, to 0 at the last epoch (default:"
                    + " ${DEFAULT-VALUE}).")
    private LearningRate.Decay decay;

    @Option(
            names = "--learning-rate-steps",
            paramLabel = "EPOCHS:RATE,..",
            hideParamSyntax = true,
            split = ",",
            description =
                    "Learning rates in stages: 10:1e-3,20:5e-4 trains 10 epochs at 1e-3, then 20 at 5e-4. If --epochs"
                            + " is larger than their sum, training continues at the last rate.")
    private List<String> learningRateSteps = List.of();

    @Option(
            names = "--adam-epsilon",
            paramLabel = "E",
            defaultValue = "1e-8",
            description = "Adam's epsilon, added to the square root of the second moment (default: ${DEFAULT-VALUE}).")
    private double adamEpsilon;

    @Option(
            names = "--binarize",
            description = "Draw binary pixels anew for every batch, with the values as probabilities (Bernoulli).")
    private boolean binarize;

    @Option(
            names = "--on-nan",
            paramLabel = "WHAT",
            defaultValue = "stop",
            description =
                    "Action if a loss, gradient or weight becomes NaN or infinite: stop with exit code 6, or rollback"
                            + " to the last checkpoint and halve the learning rate, at most five times (default:"
                            + " ${DEFAULT-VALUE}).")
    private OnNan onNan;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Random seed of the weights, order and noise (default: 0).")
    private long seed;

    ObjectiveOptions objective() {
        return objective;
    }

    boolean binarize() {
        return binarize;
    }

    int shards() {
        return shards;
    }

    TrainingOptions training(DataPlacement placement) {
        LearningRate rates = learningRate();
        TrainingOptions.Builder builder = TrainingOptions.builder()
                .batchSize(batch)
                .adam(AdamSettings.withEpsilon(adamEpsilon))
                .learningRate(rates)
                .klWeight(objective.klWeight())
                .seed(seed)
                .binarize(binarize)
                .dataPlacement(placement)
                .dropLast(dropLast)
                .shards(shards)
                .localSteps(localSteps)
                .onNan(onNan);
        if (epochs != null) {
            builder.epochs(epochs);
        } else if (!rates.stages().isEmpty()) {
            builder.epochs(LearningRate.epochs(rates.stages()));
        }
        if (patience != null) {
            builder.patience(patience);
        }
        return builder.build();
    }

    private LearningRate learningRate() {
        List<LearningRate.Stage> stages =
                learningRateSteps.stream().map(LearningRate.Stage::parse).toList();
        if (!stages.isEmpty() && learningRate != null) {
            throw new IllegalArgumentException("learning-rate and --learning-rate-steps exclude each other");
        }
        double first = stages.isEmpty() ? LEARNING_RATE : stages.get(0).rate();
        return new LearningRate(learningRate != null ? learningRate : first, learningRateWarmup, decay, stages);
    }

    /** Takes the options of the model that were not given from another model. */
    void completeBy(VaeSpec model, GivenOptions given) {
        if (!given.has("--hidden") && !given.has("--conv")) {
            hidden = model.hidden().orElse(hidden);
            layers = model.hidden().isPresent() ? null : model;
        }
        conditional |= model.conditional();
        classes = model.conditional() ? model.classes() : null;
        if (!given.has("--latent")) {
            latent = model.latent();
        }
        if (!given.has("--activation")) {
            activation = model.activation().label();
        }
        if (!given.has("--likelihood")) {
            likelihood = model.likelihood().kind();
        }
        if (!given.has("--variance") && likelihood.equals(Likelihood.GAUSSIAN_LEARNED.kind())) {
            variance = model.likelihood().equals(Likelihood.GAUSSIAN_LEARNED) ? "shared" : "per-dimension";
        }
        if (!given.has("--objective") && !Network.of(model).stochastic()) {
            objective.bePlain();
        }
    }

    /** {@return the model for any data, to check what does not depend on them} */
    VaeSpec anyModel() {
        conv.list();
        int inputs = layers == null ? 1 : layers.inputs();
        Columns any = new Columns(Collections.nCopies(inputs, Columns.Column.of(ColumnKind.GAUSSIAN)));
        return checked(builder(inputs, readsTable() ? Likelihood.columns(any) : null));
    }

    /** {@return whether data are rows of a table whose columns have a kind each} */
    boolean readsTable() {
        return likelihood.equals(COLUMNS);
    }

    /**
     * Says how the data are read.
     *
     * @param table the columns of the model whose weights are the start; empty if there is none
     */
    void read(DataOptions data, Optional<Table> table) {
        if (readsTable()) {
            data.columns().readTable(kinds, table);
        } else if (!kinds.isEmpty() || data.columns().options().isPresent()) {
            throw ElboException.usage(
                    (kinds.isEmpty() ? "--missing and --unknown need" : "--column needs") + " --likelihood columns");
        }
    }

    /** {@return the model for some data} */
    VaeSpec model(Split data) {
        Optional<Table> table = data.train().table();
        VaeSpec.Builder builder = builder(
                data.train().features(),
                table.map(known -> Likelihood.columns(known.modelled())).orElse(null));
        if (!conv.isEmpty()) {
            builder.convolutions(picture(data.train()), conv.list().toArray(Convolution[]::new));
        }
        VaeSpec model = checked(builder);
        return conditional ? model.withClasses(classes(data)) : model;
    }

    private static FeatureMap picture(Dataset train) {
        ImageShape shape = train.image()
                .orElseThrow(() -> ElboException.data(train.name() + ": --conv needs pictures, and the shape of these"
                        + " examples is not known; read pictures, or an array of (N, height, width) or (N, channels,"
                        + " height, width)"));
        return new FeatureMap(shape.channels(), shape.height(), shape.width());
    }

    private List<String> classes(Split data) {
        data.all()
                .forEach(part -> ClassOptions.requireLabels(
                        part,
                        "a model with classes is told that of each example",
                        classes == null ? "or leave out --conditional" : "or start from a model without classes"));
        if (classes == null) {
            return ClassLabels.names(data);
        }
        // refuses other labels before anything is written
        data.all().forEach(part -> ClassLabels.of(part, classes));
        return classes;
    }

    /** @param columns the likelihood of a table; null for other data */
    private VaeSpec.Builder builder(int inputs, Component columns) {
        Component chosen = columns != null ? columns : Kinds.LIKELIHOODS.component(likelihood);
        Check.oneOf("--variance", variance, List.of("shared", "per-dimension"));
        boolean perDimension = variance.equals("per-dimension");
        if (perDimension && !chosen.equals(Likelihood.GAUSSIAN_LEARNED)) {
            throw new IllegalArgumentException("variance per-dimension needs --likelihood gaussian-learned");
        }
        VaeSpec.Builder builder = VaeSpec.builder(inputs)
                .latent(latent)
                .activation(Activation.of(activation))
                .likelihood(perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : chosen);
        if (hidden != null) {
            builder.hidden(hidden.stream().mapToInt(width -> width).toArray());
        }
        return objective.isPlain() ? builder.deterministic() : builder;
    }

    private VaeSpec checked(VaeSpec.Builder builder) {
        VaeSpec model = layers == null ? builder.build() : builder.build().withLayersOf(layers);
        if (binarize && !Network.of(model).likelihood().binary()) {
            throw new IllegalArgumentException("binarize needs --likelihood bernoulli");
        }
        return model;
    }
}
