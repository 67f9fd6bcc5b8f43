package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objectives;
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
        return options.training(DataPlacement.AUTO);
    }

    @Test
    void theModelIsTheSame() {
        Split data = Split.of(Dataset.of("some", new float[2 * 64], 64));
        assertEquals(given().model(data), VaeSpec.builder(64).build());
        assertEquals(
                given("--objective", "ae").model(data),
                VaeSpec.builder(64).deterministic().build());
    }

    @Test
    void theObjectiveIsTheSame() {
        assertEquals(given().objective().objective(), Objectives.vae());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--objective vae", "--objective ae", "--objective iwae", "--objective constrained --kl-target 3"
            })
    void theTrainingIsTheSame(String words) {
        assertEquals(
                training(given(words.split(" "))), TrainingOptions.builder().build());
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
