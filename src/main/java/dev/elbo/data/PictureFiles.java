package dev.elbo.data;

import dev.elbo.data.PartNames.Part;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pictures of a folder, with the parts and classes that its structure gives them. Pictures of one folder are
 * examples without labels; in folders of folders the first level names the classes, unless all of it is training, test
 * and validation data by its names ({@link PartNames}), which are a split, each of either kind. Hidden files and
 * folders are left out in silence; pictures are recognised by the endings of their names.
 *
 * @param train in the order of their paths, byte by byte
 * @param test likewise; empty if the folder has no split
 * @param validation likewise; empty if there is none beside test data
 * @param notes one line each on what is left out, and on what was not plain
 */
record PictureFiles(Pictures train, Optional<Pictures> test, Optional<Pictures> validation, List<String> notes) {
    private static final Set<String> READ = Set.of("png", "jpg", "jpeg", "jpe", "jfif", "bmp", "dib", "gif");

    /** Endings of pictures that are not read; these are refused, as leaving them out would lose examples. */
    private static final Set<String> NOT_READ = Set.of(
            "tif", "tiff", "webp", "avif", "heic", "heif", "jxl", "jp2", "jpx", "svg", "ico", "tga", "pgm", "ppm",
            "pbm", "pnm", "exr", "hdr", "dng", "cr2", "nef", "arw", "psd");

    private static final int DEEPEST = 16;

    /** Training or test pictures, and the class of each; an empty list if there are no classes. */
    record Pictures(List<Path> files, List<String> classes) {
        Pictures {
            files = List.copyOf(files);
            classes = List.copyOf(classes);
        }
    }

    /** Returns whether a file is a picture by its name, of a kind that is read or not. */
    static boolean isNamedPicture(Path file) {
        return READ.contains(ending(file)) || NOT_READ.contains(ending(file));
    }

    private static String ending(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** @throws ElboException of kind DATA for a picture of a kind that is not read, going by its name */
    static void requireRead(Path file) {
        if (NOT_READ.contains(ending(file))) {
            throw ElboException.data(
                    file + ": pictures of this kind are not read, only PNG, JPEG, GIF and BMP; convert or remove it");
        }
    }

    /**
     * Collects the pictures of a folder, or the one of a file.
     *
     * @throws ElboException of kind DATA, naming the file, for loops of links, for what is named a picture but no
     *     regular file, for folders without a picture and for those that mix pictures and folders of pictures
     */
    static PictureFiles of(Path folder) {
        if (!Files.isDirectory(folder)) {
            requireRead(folder);
            Pictures single = new Pictures(List.of(folder), List.of());
            return new PictureFiles(single, Optional.empty(), Optional.empty(), List.of());
        }
        Walk walk = new Walk(folder);
        try {
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, walk);
        } catch (IOException e) {
            throw ElboException.data(folder + ": cannot be listed: " + Messages.reason(e), e);
        }
        if (walk.pictures.isEmpty()) {
            throw ElboException.data(folder + ": has no picture (PNG, JPEG, GIF, BMP) and no file "
                    + IdxFiles.TRAIN_IMAGES + "; give a folder with pictures or MNIST's files, or the path of a file");
        }
        walk.pictures.sort(Path::compareTo);
        Map<String, List<Path>> folders = new TreeMap<>();
        for (Path picture : walk.pictures) {
            if (picture.getNameCount() > 1) {
                folders.computeIfAbsent(picture.getName(0).toString(), name -> new ArrayList<>())
                        .add(picture);
            }
        }
        Map<Optional<Part>, List<String>> parts = parts(folders.keySet().stream());
        NotUsed notUsed = new NotUsed(folder.toString());
        if (!parts.containsKey(Optional.of(Part.TRAIN)) || parts.containsKey(Optional.<Part>empty())) {
            walk.others.forEach(notUsed::add);
            return new PictureFiles(
                    pictures(folder, folder, walk.pictures),
                    Optional.empty(),
                    Optional.empty(),
                    Stream.of(mixed(folder, parts), deeper(folder, walk.pictures), notUsed.note())
                            .flatMap(Optional::stream)
                            .toList());
        }
        String train = only(folder, parts, Part.TRAIN).orElseThrow();
        Optional<String> test = only(folder, parts, Part.TEST);
        walk.pictures.stream()
                .filter(picture -> picture.getNameCount() == 1)
                .findFirst()
                .ifPresent(loose -> {
                    throw ElboException.data(folder.resolve(loose) + ": lies beside the folder " + train
                            + "; move it into " + train + ", or out of this folder");
                });
        List<String> validation = named(parts, Part.VALIDATION);
        boolean three = test.isPresent() && validation.size() == 1;
        if (!three) {
            validation.forEach(name -> notUsed.add(name + "/"));
        }
        walk.others.forEach(notUsed::add);
        return new PictureFiles(
                pictures(folder, folder.resolve(train), folders.get(train)),
                test.map(name -> pictures(folder, folder.resolve(name), folders.get(name))),
                validation.stream()
                        .filter(name -> three)
                        .map(name -> pictures(folder, folder.resolve(name), folders.get(name)))
                        .findFirst(),
                notUsed.note().stream().toList());
    }

