package dev.elbo.serve;

import dev.elbo.Backends;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.OutputDistribution;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Network;
import dev.elbo.tensor.Closer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An opened model and all that answers calls. The views of a service share everything but codec and scorer, which know
 * the classes of their rows.
 *
 * @param backend a description for people
 * @param count of the replicas, whether they work or not
 */
record Served(
        Map<String, String> metadata,
        OutputDistribution distribution,
        String backend,
        int count,
        Replicas replicas,
        Codec codec,
        Scorer scorer) {

    /** @throws ElboException as {@link VaeService.Builder#build()} says */
    static Served open(VaeService.Builder builder) {
        Closer made = new Closer();
        try {
            List<Replica> all = new ArrayList<>();
            Backends.Choice choice = builder.choose(builder.backend);
            Backend backend = made.register(choice.backend());
            String name = builder.backend.equals("auto") ? backend.name() : builder.backend;
            VaeSpec spec;
            Map<String, String> metadata;
            InputSchema inputs;
            OutputDistribution distribution;
            float[] weights;
            double logVar;
            try (ModelFile.Loaded loaded = builder.model.get().load(backend)) {
                spec = loaded.vae().spec();
                metadata = Map.copyOf(loaded.metadata());
                inputs = InputSchema.of(builder.name, loaded);
                distribution = OutputDistribution.of(loaded.vae());
                weights = loaded.parameters().flat().toFloats();
                logVar = loaded.vae().storedLogVar();
            }
            int fitting =
                    backend.name().equals("cuda") ? 1 : Runtime.getRuntime().availableProcessors();
            int count = builder.replicas > 0 ? builder.replicas : fitting;
            for (int i = 0; i < count; i++) {
                Backend own = i == 0 ? backend : builder.choose(name).backend();
                all.add(made.register(
                        new Replica(own, spec, weights, logVar, builder.batchSize, builder.samples, builder.seed)));
            }
            Replicas replicas = new Replicas(all, builder.timeout);
            Unit unit = new Unit(inputs, builder.onNote);
            RowClasses classes = RowClasses.none(spec);
            return new Served(
                    metadata,
                    distribution,
                    choice.description(),
                    count,
                    replicas,
                    new Codec(spec, unit, replicas, classes),
                    new Scorer(inputs, Network.of(spec), unit, replicas, builder.batchSize, classes));
        } catch (Throwable thrown) {
            made.close();
            throw thrown;
        }
    }

    /** {@return the same with the classes of the rows of every call, which {@link VaeService#inClass} explains} */
    Served inClass(String... names) {
        RowClasses classes = RowClasses.of(codec.spec(), scorer.batch(), Objects.requireNonNull(names, "names"));
        return new Served(
                metadata,
                distribution,
                backend,
                count,
                replicas,
                new Codec(codec.spec(), codec.unit(), replicas, classes),
                new Scorer(scorer.inputs(), scorer.network(), scorer.unit(), replicas, scorer.batch(), classes));
    }
}
