package dev.elbo.cli;

import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.LatentMixture;
import dev.elbo.analysis.mixture.Covariance;
import dev.elbo.analysis.mixture.GaussianMixture;
import dev.elbo.analysis.mixture.MixtureFile;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.io.Sha256;
import dev.elbo.io.Text;
import dev.elbo.net.ModelFile;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The distribution that codes are drawn from. A mixture is kept beside its model and reused by every later command that
 * does not ask for another: options that are not given are taken from the file.
 */
final class MixtureOptions {
    private static final int[] CANDIDATES = {1, 2, 5, 10, 20};
    private static final int MAX_COMPONENTS = 10_000;
    private static final String DATA = "elbo.mixture.data";
    private static final String FINGERPRINT = "elbo.mixture.data_sha256";
    private static final String ASKED = "elbo.mixture.candidates";
    private static final long BETWEEN_LINES = 5_000_000_000L;

    /** Seed of the fit; --seed seeds the draws, so that it can change without another fit. */
    private static final long SEED = 0;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--from",
            paramLabel = "P",
            description = "Distribution of the codes: prior, or mixture, a Gaussian mixture fitted to the codes of the"
                    + " training part of --data and kept as " + MixtureFile.NAME
                    + " beside the model (default: ${DEFAULT-VALUE}).")
    private String from = "prior";

    @Option(
            names = "--components",
            paramLabel = "N",
            split = ",",
            description =
                    "Number of mixture components; among several numbers, the Bayesian information criterion chooses"
                            + " (default: 1,2,5,10,20).")
    private int[] components;

    @Option(
            names = "--covariance",
            paramLabel = "FORM",
            description = "Covariance of the mixture components: full or diagonal (default: full).")
    private Covariance covariance;

    @Mixin
    private DataOptions data;

    /** {@return the options for reading data, those of the mixture and others} */
    DataOptions data() {
        return data;
    }

    /** Returns whether codes come from a mixture, and checks the options before any work is done. */
    boolean mixture() {
        Check.oneOf("--from", from, List.of("prior", "mixture"));
        boolean mixture = from.equals("mixture");
        for (String option : List.of("--components", "--covariance", "--data", "--labels", "--data-on-device")) {
            if (!mixture && isGiven(option)) {
                throw ElboException.usage(option + " needs --from mixture; the prior is N(0, I) for any data");
            }
        }
        if (components != null && Arrays.stream(components).anyMatch(n -> n < 1 || n > MAX_COMPONENTS)) {
            throw ElboException.usage("--components must be 1 to " + MAX_COMPONENTS + ", not " + text(components));
        }
        return mixture;
    }

    private boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private static String text(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    /** Reads the stored mixture if it fits the options, otherwise fits and stores a new one. */
    GaussianMixture load(ModelOptions model, ModelFile.Loaded loaded) {
        PrintWriter err = spec.commandLine().getErr();
        Path file = model.file().resolveSibling(MixtureFile.NAME);
        String digest = Sha256.ofFile(model.file());
        if (Files.exists(file)) {
            MixtureFile stored = MixtureFile.read(file);
            List<String> differences = differences(stored, digest);
            if (differences.isEmpty()) {
                int latent = loaded.vae().spec().latent();
                if (stored.mixture().dimensions() != latent) {
                    throw ElboException.data(
                            file + ": has " + stored.mixture().dimensions() + " dimensions, but the model's codes have "
                                    + latent + "; delete the file to fit a new mixture");
                }
                say(err, stored, "from " + file);
                return stored.mixture();
            }
            err.println("note: " + file + " " + String.join(", ", differences) + "; it is replaced");
        }
        MixtureFile fitted = fit(model, loaded, digest, err);
        fitted.write(file);
        say(err, fitted, "in " + file);
        return fitted.mixture();
    }

    private List<String> differences(MixtureFile stored, String digest) {
        List<String> differences = new ArrayList<>();
        if (!stored.model().equals(digest)) {
            differences.add("belongs to another model");
            return differences;
        }
        Map<String, String> notes = stored.notes();
        if (isGiven("--data") && !data.name().equals(notes.get(DATA))) {
            differences.add("was fitted to other data");
        }
        if (components != null && !text(components).equals(notes.get(ASKED))) {
            differences.add("was fitted with other --components");
        }
        if (covariance != null && covariance != stored.mixture().covariance()) {
            differences.add("has another --covariance");
        }
        return differences;
    }

    private MixtureFile fit(ModelOptions model, ModelFile.Loaded loaded, String digest, PrintWriter err) {
        Dataset examples = data.load(model.inputs(loaded), err).train();
        if (loaded.vae().spec().conditional()) {
            ClassOptions.requireLabels(examples, "the model is told the class of each example", "or draw --from prior");
        }
        int[] candidates = components == null ? CANDIDATES : components;
        long[] next = {System.nanoTime() + BETWEEN_LINES};
        GaussianMixture mixture;
        try (DataSource source = data.on(loaded, examples)) {
            mixture = LatentMixture.fit(
                    loaded.vae(),
                    source,
                    candidates,
                    covariance == null ? Covariance.FULL : covariance,
                    SEED,
                    (count, step, value) -> {
                        if (System.nanoTime() >= next[0]) {
                            next[0] = System.nanoTime() + BETWEEN_LINES;
                            err.println(Text.format(
                                    "fitting %d components: step %d, %.4f nats a code", count, step, value));
                        }
                    });
        }
        Map<String, String> notes = new TreeMap<>();
        notes.put(DATA, data.name());
        notes.put(FINGERPRINT, examples.fingerprint());
        notes.put(ASKED, text(candidates));
        return new MixtureFile(mixture, digest, notes);
    }

    private static void say(PrintWriter err, MixtureFile file, String where) {
        GaussianMixture mixture = file.mixture();
        err.println(Text.format(
                "mixture of %d components, %s covariance, BIC %.1f, %s",
                mixture.components(), mixture.covariance(), mixture.bic(), where));
    }
}