    private static List<String> named(Map<Optional<Part>, List<String>> parts, Part part) {
        return parts.getOrDefault(Optional.of(part), List.of());
    }

    private static Optional<String> only(Path folder, Map<Optional<Part>, List<String>> parts, Part part) {
        List<String> named = named(parts, part);
        if (named.size() > 1) {
            throw ElboException.data(folder + ": " + Messages.quote(named.get(0)) + " and "
                    + Messages.quote(named.get(1)) + " are both " + (part == Part.TRAIN ? "training" : "test")
                    + " data by their names; rename or remove one");
        }
        return named.stream().findFirst();
    }

    /** Returns the different names by the part that they denote, sorted. */
    private static Map<Optional<Part>, List<String>> parts(Stream<String> names) {
        return names.distinct().sorted().collect(Collectors.groupingBy(PartNames::folder));
    }

    /** Returns whether there are training data and others that they are kept apart from. */
    private static boolean apart(Map<Optional<Part>, List<String>> parts) {
        return parts.containsKey(Optional.of(Part.TRAIN))
                && (parts.containsKey(Optional.of(Part.TEST)) || parts.containsKey(Optional.of(Part.VALIDATION)));
    }

    /** Returns a note if folders named as parts are read as classes because of another folder. */
    private static Optional<String> mixed(Path folder, Map<Optional<Part>, List<String>> parts) {
        if (!apart(parts)) {
            return Optional.empty();
        }
        String known = Stream.of(Part.values())
                .flatMap(part -> named(parts, part).stream())
                .sorted()
                .map(Messages::quote)
                .collect(Collectors.joining(", "));
        return Optional.of("note: " + folder + ": its folders are classes, even " + known + ", because "
                + Messages.quote(parts.get(Optional.<Part>empty()).get(0))
                + " is not one of train, test and validation; remove it to read the others as these parts");
    }

    /** Returns a note if parts are not kept apart because they lie one folder deeper than the given one. */
    private static Optional<String> deeper(Path folder, List<Path> pictures) {
        Map<String, List<Path>> inside = pictures.stream()
                .filter(picture -> picture.getNameCount() > 2)
                .collect(Collectors.groupingBy(
                        picture -> picture.getName(0).toString(), TreeMap::new, Collectors.toList()));
        return inside.entrySet().stream()
                .filter(each -> apart(parts(each.getValue().stream()
                        .map(picture -> picture.getName(1).toString()))))
                .findFirst()
                .map(each -> "note: " + folder + ": the training and test data in " + Messages.quote(each.getKey())
                        + " are not kept apart; to keep them apart, give " + folder.resolve(each.getKey())
                        + " as the data");
    }

    /** @param pictures relative to {@code root} */
    private static Pictures pictures(Path root, Path folder, List<Path> pictures) {
        List<Path> files = pictures.stream().map(root::resolve).toList();
        List<Path> inside = files.stream().map(folder::relativize).toList();
        Map<Boolean, List<Path>> loose =
                inside.stream().collect(Collectors.partitioningBy(file -> file.getNameCount() == 1));
        if (loose.get(false).isEmpty()) {
            return new Pictures(files, List.of());
        }
        if (!loose.get(true).isEmpty()) {
            throw ElboException.data(
                    folder + ": has pictures, such as " + loose.get(true).get(0)
                            + ", beside folders of pictures, such as "
                            + loose.get(false).get(0)
                            + "; folders are classes: move the pictures into one, or elsewhere");
        }
        return new Pictures(
                files, inside.stream().map(file -> file.getName(0).toString()).toList());
    }

    /** Collects files; their paths are relative to the folder. */
    private static final class Walk extends SimpleFileVisitor<Path> {
        final List<Path> pictures = new ArrayList<>();
        final List<String> others = new ArrayList<>();
        private final Path root;

        Walk(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return isHidden(folder) && !folder.equals(root) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (isHidden(file)) {
                return FileVisitResult.CONTINUE;
            }
            if (attributes.isDirectory()) {
                throw ElboException.data(file + ": lies " + DEEPEST
                        + " folders deep, the limit of the search; give a folder that is nearer to the pictures");
            }
            Path relative = root.relativize(file);
            if (!isNamedPicture(file)) {
                others.add(relative.toString());
                return FileVisitResult.CONTINUE;
            }
            requireRead(file);
            if (attributes.isSymbolicLink()) {
                throw ElboException.data(file + ": is a broken link; repair or remove it");
            }
            if (!attributes.isRegularFile()) {
                throw ElboException.data(file + ": is a device, pipe or socket; a picture is needed");
            }
            pictures.add(relative);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            throw ElboException.data(
                    failure instanceof FileSystemLoopException
                            ? file + ": is a link to a folder that contains it; remove this loop"
                            : file + ": cannot be examined: " + Messages.reason(failure),
                    failure);
        }

        private static boolean isHidden(Path file) {
            return file.getFileName() != null && file.getFileName().toString().startsWith(".");
        }
    }
}
