package dev.elbo.cli;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.elbo.Backends;
import dev.elbo.analysis.PosteriorTerms;
import dev.elbo.backend.Backend;
import dev.elbo.demo.PosteriorDemo;
import dev.elbo.demo.PosteriorReport;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "posterior",
        description = {
            "Shows log p(x) = ELBO(q) + KL(q ‖ p(z|x)) with numbers: in probabilistic PCA, where all three"
                    + " are known, in a mixture fitted by expectation maximisation, and in a VAE.",
            "Computes in float64 on the reference backend, in a few seconds."
        })
final class PosteriorCommand extends Action {
    private static final Gson JSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .create();
    /** Steps of expectation maximisation that are shown at the start; of the others, only the last. */
    private static final int FIRST_STEPS = 6;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Random seed of the data, weights and noise (default: 0).")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "Also draw posterior.png into this folder.")
    private Path out;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (out != null) {
            makeFolder();
        }
        PosteriorReport report;
        try (Backend backend = Backends.reference()) {
            report = PosteriorDemo.run(backend, seed);
        }
        if (json) {
            out().println(JSON.toJson(report));
        } else {
            pca(report.pca());
            em(report.em());
            amortized(report.amortized(), report.em());
        }
        if (out != null) {
            PosteriorDemo.writePng(out.resolve("posterior.png"), report);
        }
        return 0;
    }

    private void makeFolder() {
        if (out.toString().isEmpty()) {
            throw ElboException.usage("--out is empty; give a folder");
        }
        try {
            Files.createDirectories(out);
        } catch (FileAlreadyExistsException e) {
            throw ElboException.io(out + ": is a file, not a folder; give another --out", e);
        } catch (IOException e) {
            throw ElboException.io(
                    out + ": cannot be written to: " + Messages.reason(e) + "; give another folder with --out", e);
        }
    }

    private void line(String format, Object... values) {
        out().println(Text.format(format, values));
    }

    private void header(String label) {
        line("    %-30s %10s   %10s   %18s", label, "log p(x)", "ELBO", "KL(q ‖ posterior)");
    }

    private void row(String label, PosteriorTerms terms) {
        line("    %-30s %10.4f = %10.4f + %18.4f", label, terms.logDensity(), terms.elbo(), terms.gap());
    }

    private static String list(double[] values) {
        return Arrays.stream(values)
                .mapToObj(value -> Text.format("%.4f", value))
                .collect(Collectors.joining("  "));
    }

    private void pca(PosteriorReport.Pca pca) {
        line(
                "(a) Probabilistic PCA: %d examples of %d values, %d latent units, s² = %.0f. Everything is known.",
                pca.examples(), pca.eigenvalues().length, pca.latents(), pca.variance());
        line("    eigenvalues λ of the data  %s", list(pca.eigenvalues()));
        line("    a unit with λ ≤ s² collapses; the KL of the others from the prior is ½ ln(λ/s²) on average");
        header("one example, q is");
        pca.choices().forEach(choice -> row(choice.q(), choice.terms()));
        PosteriorReport.Choice sampled = pca.choices().get(pca.choices().size() - 2);
        line("    K draws z = μ + σε of '%s': the bound L_K, with its standard error", sampled.q());
        for (PosteriorReport.Bound bound : pca.bounds()) {
            line("    K = %-26d %10s   %10.4f ± %.4f", bound.samples(), "", bound.mean(), bound.standardError());
        }
        line("    the optimum of a β-VAE is that of s² = β");
        for (PosteriorReport.Beta beta : pca.betas()) {
            line("    β = %-4.0f active units %d, KL %.4f", beta.beta(), beta.activeUnits(), beta.kl());
        }
        header("a linear VAE, after epoch");
        epochs(pca.epochs());
        line("    %-30s %10.4f", "no linear VAE is above", pca.optimum());
        line("    KL per unit         %s", list(pca.kl()));
        line("    in closed form      %s", list(pca.optimalKl()));
    }

    private void epochs(List<PosteriorReport.Epoch> epochs) {
        epochs.forEach(epoch -> row(Integer.toString(epoch.epoch()), epoch.terms()));
    }

    private void em(PosteriorReport.Em em) {
        line("");
        line(
                "(b) Expectation maximisation: a mixture of %d Gaussians on %d examples. The E-step makes q the posterior.",
                em.components(), em.examples());
        header("after step");
        int count = em.steps().size();
        for (int i = 0; i < count; i++) {
            if (i < FIRST_STEPS || i >= count - 2) {
                PosteriorReport.EmStep step = em.steps().get(i);
                row(step.half() + " " + step.iteration(), step.terms());
            } else if (i == FIRST_STEPS) {
                line("    …");
            }
        }
    }

    private void amortized(PosteriorReport.Amortized vae, PosteriorReport.Em em) {
        line("");
        line(
                "(c) Amortised: a VAE with one latent unit and %d hidden ones on the same examples. Its encoder is q.",
                vae.hidden());
        header("after epoch");
        epochs(vae.epochs());
        PosteriorTerms last = vae.epochs().get(vae.epochs().size() - 1).terms();
        PosteriorTerms mixture = em.steps().get(em.steps().size() - 1).terms();
        line(
                "    The encoder is not the posterior: %.4f nats apart on average, %.4f at worst; the mixture's q is"
                        + " %.4f apart.",
                last.gap(), vae.worstGap(), mixture.gap());
    }
}
