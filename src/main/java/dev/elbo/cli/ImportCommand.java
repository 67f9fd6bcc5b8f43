package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ImportOptions;
import dev.elbo.net.Kinds;
import dev.elbo.net.ModelImport;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Makes a model from the weights in a safetensors file of another program.",
            "The file needs encoder.0, ..., mu, log_var (without it: a plain autoencoder), decoder.0, ...,"
                    + " output, each with .weight and .bias as PyTorch's Linear, Conv2d and ConvTranspose2d have them,"
                    + " and output.log_var if the variance is stored; in"
                    + " float32, float16 or bfloat16, or in float64, which is rounded. The decoder mirrors the encoder."
        })
final class ImportCommand extends Action {
    private static final Pattern SHAPE = Pattern.compile("[1-9][0-9]{0,5}(x[1-9][0-9]{0,5}){2}");
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,9}");

    @Parameters(index = "0", paramLabel = "FILE", description = "Safetensors file to read.")
    private Path file;

    @Option(names = "--out", paramLabel = "MODEL", required = true, description = "Model to write, MODEL.safetensors.")
    private Path out;

    @Option(
            names = "--activation",
            paramLabel = "A",
            required = true,
            description =
                    "Activation of every hidden layer: identity, relu, leaky_relu, elu, tanh, sigmoid or softplus.")
    private String activation;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            required = true,
            description =
                    "Likelihood of the output: gaussian (unit variance), gaussian-optimal or gaussian-learned (with"
                            + " output.log_var), or bernoulli (logits).")
    private String likelihood;

    @Option(
            names = "--rename",
            paramLabel = "FROM=TO",
            description = "Renames tensors: fc1=encoder.0 reads fc1.weight and fc1.bias as those of encoder.0; module="
                    + " removes a prefix. May be repeated; renames apply in order.")
    private List<String> renames = List.of();

    @Mixin
    private ConvolutionOptions conv;

    @Option(
            names = "--picture",
            paramLabel = "CxHxW",
            description =
                    "Shape of the picture that an example makes: channels, height and width, such as 1x28x28. The model"
                            + " remembers it.")
    private String picture;

    @Option(
            names = "--classes",
            paramLabel = "NAMES",
            description =
                    "Classes whose one-hot columns encoder and decoder are given, behind the others: names with commas"
                            + " between them, label 0 first, or their number.")
    private String classes;

    @Override
    public Integer call() {
        ModelOptions.requireOther(out, file);
        StoredModel model = ModelImport.read(file, options(), note -> err().println("note: " + note));
        model.write(out);
        out().println(Text.format(
                "%s: %s, %s, %,d weights",
                out,
                model.spec().summary(),
                Network.of(model.spec()).stochastic() ? "variational" : "plain",
                Network.of(model.spec()).parameterCount()));
        return 0;
    }

    private ImportOptions options() {
        Activation hidden = Check.usage(() -> Activation.of(activation));
        Component output = Check.usage(() -> Kinds.LIKELIHOODS.component(likelihood));
        return withClasses(withPicture(ImportOptions.of(hidden, output).withRenames(parsed())));
    }

    private ImportOptions withPicture(ImportOptions options) {
        if (picture == null && !conv.isEmpty()) {
            throw ElboException.usage("--conv needs the shape of the picture, such as --picture 1x28x28");
        }
        if (picture == null) {
            return options;
        }
        FeatureMap shape = named("--picture", () -> shape(picture));
        return Check.usage(() -> options.withConvolutions(shape, conv.list()));
    }

    private static FeatureMap shape(String text) {
        if (!SHAPE.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not channels, height and width in the form 1x28x28");
        }
        return FeatureMap.of(Stream.of(text.split("x")).map(Integer::valueOf).toList());
    }

    private ImportOptions withClasses(ImportOptions options) {
        return classes == null ? options : named("--classes", () -> options.withClasses(names(classes)));
    }

    /** Returns the names of a list, or the numbers below a count. */
    private static List<String> names(String text) {
        if (!COUNT.matcher(text).matches()) {
            return List.of(text.split(",", -1));
        }
        int count = Integer.parseInt(text);
        if (count > VaeSpec.MAX_CLASSES) {
            throw new IllegalArgumentException("2 to " + VaeSpec.MAX_CLASSES + " are possible, not " + text);
        }
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static <T> T named(String option, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw ElboException.usage(option + ": " + e.getMessage());
        }
    }

    private List<ModelImport.Rename> parsed() {
        List<ModelImport.Rename> parsed = new ArrayList<>();
        for (String rename : renames) {
            int equals = rename.indexOf('=');
            if (equals < 1) {
                throw ElboException.usage("--rename " + rename + " is not of the form FROM=TO");
            }
            parsed.add(new ModelImport.Rename(rename.substring(0, equals), rename.substring(equals + 1)));
        }
        return parsed;
    }
}
