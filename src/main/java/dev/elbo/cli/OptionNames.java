package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.data.CsvOptions;
import dev.elbo.data.PictureOptions;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.data.TableOptions;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.net.ImportOptions;
import dev.elbo.net.ModelImport;
import dev.elbo.objective.KlControl;
import dev.elbo.train.KlWeight;
import dev.elbo.train.LearningRate;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingRun;
import dev.elbo.verify.Verification;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The options of the command line that replace Java names in the library's messages. */
final class OptionNames {
    /** Place of a call's argument in an option's text; other texts take it at their end. */
    private static final String ARGUMENT = "{}";

    /** One entry for each name that messages contain. */
    static final List<Name> TABLE = List.of(
            new Name(AdamSettings.class, "epsilon", "--adam-epsilon"),
            new Name(Backends.class, "diagnose(0)", "'elbo doctor'"),
            new Name(CsvOptions.Decimal.class, "", "--decimal"),
            new Name(CsvOptions.Decimal.class, "COMMA", "--decimal comma"),
            new Name(CsvOptions.Decimal.class, "POINT", "--decimal point"),
            new Name(CsvOptions.Delimiter.class, "", "--delimiter"),
            new Name(CsvOptions.Delimiter.class, "SPACE", "--delimiter space"),
            new Name(CsvOptions.Header.class, "NO", "--header no"),
            new Name(CsvOptions.Header.class, "YES", "--header yes"),
            new Name(CsvOptions.Thousands.class, "APOSTROPHE", "--thousands \"'\""),
            new Name(CsvOptions.Thousands.class, "COMMA", "--thousands ,"),
            new Name(CsvOptions.Thousands.class, "NONE", "--thousands none"),
            new Name(CsvOptions.Thousands.class, "POINT", "--thousands ."),
            new Name(CsvOptions.Thousands.class, "SPACE", "--thousands space"),
            new Name(CsvOptions.class, "withColumns", "--columns"),
            new Name(CsvOptions.class, "withComment", "--comment"),
            new Name(CsvOptions.class, "withIgnoredColumns", "--ignore-columns"),
            new Name(CsvOptions.class, "withLabelColumn", "--label-column"),
            new Name(DataPlacement.class, "STREAMED", "--data-on-device no"),
            new Name(ImportOptions.class, "withClasses", "--classes"),
            new Name(ImportOptions.class, "withConvolutions", "--conv and --picture"),
            new Name(KlControl.Constrained.class, "rate", "--multiplier-rate"),
            new Name(KlControl.FreeBits.class, "", "--free-bits"),
            new Name(KlControl.Quantity.class, "KL", "--kl-target"),
            new Name(KlControl.Quantity.class, "RECONSTRUCTION", "--reconstruction-target"),
            new Name(KlWeight.class, "warmupEpochs", "--beta-warmup"),
            new Name(LearningRate.class, "decay", "--learning-rate-decay"),
            new Name(LearningRate.class, "stages", "--learning-rate-steps"),
            new Name(LearningRate.class, "warmupEpochs", "--learning-rate-warmup"),
            new Name(ModelImport.Rename.class, "", "--rename FROM=TO"),
            new Name(ModelImport.class, "read", "'elbo import {} --out MODEL.safetensors'"),
            new Name(PictureOptions.class, "", "--picture-size"),
            new Name(PictureOptions.class, "pixelMax", "--pixel-max"),
            new Name(ReadOptions.class, "withArray", "--array"),
            new Name(ReadOptions.class, "withLabels", "--labels"),
            new Name(ReadOptions.class, "withTable", "--likelihood columns"),
            new Name(RunFolder.class, "reopen", "--resume"),
            new Name(Split.class, "withValidationSet", "--validation"),
            new Name(Standardization.class, "perFeature", "--standardize per-feature"),
            new Name(Standardization.class, "shared", "--standardize shared"),
            new Name(TableOptions.class, "withKind", "--column"),
            new Name(TableOptions.class, "withMissing", "--missing"),
            new Name(TableOptions.class, "withUnknownMissing", "--unknown missing"),
            new Name(Trainer.Builder.class, "otherBackends", "--backend"),
            new Name(TrainingOptions.class, "batchSize", "--batch"),
            new Name(TrainingOptions.class, "dropLast", "--drop-last"),
            new Name(TrainingOptions.class, "learningRate", "--learning-rate"),
            new Name(TrainingOptions.class, "localSteps", "--local-steps"),
            new Name(TrainingOptions.class, "shards", "--shards"),
            new Name(TrainingRun.Builder.class, "checkpointEvery", "--checkpoint-every"),
            new Name(Likelihood.class, "GAUSSIAN_LEARNED", "--variance shared"),
            new Name(Likelihood.class, "columns", "--likelihood columns"),
            new Name(Verification.class, "run", "'elbo verify --op {}'"));

    private static final Map<String, String> OPTIONS = options();

    /** A name that is not part of a path, a quoted word or a longer name, and the argument in parentheses that may follow. */
    private static final Pattern NAMES = Pattern.compile(OPTIONS.keySet().stream()
            .sorted(Comparator.comparing(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining(
                    "|",
                    "(?<![\\w./'\"-])(",
                    ")(?:\\(('[^']*+'|(?:[^()]++|\\([^()]*+\\))*+)\\))?+(?![\\w/-]|\\.\\w)")));

    /**
     * A setting of the library and of the command line.
     *
     * @param type of the library
     * @param member a method, component or constant, with the value that messages give it if any; empty for the type
     * @param option with the value that says the same
     */
    record Name(Class<?> type, String member, String option) {
        private String qualified() {
            String typeName =
                    type.getCanonicalName().substring(type.getPackageName().length() + 1);
            return member.isEmpty() ? typeName : typeName + "." + member;
        }

        /** Returns whether messages may leave out the type: no word looks so, and no other type has such a member. */
        private boolean isDistinctive() {
            return member.matches("[a-z]+[A-Z]\\w*")
                    && TABLE.stream().filter(name -> name.member.equals(member)).count() == 1;
        }
    }

    private OptionNames() {}

    private static Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        for (Name name : TABLE) {
            options.put(name.qualified(), name.option);
            if (name.isDistinctive()) {
                options.put(name.member, name.option);
            }
        }
        return options;
    }

    /** Returns the message with options in place of Java names. */
    static String in(String message) {
        return NAMES.matcher(message).replaceAll(found -> {
            String option = OPTIONS.get(found.group(1));
            String argument = found.group(2) == null ? "" : found.group(2);
            String given = option.contains(ARGUMENT) || argument.isEmpty() ? option : option + " " + ARGUMENT;
            return Matcher.quoteReplacement(given.replace(ARGUMENT, argument));
        });
    }

    /** Returns the error for a value that the library refuses with a message that begins with the setting's name. */
    static ElboException refusal(IllegalArgumentException e) {
        String message = in(e.getMessage());
        return ElboException.usage(message.startsWith("--") ? message : "--" + message);
    }
}
