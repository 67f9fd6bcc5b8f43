package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Sha256;
import dev.elbo.io.Shapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Data sets of IDX files: one file of examples, or a folder with the four names that MNIST gave them.
 *
 * @param pins SHA-256 in hexadecimal of the unpacked files, by the four names; empty if any content is taken
 */
record IdxFiles(Map<String, String> pins, PixelScale pixels) {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    IdxFiles(Map<String, String> pins) {
        this(pins, PixelScale.BY_KIND);
    }

    /** Reads a folder of the four names, or a file of examples with the labels beside it if its name implies theirs. */
    Split open(Path path) {
        if (Files.isDirectory(path)) {
            return folder(path, path.toString());
        }
        Path fileName = path.getFileName();
        String labels = fileName == null ? "" : fileName.toString().replaceAll("(?i)images", "labels");
        Optional<Path> beside = fileName == null || labels.equals(fileName.toString())
                ? Optional.empty()
                : find(
                        path.toAbsolutePath().getParent(),
                        labels.replaceAll("(?i)idx3", "idx1").replaceFirst("(?i)\\.gz$", ""));
        return new Split(read(path.toString(), path, beside), Optional.empty());
    }

    /** Training data, and test data where the folder has them, each with labels where it has them. */
    Split folder(Path folder, String name) {
        Path train = find(folder, TRAIN_IMAGES)
                .orElseThrow(() -> ElboException.data(folder + ": has no file " + TRAIN_IMAGES + " or " + TRAIN_IMAGES
                        + ".gz; give a folder with it, or the path of an IDX file"));
        Optional<Dataset> test =
                find(folder, TEST_IMAGES).map(file -> read(name + " (test)", file, find(folder, TEST_LABELS)));
        return new Split(read(name, train, find(folder, TRAIN_LABELS)), test);
    }

    /** Finds a file of one of the four names, packed or not, in either of its two spellings, ignoring case. */
    static Optional<Path> find(Path folder, String name) {
        List<String> spellings = spellings(name);
        for (String spelling : spellings) {
            Path file = folder.resolve(spelling);
            // A loop of links counts as there, so that opening it says what is wrong.
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(file);
            }
        }
        return entries(folder).stream()
                .filter(entry -> spellings.stream().anyMatch(entry::equalsIgnoreCase))
                .findFirst()
                .map(folder::resolve);
    }

    private static List<String> spellings(String name) {
        String dotted = name.replace("-idx", ".idx");
        return List.of(name, name + ".gz", dotted, dotted + ".gz");
    }

    /** Returns the names in a folder, sorted; none if it cannot be listed. */
    private static List<String> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** Returns one line on the other files of a folder that are neither hidden nor of the four names. */
    static Optional<String> note(Path folder) {
        List<String> used = Stream.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
                .flatMap(name -> spellings(name).stream())
                .toList();
        NotUsed others = new NotUsed(folder.toString());
        entries(folder).stream()
                .filter(entry -> !entry.startsWith(".") && used.stream().noneMatch(entry::equalsIgnoreCase))
                .forEach(entry -> others.add(Files.isDirectory(folder.resolve(entry)) ? entry + "/" : entry));
        return others.note();
    }

    private Dataset read(String name, Path images, Optional<Path> labels) {
        Idx.Array values = read(images, pixels);
        if (values.rows().isBytes() && pixels.isGiven()) {
            pixels.requireBytes(images.toString(), values.rows());
        }
        return dataset(
                name,
                images.toString(),
                values,
                labels.map(file -> LabelList.of(file.toString(), read(file, PixelScale.BY_KIND))),
                pixels.ofByte());
    }

    private Idx.Array read(Path file, PixelScale scale) {
        if (pins.isEmpty()) {
            return Idx.read(file, Optional.empty(), scale);
        }
        MessageDigest digest = Sha256.create();
        Idx.Array array = Idx.read(file, Optional.of(digest), PixelScale.BY_KIND);
        requirePin(file, HexFormat.of().formatHex(digest.digest()));
        return array;
    }

    private void requirePin(Path file, String found) {
        String name = file.getFileName()
                .toString()
                .toLowerCase(Locale.ROOT)
                .replaceFirst("\\.gz$", "")
                .replace(".idx", "-idx");
        String pin = pins.get(name);
        if (pin != null && !pin.equals(found)) {
            throw ElboException.data(file + ": SHA-256 of its unpacked content is " + found + ", expected " + pin
                    + "; it is damaged or another file: delete it and fetch it again, or give its folder as a path");
        }
    }

    /** Checks that a file is IDX and has the content that its name requires. */
    void check(String name, Path file) {
        MessageDigest digest = Sha256.create();
        Idx.read(file, Optional.of(digest), PixelScale.BY_KIND);
        requirePin(file.resolveSibling(name), HexFormat.of().formatHex(digest.digest()));
    }

    /** The first dimension counts the examples; the others make a picture where they can. */
    static Dataset dataset(String name, String file, Idx.Array values, Optional<int[]> labels, float byteScale) {
        int[] shape = values.shape();
        if (shape.length == 1) {
            throw ElboException.data(
                    file + ": is a list of " + shape[0] + " numbers, as labels are; give the file of the images");
        }
        if (values.rows().count() == 0) {
            throw ElboException.data(file + ": is empty: shape " + Shapes.text(shape));
        }
        Optional<ImageShape> image = switch (shape.length) {
            case 2 -> Optional.empty();
            case 3 -> Optional.of(new ImageShape(1, shape[1], shape[2]));
            default -> Optional.of(channelsFirst(file, shape));
        };
        labels.ifPresent(counted -> {
            if (counted.length != shape[0]) {
                throw ElboException.data(file + ": has " + shape[0] + " images, its file of labels has "
                        + counted.length + " labels; the counts must be equal");
            }
        });
        return Dataset.unchecked(name, values.rows(), image, values.rows().isBytes() ? byteScale : 1, labels);
    }

    private static ImageShape channelsFirst(String file, int[] shape) {
        if (shape[1] != 1 && shape[1] != 3) {
            throw ElboException.data(file + ": has shape " + Shapes.text(shape)
                    + "; images of rank 4 need 1 or 3 channels as the second dimension");
        }
        return new ImageShape(shape[1], shape[2], shape[3]);
    }
}
