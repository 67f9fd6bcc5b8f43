package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.net.ModelImport;
import dev.elbo.net.StoredModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "import",
        description = {
            "Makes a model of weights in a safetensors file of another program.",
            "The file needs encoder.0, ..., mu, log_var (none: a plain autoencoder), decoder.0, ..., output, each with"
                    + " .weight (out, in) and .bias, and output.log_var where the variance is stored; float32, float16"
                    + " and bfloat16, or float64, which is rounded. The decoder mirrors the encoder."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "A safetensors file.")
    private Path file;

    @Option(
            names = "--out",
            paramLabel = "MODEL",
            required = true,
            description = "The model to write, MODEL.safetensors.")
    private Path out;

    @Option(
            names = "--activation",
            paramLabel = "A",
            required = true,
            description = "Behind every hidden layer: identity, relu, leaky_relu, elu, tanh, sigmoid or softplus.")
    private String activation;

    @Option(
            names = "--likelihood",
            paramLabel = "L",
            required = true,
            description = "What the output is: gaussian (unit variance), gaussian-optimal or gaussian-learned (with"
                    + " output.log_var), or bernoulli (logits).")
    private String likelihood;

    @Option(
            names = "--rename",
            paramLabel = "FROM=TO",
            description =
                    "Reads fc1=encoder.0 for fc1.weight and fc1.bias; module= takes a prefix away. Repeatable, one"
                            + " after the other.")
    private List<String> renames = List.of();

    @Override
    public Integer call() {
        ModelOptions.requireOther(out, file);
        PrintWriter err = spec.commandLine().getErr();
        Activation hidden = chosen(() -> Activation.of(activation));
        Likelihood output = chosen(() -> Likelihood.of(likelihood));
        StoredModel model = ModelImport.read(file, parsed(), hidden, output, note -> err.println("note: " + note));
        model.write(out);
        spec.commandLine()
                .getOut()
                .println(Text.format(
                        "%s: %s, %s, %,d weights",
                        out,
                        model.spec().summary(),
                        model.spec().stochastic() ? "variational" : "plain",
                        model.spec().parameterCount()));
        return 0;
    }

    private List<ModelImport.Rename> parsed() {
        List<ModelImport.Rename> parsed = new ArrayList<>();
        for (String rename : renames) {
            int equals = rename.indexOf('=');
            if (equals < 1) {
                throw ElboException.usage("--rename " + rename + ": FROM=TO is needed");
            }
            parsed.add(new ModelImport.Rename(rename.substring(0, equals), rename.substring(equals + 1)));
        }
        return parsed;
    }

    private static <T> T chosen(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw OptionNames.refusal(e);
        }
    }
}
