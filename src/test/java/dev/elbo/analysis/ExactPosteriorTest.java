package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.information.DiagonalGaussian;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import dev.elbo.verify.Draw;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** {@link LinearVae} and {@link GridPosterior}: what they say of a model is exact. */
class ExactPosteriorTest {
    private interface Use {
        void with(Vae vae, Arena parameters);
    }

    private static VaeSpec spec(int inputs, List<Integer> hidden, int latent, Component likelihood) {
        return VaeSpec.mlp(inputs, hidden, latent, Activation.TANH, likelihood, true);
    }

    private static void model(Backend backend, VaeSpec spec, Use use) {
        try (backend;
                Arena parameters = backend.allocate(Parameters.layout(spec));
                Vae vae = new Vae(backend, spec, parameters)) {
            use.with(vae, parameters);
        }
    }

    private static void random(Arena parameters, int seed) {
        Draw draw = new Draw(seed);
        for (String name : parameters.names()) {
            int count = Math.toIntExact(parameters.tensor(name).size());
            parameters.tensor(name).write(draw.normal(count, 0, 0.7));
        }
    }

    /** The worked example, as the weights of a VAE: the numbers are known to 15 digits. */
    @Test
    void theWorkedExample() {
        model(Backends.reference(), spec(3, List.of(), 2, Likelihood.GAUSSIAN_OPTIMAL), (vae, parameters) -> {
            parameters.tensor("mu.weight").write(new double[] {0.4, 0.1, 0, 0, -0.1, 0.4});
            parameters.tensor("mu.bias").write(new double[] {0.05, -0.05});
            parameters.tensor("log_var.weight").write(new double[6]);
            parameters.tensor("log_var.bias").write(new double[] {Math.log(0.25), Math.log(0.125)});
            parameters.tensor("output.weight").write(new double[] {1, 0, 0.5, -1, 0, 2});
            parameters.tensor("output.bias").write(new double[] {0.1, -0.2, 0.3});
            vae.storeLogVar(Math.log(0.5));
            PosteriorTerms terms = new LinearVae(vae).terms(new double[] {1, -1, 0.5});
            assertEquals(-4.539798628595616, terms.logDensity(), 1e-12);
            assertEquals(-4.585587780173963, terms.elbo(), 1e-12);
            assertEquals(0.045789151578347, terms.gap(), 1e-12);
        });
    }

    @Test
    void aLinearVaeIsReadAsItComputes() {
        model(Backends.reference(), spec(4, List.of(), 3, Likelihood.GAUSSIAN), (vae, parameters) -> {
            random(parameters, 1);
            LinearVae linear = new LinearVae(vae);
            float[] values = {0.5f, -1, 2, 0.25f, 1, 1, -0.5f, 0};
            Dataset data = Dataset.of("rows", values, 4);
            try (ResidentData resident = ResidentData.upload(vae.backend(), data)) {
                float[] codes = new Inference(vae, 0).encode(resident, false);
                for (int row = 0; row < 2; row++) {
                    double[] x = new double[4];
                    for (int i = 0; i < 4; i++) {
                        x[i] = values[4 * row + i];
                    }
                    for (int j = 0; j < 3; j++) {
                        assertEquals(codes[3 * row + j], linear.encode(x).mean()[j], 1e-6);
                    }
                    PosteriorTerms terms = linear.terms(x);
                    assertEquals(terms.logDensity(), terms.elbo() + terms.gap(), 1e-12 * -terms.logDensity());
                    DiagonalGaussian q = linear.encode(x);
                    double kl = q.kl(DiagonalGaussian.standard(3));
                    double[] units = linear.klPerUnit(new double[][] {x});
                    assertEquals(kl, units[0] + units[1] + units[2], 1e-12);
                }
            }
            double[] first = linear.encode(new double[] {1, 0, 0, 0}).mean();
            double[] second = linear.encode(new double[] {0, 1, 0, 0}).mean();
            double[] activity = linear.activity(new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0}});
            for (int j = 0; j < 3; j++) {
                assertEquals(Math.pow(first[j] - second[j], 2) / 4, activity[j], 1e-12);
            }
        });
    }

    @Test
    void theGridFindsTheClosedForm() {
        for (Backend backend :
                List.of(Backends.reference(), Backends.builder("cpu").threads(1).open())) {
            double bound = backend.name().equals("reference") ? 1e-12 : 1e-5;
            model(backend, spec(3, List.of(), 1, Likelihood.GAUSSIAN), (vae, parameters) -> {
                random(parameters, 2);
                LinearVae linear = new LinearVae(vae);
                double[][] rows = {{0.5, -1, 2}, {0, 0, 0}, {-3, 1, 1.5}};
                try (GridPosterior grid = new GridPosterior(vae)) {
                    for (double[] x : rows) {
                        PosteriorTerms expected = linear.terms(x);
                        PosteriorTerms actual = grid.terms(x);
                        double scale = bound * -expected.logDensity();
                        assertEquals(expected.logDensity(), actual.logDensity(), scale);
                        assertEquals(expected.elbo(), actual.elbo(), scale);
                        assertEquals(expected.gap(), actual.gap(), scale);
                    }
                    assertEquals(linear.terms(rows).gap(), grid.terms(rows).gap(), 10 * bound);
                }
                assertTrue(linear.terms(rows).gap() > 0.1);
            });
        }
    }

    /** Probabilities of all pictures of three binary pixels sum to 1, whatever the decoder. */
    @Test
    void theGridKnowsADistribution() {
        model(Backends.reference(), spec(3, List.of(8), 1, Likelihood.BERNOULLI), (vae, parameters) -> {
            random(parameters, 3);
            double total = 0;
            try (GridPosterior grid = new GridPosterior(vae)) {
                for (int picture = 0; picture < 8; picture++) {
                    double[] x = {picture & 1, picture >> 1 & 1, picture >> 2};
                    PosteriorTerms terms = grid.terms(x);
                    total += Math.exp(terms.logDensity());
                    assertEquals(terms.logDensity(), terms.elbo() + terms.gap(), 1e-12);
                    assertTrue(terms.gap() > 0);
                }
            }
            assertEquals(1, total, 1e-12);
        });
    }

    @Test
    void whatIsNotExactIsRefused() {
        model(
                Backends.reference(),
                spec(3, List.of(), 2, Likelihood.GAUSSIAN),
                (vae, parameters) -> assertThrows(IllegalArgumentException.class, () -> new GridPosterior(vae)));
        Consumer<VaeSpec> notLinear = spec -> model(
                Backends.reference(),
                spec,
                (vae, parameters) -> assertThrows(IllegalArgumentException.class, () -> new LinearVae(vae)));
        notLinear.accept(spec(3, List.of(4), 2, Likelihood.GAUSSIAN));
        notLinear.accept(spec(3, List.of(), 2, Likelihood.BERNOULLI));
        model(Backends.reference(), spec(3, List.of(), 1, Likelihood.GAUSSIAN), (vae, parameters) -> {
            random(parameters, 4);
            double[] x = {1, 1, 1};
            parameters.tensor("log_var.weight").write(new double[3]);
            parameters.tensor("log_var.bias").write(new double[] {-14});
            try (GridPosterior grid = new GridPosterior(vae)) {
                ElboException narrow = assertThrows(ElboException.class, () -> grid.terms(x));
                assertEquals(ElboException.Kind.NUMERIC, narrow.kind());
                parameters.tensor("log_var.bias").write(new double[] {0});
                parameters.tensor("mu.bias").write(new double[] {100});
                assertThrows(ElboException.class, () -> grid.terms(x));
            }
        });
    }
}
