package dev.elbo.cli;

import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.data.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "reconstruct",
        description = "Writes reconstructions of data: the mean of p(x|z) at the mean of the posterior, or with --draw"
                + " a draw from p(x|z) there.")
final class ReconstructCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Mixin
    private PartOptions part;

    @Option(names = "--count", paramLabel = "N", description = "Only the first N examples (default: all).")
    private Integer count;

    @Mixin
    private DrawOptions draw;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Random seed for the noise of --draw; the codes stay the posterior means (default: 0).")
    private long seed;

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        output.check(true);
        Check.atLeast("--count", count, 1);
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            Dataset all = part.load(data, inputs, err());
            Dataset examples = count == null ? all : all.first(count);
            try (DataSource source = classes.on(data, loaded, examples)) {
                Inference inference = draw.of(new Inference(loaded.vae(), seed));
                output.writeImages(
                        RowsOutput.made(inputs, examples.size(), into -> inference.reconstruct(source, into)),
                        examples.image());
            }
            err().println(examples.size() + " reconstructions" + draw.note() + output.where());
            return 0;
        });
    }
}
