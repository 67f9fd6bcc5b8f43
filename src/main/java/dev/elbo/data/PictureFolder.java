package dev.elbo.data;

import dev.elbo.data.picture.Picture;
import dev.elbo.data.picture.PictureHeader;
import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Folders of pictures, and single pictures, as data: bytes times 1/255, channels first. All headers are read before the
 * first pixel is decoded, so that what does not fit together is refused at once; then a few pictures at a time are decoded,
 * on all cores, and stored in the order of their paths.
 */
final class PictureFolder {
    /** Pictures that are under way at a time, where they are small. */
    private static final int BATCH = 256;

    private final PictureOptions options;
    private final Progress progress;
    /** Files with more pictures than the one that is read; collected by all cores. */
    private final Set<Path> animated = ConcurrentHashMap.newKeySet();

    PictureFolder(PictureOptions options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * What all pictures have in common.
     *
     * @param memory bytes that decoding the largest takes
     */
    private record Common(ImageShape shape, long memory) {}

    /** All pictures of a folder, or a single one. */
    Split open(Path path) {
        if (!Files.isDirectory(path)) {
            PictureFiles.requireRead(path);
            List<Path> file = List.of(path);
            Common common = common(file);
            noteAnimated(path);
            return new Split(
                    read(path.toString(), new PictureFiles.Pictures(file, List.of()), common), Optional.empty());
        }
        PictureFiles found = PictureFiles.of(path);
        found.notes().forEach(progress::note);
        List<Path> all = found.test().isEmpty()
                ? found.train().files()
                : Stream.concat(found.train().files().stream(), found.test().get().files().stream())
                        .toList();
        Common common = common(all);
        noteAnimated(path);
        List<String> names = Stream.concat(
                        found.train().classes().stream(),
                        found.test().stream().flatMap(part -> part.classes().stream()))
                .distinct()
                .sorted()
                .toList();
        return new Split(
                labelled(read(path.toString(), found.train(), common), found.train(), names),
                found.test().map(part -> labelled(read(path + " (test)", part, common), part, names)));
    }

    private static Dataset labelled(Dataset data, PictureFiles.Pictures part, List<String> names) {
        return part.classes().isEmpty()
                ? data
                : data.withLabels(Optional.of(
                                part.classes().stream().mapToInt(names::indexOf).toArray()))
                        .withNames(Optional.empty(), Optional.of(names));
    }

    /** Reads all headers. */
    private Common common(List<Path> files) {
        Path first = null;
        PictureHeader like = null;
        boolean grey = true;
        long memory = 0;
        for (int from = 0; from < files.size(); from += BATCH) {
            List<Path> some = files.subList(from, Math.min(files.size(), from + BATCH));
            PictureHeader[] headers = inParallel(some.size(), PictureHeader[]::new, i -> header(some.get(i)));
            for (int i = 0; i < headers.length; i++) {
                PictureHeader header = headers[i];
                if (like == null) {
                    first = some.get(i);
                    like = header;
                }
                if (!options.scales() && (header.height() != like.height() || header.width() != like.width())) {
                    throw ElboException.data(some.get(i) + ": has " + header.size() + " pixels, " + first + " has "
                            + like.size() + "; scale them alike with --picture-size HxW (PictureOptions)");
                }
                grey &= header.grey();
                memory = Math.max(memory, header.memory());
            }
        }
        int channels =
                options.colour() == PictureOptions.Colour.GREY || options.colour() == PictureOptions.Colour.AUTO && grey
                        ? 1
                        : 3;
        return new Common(
                options.scales()
                        ? new ImageShape(channels, options.height(), options.width())
                        : new ImageShape(channels, like.height(), like.width()),
                memory);
    }

    private PictureHeader header(Path file) {
        try (InputFile in = InputFile.open(file)) {
            PictureHeader header = PictureHeader.of(in);
            if (header.hasMore(in)) {
                animated.add(file);
            }
            return header;
        }
    }

    private void noteAnimated(Path source) {
        NotUsed more = new NotUsed(source.toString());
        animated.stream()
                .map(file -> file.equals(source) ? file.getFileName() : source.relativize(file))
                .map(Path::toString)
                .sorted()
                .forEach(file -> more.add(file, "its pictures after the first"));
        more.note().ifPresent(progress::note);
    }

    private Dataset read(String name, PictureFiles.Pictures part, Common common) {
        List<Path> files = part.files();
        int batch = (int) Math.max(1, Math.min(BATCH, Runtime.getRuntime().maxMemory() / 4 / common.memory));
        try (RowStore store = RowStore.ofBytes(name, common.shape.features())) {
            progress.reading(name, 0, files.size());
            for (int from = 0; from < files.size(); from += batch) {
                List<Path> some = files.subList(from, Math.min(files.size(), from + batch));
                for (byte[] row : inParallel(some.size(), byte[][]::new, i -> pixels(some.get(i), common.shape))) {
                    store.add(row);
                }
                progress.reading(name, from + some.size(), files.size());
            }
            return Dataset.of(name, store.finish(), Optional.of(common.shape), IdxFiles.BYTE_SCALE, Optional.empty());
        }
    }

    /** One picture in the shape of all. */
    private static byte[] pixels(Path file, ImageShape shape) {
        byte[] content;
        try (InputFile in = InputFile.open(file)) {
            // judged again: it may have been another file a moment ago
            PictureHeader.of(in);
            content = Heap.bytes(file.toString(), in.size());
            in.read(0, ByteBuffer.wrap(content));
        }
        return Picture.decode(file.toString(), content)
                .withChannels(shape.channels())
                .resized(shape.height(), shape.width())
                .values();
    }

    /** Computes all; where some fail, the failure of the first in their order is thrown, whichever failed first. */
    private static <T> T[] inParallel(int count, IntFunction<T[]> array, IntFunction<T> compute) {
        T[] results = array.apply(count);
        ElboException[] failures = new ElboException[count];
        IntStream.range(0, count).parallel().forEach(i -> {
            try {
                results[i] = compute.apply(i);
            } catch (ElboException e) {
                failures[i] = e;
            }
        });
        Arrays.stream(failures).filter(failure -> failure != null).findFirst().ifPresent(failure -> {
            throw failure;
        });
        return results;
    }
}
