package dev.elbo.cli;

import dev.elbo.analysis.DataSource;
import dev.elbo.data.ClassLabels;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The class that a model with classes is told for every example. */
final class ClassOptions {
    static final String NAME = "--class";

    /** Both ways to labels, for data that lack them. */
    static final String LABELS =
            "give --labels, --label-column, or a folder with labels beside the images or with a subfolder for each class";

    @Option(
            names = NAME,
            paramLabel = "NAME",
            description =
                    "Class of all examples, for a model with classes (default: each example has that of its label)."
                            + " traverse and interpolate decode in this class, and encode examples as their labels say, if"
                            + " there are labels.")
    private String name;

    /** {@return the class of all examples, if one was given} */
    Optional<String> name() {
        return Optional.ofNullable(name);
    }

    /** {@return the number of the given class, if any} Refuses what is none of the model's classes. */
    OptionalInt number(VaeSpec model) {
        return name == null ? OptionalInt.empty() : OptionalInt.of(number(name, model));
    }

    /** {@return the number of a class of the model} */
    static int number(String name, VaeSpec model) {
        try {
            return ClassLabels.number(name, model.classes());
        } catch (ElboException e) {
            throw ElboException.usage(NAME + ": " + e.getMessage());
        }
    }

    /** {@return the examples, all of the given class if there is one} Refuses data whose classes are not known. */
    Dataset told(VaeSpec model, Dataset examples) {
        number(model);
        if (!model.conditional()) {
            return examples;
        }
        if (name != null) {
            return ClassLabels.all(examples, name);
        }
        requireLabels(examples, "the model is told the class of each example", "or " + NAME + " NAME for all examples");
        return examples;
    }

    /** {@return the examples with their own labels, or if they have none, all of the given class} */
    Dataset labelled(VaeSpec model, Dataset examples) {
        number(model);
        return model.conditional() && examples.labels().isPresent() ? examples : told(model, examples);
    }

    /** Puts examples where a model computes, each with its class. */
    DataSource on(DataOptions data, ModelFile.Loaded model, Dataset examples) {
        return data.on(model, told(model.vae().spec(), examples));
    }

    /** @throws ElboException data, naming why labels are needed and what else can be given */
    static void requireLabels(Dataset data, String why, String otherwise) {
        if (data.labels().isEmpty()) {
            throw ElboException.data(data.name() + ": has no labels, but " + why + "; " + LABELS
                    + (otherwise.isEmpty() ? "" : ", " + otherwise));
        }
    }

    /** {@return the class of each of some examples, in the model's numbering} */
    int[] of(VaeSpec model, Dataset examples, int... numbers) {
        OptionalInt given = number(model);
        return given.isPresent()
                ? IntStream.generate(given::getAsInt).limit(numbers.length).toArray()
                : ClassLabels.of(told(model, examples).subset(examples.name(), numbers), model.classes());
    }

    /** {@return the numbers of the classes that some words name: a word is a class, or several with commas between them} */
    static int[] numbers(List<String> words, VaeSpec model) {
        return words.stream()
                .flatMap(word ->
                        model.classes().contains(word) ? List.of(word).stream() : Arrays.stream(word.split(",", -1)))
                .mapToInt(word -> number(word, model))
                .distinct()
                .toArray();
    }
}
