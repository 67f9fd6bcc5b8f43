package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.data.PartNames.ArrayName;
import dev.elbo.data.PartNames.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartNamesTest {
    private static final Map<Part, List<String>> PARTS = Map.of(
            Part.TRAIN, List.of("train", "training"),
            Part.TEST, List.of("test", "testing"),
            Part.VALIDATION, List.of("val", "valid", "validation", "dev"));
    private static final List<String> EXAMPLES =
            List.of("x", "data", "image", "images", "img", "imgs", "features", "inputs", "samples");
    private static final List<String> LABELS = List.of("y", "label", "labels", "target", "targets", "class", "classes");

    private static void array(Optional<Part> part, boolean examples, boolean labels, String... names) {
        for (String name : names) {
            ArrayName found = PartNames.array(name);
            assertEquals(part, found.part(), name);
            assertEquals(examples, found.examples(), name);
            assertEquals(labels, found.labels(), name);
        }
    }

    @Test
    void arraysAsPeopleNameThem() {
        array(
                Optional.of(Part.TRAIN),
                true,
                false,
                "X_train",
                "x_train",
                "trainX",
                "train_x",
                "X_Train",
                "XTRAIN",
                "train_images",
                "TrainImages",
                "train_data",
                "train_features",
                "images_train",
                "train",
                "trX",
                "Xtr",
                "x-train",
                "x_train_0",
                "data/x_train",
                "some folder/x_train",
                "train/x");
        array(Optional.of(Part.TEST), true, false, "x_test", "test_imgs", "testdata", "TEST", "Xte", "x_tst");
        array(Optional.of(Part.VALIDATION), true, false, "X_val", "val_images", "xDev", "x_validation", "VALID");
        array(Optional.of(Part.TRAIN), false, true, "y_train", "Y_TRAIN", "train_labels", "trainY", "labels_train");
        array(Optional.of(Part.TEST), false, true, "test_image_labels", "ytest", "yte", "class_test");
        array(Optional.empty(), true, false, "x", "X", "imgs", "Data", "dataset", "inputs", "INPUT_DATA");
        array(Optional.empty(), false, true, "y", "Y", "label", "targets", "Classes", "image_labels");
    }

    @Test
    void otherNames() {
        array(
                Optional.empty(),
                false,
                false,
                "arr_0",
                "metadata",
                "latents_values",
                "contest",
                "strain",
                "latest",
                "try",
                "tex",
                "invalid",
                "value",
                "mean",
                "x_mean",
                "class_names",
                "train_test_x",
                "",
                "_",
                "é",
                "x".repeat(100_000));
        assertEquals(Optional.of(Part.TRAIN), PartNames.array("x_train_val").part());
        assertEquals(Optional.of(Part.VALIDATION), PartNames.array("x_test_dev").part());
    }

    @Test
    void folders() {
        for (String name :
                new String[] {"train", "Train", "TRAINING", "train_set", "TrainSet", "train2017", "1 train"}) {
            assertEquals(Optional.of(Part.TRAIN), PartNames.folder(name), name);
        }
        for (String name : new String[] {"Test", "testing", "test-images", "TESTSET"}) {
            assertEquals(Optional.of(Part.TEST), PartNames.folder(name), name);
        }
        for (String name : new String[] {"val", "Val", "VALID", "validation", "dev", "val2017"}) {
            assertEquals(Optional.of(Part.VALIDATION), PartNames.folder(name), name);
        }
        for (String name :
                new String[] {"cat", "trains", "tests", "train_station", "x_train", "train_labels", "set", "tr", "2017"
                }) {
            assertEquals(Optional.empty(), PartNames.folder(name), name);
        }
    }

    /** Whatever the case of the words, what is between them, and which comes first. */
    @Test
    void spellingsOfTheSame() {
        Random random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            Part part = Part.values()[random.nextInt(3)];
            List<String> words = new ArrayList<>(List.of(any(random, PARTS.get(part))));
            List<String> spelled = new ArrayList<>(words);
            assertEquals(Optional.of(part), PartNames.folder(spelled(random, words)));
            boolean labels = random.nextBoolean();
            spelled.add(any(random, labels ? LABELS : EXAMPLES));
            if (random.nextInt(4) == 0) {
                spelled.add("set");
            }
            Collections.shuffle(spelled, random);
            String name = spelled(random, spelled);
            array(Optional.of(part), !labels, labels, name);
            if (random.nextInt(4) == 0) {
                spelled.add(random.nextInt(spelled.size()), "zebra");
                array(Optional.empty(), false, false, spelled(random, spelled));
            }
        }
    }

    private static String any(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    static String spelled(Random random, List<String> words) {
        String separator = any(random, List.of("", "_", "-", " ", ".", "__"));
        int style = random.nextInt(4);
        List<String> cased = words.stream()
                .map(word -> switch (style) {
                    case 0 -> word;
                    case 1 -> word.toUpperCase(Locale.ROOT);
                    default -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
                })
                .toList();
        String name = String.join(separator, cased);
        return style == 3 ? name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1) : name;
    }
}
