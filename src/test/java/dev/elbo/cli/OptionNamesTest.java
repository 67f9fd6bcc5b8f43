package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OptionNamesTest {
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
    private static final Pattern COMMAND = Pattern.compile("'elbo ([a-z]+)");

    @Test
    void everyJavaNameIsOfTheLibrary() {
        for (OptionNames.Name name : OptionNames.TABLE) {
            String member = name.member().replaceFirst("[( ].*", "");
            assertTrue(
                    member.isEmpty()
                            || Arrays.stream(name.type().getMethods())
                                    .anyMatch(method -> method.getName().equals(member))
                            || Arrays.stream(name.type().getFields())
                                    .anyMatch(field -> field.getName().equals(member)),
                    name.toString());
        }
    }

    @Test
    void everyOptionIsOfTheCommandLine() throws ReflectiveOperationException {
        Constructor<Main> main = Main.class.getDeclaredConstructor();
        main.setAccessible(true);
        Map<String, CommandLine> commands = new CommandLine(main.newInstance()).getSubcommands();
        Set<String> options = new HashSet<>();
        commands.values()
                .forEach(command -> command.getCommandSpec().options().stream()
                        .flatMap(option -> Stream.of(option.names()))
                        .forEach(options::add));
        for (OptionNames.Name name : OptionNames.TABLE) {
            assertTrue(options.containsAll(all(OPTION, name.option(), 0)), name.toString());
            assertTrue(commands.keySet().containsAll(all(COMMAND, name.option(), 1)), name.toString());
        }
    }

    private static Set<String> all(Pattern pattern, String text, int group) {
        Set<String> found = new HashSet<>();
        for (MatchResult each : pattern.matcher(text).results().toList()) {
            found.add(each.group(group));
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            lower the learningRate, or train longer | lower the --learning-rate, or train longer
            lower TrainingOptions.learningRate. | lower --learning-rate.
            CsvOptions.Header.YES takes the first line | --header yes takes the first line
            (CsvOptions.Header.YES takes it) | (--header yes takes it)
            use another CsvOptions.Decimal | use another --decimal
            withIgnoredColumns(3) leaves the column out | --ignore-columns 3 leaves the column out
            CsvOptions.withIgnoredColumns(3) leaves it out | --ignore-columns 3 leaves it out
            no column 'x' (withLabelColumn); it has 2 | no column 'x' (--label-column); it has 2
            no column 3 (withColumns(1-3)); it has 2 | no column 3 (--columns 1-3); it has 2
            withComment('%') skips lines | --comment '%' skips lines
            withComment('(') skips lines | --comment '(' skips lines
            withComment(')') skips lines | --comment ')' skips lines
            withArray('a(b)'): x.npy | --array 'a(b)': x.npy
            leave it out (withIgnoredColumns), or take one variance (Likelihood.GAUSSIAN_LEARNED) \
            | leave it out (--ignore-columns), or take one variance (--variance shared)
            divide by 255 (pixelMax 255) | divide by 255 (--pixel-max 255)
            KlWeight.warmupEpochs must be at least 0 | --beta-warmup must be at least 0
            LearningRate.warmupEpochs must be at least 0 | --learning-rate-warmup must be at least 0
            no driver; run Backends.diagnose(0) | no driver; run 'elbo doctor'
            name them with ModelImport.Rename | name them with --rename FROM=TO
            become one with ModelImport.read(a (1)/b$.bin) | become one with 'elbo import a (1)/b$.bin --out MODEL.safetensors'
            run Verification.run(gemm) | run 'elbo verify --op gemm'
            smaller model, DataPlacement.STREAMED, or | smaller model, --data-on-device no, or
            """)
    void namesBecomeOptions(String message, String expected) {
        assertEquals(expected, OptionNames.in(message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "runs/learningRate: holds a run already",
                "learningRate.csv: line 1",
                "learningRate-2: is a file",
                "withIgnoredColumns/a.csv: line 1",
                "has no column 'learningRate'; it has 'pixelMax'",
                "unscaled data of a batch, the label and the columns; read the array",
                "warmupEpochs",
                "dev.elbo.data.CsvOptions.Header.YES",
                "CsvOptions.Header.YESTERDAY",
                "the patience, the seed and beta",
                "--learning-rate must be above 0"
            })
    void otherWordsStay(String message) {
        assertEquals(message, OptionNames.in(message));
    }

    @Test
    void longMessagesAreNoProblem() {
        String many = "withIgnoredColumns(" + "(x".repeat(100_000);
        assertEquals(many.replace("withIgnoredColumns", "--ignore-columns"), OptionNames.in(many));
        String nested = "withIgnoredColumns(" + "(x)y".repeat(100_000) + ")";
        assertEquals("--ignore-columns " + "(x)y".repeat(100_000), OptionNames.in(nested));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "learningRate must be above 0 | --learning-rate must be above 0",
                "patience must be at least 0, not -1 | --patience must be at least 0, not -1",
                "CsvOptions.Header.NO: columns have no names | --header no: columns have no names"
            })
    void whatIsRefusedBeginsWithTheOption(String message, String expected) {
        ElboException refusal = OptionNames.refusal(new IllegalArgumentException(message));
        assertEquals(expected, refusal.getMessage());
        assertEquals(ElboException.Kind.USAGE, refusal.kind());
    }
}
