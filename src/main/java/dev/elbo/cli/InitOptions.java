package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The weights that a training starts from. */
final class InitOptions {
    @Option(
            names = "--init-from",
            paramLabel = "MODEL",
            description = "Start from the weights of a model.safetensors, or of the folder of a run, instead of random"
                    + " ones. --hidden, --latent, --activation, --likelihood, --variance and the classes default to the model's;"
                    + " given ones must leave every tensor its shape. Steps, schedules and the optimiser begin anew."
                    + " --resume needs the same file again.")
    private Path path;

    private StoredModel model;

    /** Reads the model, and lets it complete the options. */
    void read(TrainOptions options, GivenOptions given) {
        if (path != null) {
            model = StoredModel.read(ModelOptions.file(path));
            options.completeBy(model.spec(), given);
        }
    }

    /** {@return the columns of the table that the model was trained on, if it was} */
    Optional<Table> table() {
        return model == null
                ? Optional.empty()
                : InputSchema.of(path.toString(), model).table();
    }

    StoredModel model() {
        return model;
    }

    /** Refuses data of another width, and, as a usage error, options that make another model. */
    void check(VaeSpec spec, Dataset train) {
        if (model == null) {
            return;
        }
        if (train.features() != model.spec().inputs()) {
            throw ElboException.data(train.name() + " has " + train.features() + " values an example, but the model "
                    + path + " of --init-from takes " + model.spec().inputs()
                    + "; give data with that many, or another model");
        }
        model.differences(spec).ifPresent(differences -> {
            throw ElboException.usage("--init-from " + path + ": its tensors do not fit " + spec.summary() + ": "
                    + differences
                    + "; leave out --hidden, --latent, --likelihood, --variance, --objective and --conditional,"
                    + " or give"
                    + " another model");
        });
    }

    void describe(JsonObject configuration) {
        if (model != null) {
            JsonObject initial = new JsonObject();
            initial.addProperty("model", path.toString());
            initial.addProperty("sha256", model.sha256());
            configuration.add("initial_weights", initial);
        }
    }
}
