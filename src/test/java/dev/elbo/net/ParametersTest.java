package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Layout;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParametersTest {
    private static VaeSpec spec(List<Integer> hidden, Component likelihood, boolean perDimension, boolean stochastic) {
        return VaeSpec.mlp(
                6,
                hidden,
                3,
                Activation.TANH,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                stochastic);
    }

    @Test
    void namesAndShapesAreThoseOfTheFiles() {
        Layout layout = Parameters.layout(spec(List.of(5, 4), Likelihood.GAUSSIAN_LEARNED, true, true));
        StringBuilder text = new StringBuilder();
        layout.slots()
                .forEach((name, slot) -> text.append(name + " " + slot.rows() + "x" + slot.cols())
                        .append('\n'));
        assertEquals("""
                encoder.0.weight 5x6
                encoder.0.bias 1x5
                encoder.1.weight 4x5
                encoder.1.bias 1x4
                mu.weight 3x4
                log_var.weight 3x4
                mu.bias 1x3
                log_var.bias 1x3
                decoder.0.weight 4x3
                decoder.0.bias 1x4
                decoder.1.weight 5x4
                decoder.1.bias 1x5
                output.weight 6x5
                output.bias 1x6
                output.log_var 1x6
                """, text.toString());
    }

    @Test
    void headsAreNeighbours() {
        Layout layout = Parameters.layout(spec(List.of(5), Likelihood.BERNOULLI, false, true));
        for (String kind : List.of("weight", "bias")) {
            Layout.Slot mu = layout.slot("mu." + kind);
            assertEquals(mu.offset() + mu.size(), layout.slot("log_var." + kind).offset());
        }
    }

    @Test
    void whatAModelDoesNotTrainIsNotThere() {
        assertEquals(
                List.of("mu.weight", "mu.bias", "output.weight", "output.bias"),
                List.copyOf(Parameters.layout(spec(List.of(), Likelihood.GAUSSIAN_OPTIMAL, false, false))
                        .slots()
                        .keySet()));
    }

    @Test
    void theNetworkCountsThem() {
        for (Component likelihood : TinyModel.likelihoods()) {
            for (List<Integer> hidden : List.of(List.<Integer>of(), List.of(5), List.of(5, 4), List.of(7, 5, 2))) {
                for (boolean stochastic : new boolean[] {true, false}) {
                    boolean perDimension = likelihood.equals(Likelihood.GAUSSIAN_LEARNED) && stochastic;
                    VaeSpec spec = spec(hidden, likelihood, perDimension, stochastic);
                    long values = Parameters.layout(spec).slots().values().stream()
                            .mapToLong(Layout.Slot::size)
                            .sum();
                    assertEquals(values, Network.of(spec).parameterCount(), spec.toString());
                }
            }
        }
    }
}
