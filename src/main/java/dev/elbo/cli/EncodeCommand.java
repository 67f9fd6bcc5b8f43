package dev.elbo.cli;

import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "encode", description = "Writes the latent codes of data, the posterior means, one row per example.")
final class EncodeCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Mixin
    private PartOptions part;

    @Option(names = "--noise", description = "Draw the codes from the posterior instead of taking its mean.")
    private boolean noise;

    @Option(names = "--seed", paramLabel = "S", description = "Random seed for the sampling noise (default: 0).")
    private long seed;

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        output.check(false);
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            if (noise && !loaded.vae().network().stochastic()) {
                throw ElboException.usage("--noise: the model is a plain autoencoder, which has no posterior");
            }
            Dataset examples = part.load(data, inputs, err());
            try (DataSource source = classes.on(data, loaded, examples)) {
                Inference inference = new Inference(loaded.vae(), seed);
                output.write(RowsOutput.ofFloats(
                        RowsOutput.names("z", loaded.vae().spec().latent()),
                        examples.size(),
                        into -> inference.encode(source, noise, into)));
            }
            err().println(examples.size() + " codes" + output.where());
            return 0;
        });
    }
}
