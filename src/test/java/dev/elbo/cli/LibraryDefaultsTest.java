package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Whoever sets nothing gets the same from the library as from the command line. */
class LibraryDefaultsTest {
    private static TrainOptions given(String... words) {
        return CommandLine.populateCommand(new TrainOptions(), words);
    }

    private static TrainingOptions training(TrainOptions options) {
        return options.training(options.objective().objective(), DataPlacement.AUTO);
    }

    @Test
    void theModelIsTheSame() {
        assertEquals(given().model(64), VaeSpec.builder(64).build());
        assertEquals(
                given("--objective", "ae").model(64),
                VaeSpec.builder(64).deterministic().build());
    }

    @Test
    void theObjectiveIsTheSame() {
        assertEquals(given().objective().objective(), Elbo.STANDARD);
    }

    /** A steered one among them, which has no patience. */
    @ParameterizedTest
    @ValueSource(
            strings = {"--objective vae", "--objective ae", "--objective iwae", "--objective constrained --kl-target 3"
            })
    void theTrainingIsTheSame(String words) {
        TrainOptions options = given(words.split(" "));
        Objective objective = options.objective().objective();
        assertEquals(training(options), TrainingOptions.builder(objective).build());
    }

    @Test
    void theTrainingOfThePlainObjectiveIsTheSame() {
        assertEquals(training(given()), TrainingOptions.builder().build());
        assertNotEquals(
                training(given("--patience", "0")), TrainingOptions.builder().build());
        assertEquals(
                training(given("--patience", "0", "--drop-last", "--seed", "3", "--beta", "2")),
                TrainingOptions.builder()
                        .patience(0)
                        .dropLast(true)
                        .seed(3)
                        .klWeight(2)
                        .build());
    }

    @Test
    void runsAreSavedAsOften() {
        String every = new CommandLine(TrainCommand.class)
                .getCommandSpec()
                .findOption("--checkpoint-every")
                .defaultValue();
        assertEquals(CheckpointRule.parse(every), CheckpointRule.AUTO);
    }
}
