package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.net.Kinds;
import dev.elbo.net.ModelImport;
import dev.elbo.net.Network;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Makes a model from the weights in a safetensors file of another program.",
            "The file needs encoder.0, ..., mu, log_var (without it: a plain autoencoder), decoder.0, ...,"
                    + " output, each with .weight (out, in) and .bias, and output.log_var if the variance is stored; in"
                    + " float32, float16 or bfloat16, or in float64, which is rounded. The decoder mirrors the encoder."
        })
final class ImportCommand extends Action {
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

    @Override
    public Integer call() {
        ModelOptions.requireOther(out, file);
        Activation hidden = Check.usage(() -> Activation.of(activation));
        Component output = Check.usage(() -> Kinds.LIKELIHOODS.component(likelihood));
        StoredModel model = ModelImport.read(file, parsed(), hidden, output, note -> err().println("note: " + note));
        model.write(out);
        out().println(Text.format(
                "%s: %s, %s, %,d weights",
                out,
                model.spec().summary(),
                Network.of(model.spec()).stochastic() ? "variational" : "plain",
                Network.of(model.spec()).parameterCount()));
        return 0;
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
