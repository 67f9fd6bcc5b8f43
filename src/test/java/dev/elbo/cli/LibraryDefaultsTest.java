package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.backend.AdamSettings;
import dev.elbo.model.VaeSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Whoever sets nothing gets the same from the library as from the command line. */
class LibraryDefaultsTest {
    private static final CommandSpec TRAIN = new CommandLine(TrainCommand.class).getCommandSpec();

    private static String option(String name) {
        return TRAIN.findOption(name).defaultValue();
    }

    @Test
    void theModelIsTheSame() {
        VaeSpec spec = VaeSpec.builder(64).build();
        assertEquals(List.of(Integer.valueOf(option("--hidden"))), spec.hidden());
        assertEquals(Integer.valueOf(option("--latent")), spec.latent());
        assertEquals(option("--activation"), spec.activation().label());
        assertEquals(option("--likelihood"), spec.likelihood().label());
        assertEquals(option("--variance").equals("per-dimension"), spec.variancePerDimension());
    }

    @Test
    void theOptimiserIsTheSame() {
        assertEquals(Double.valueOf(option("--adam-epsilon")), AdamSettings.DEFAULT.epsilon());
        assertEquals(AdamSettings.DEFAULT, AdamSettings.withEpsilon(AdamSettings.DEFAULT.epsilon()));
    }
}
