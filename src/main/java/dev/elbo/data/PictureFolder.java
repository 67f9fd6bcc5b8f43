package dev.elbo.data;

import dev.elbo.data.picture.Picture;
import dev.elbo.data.picture.PictureHeader;
import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import java.nio.ByteBuffer;
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
 * Folders of pictures, and single pictures, as data: bytes times 1/255, or float32 of samples / 65535 where some of
 * them have 16 bits, channels first. All headers are read before the first pixel is decoded, so that pictures that do
 * not fit together are refused at once; then a few pictures at a time are decoded, on all cores, and stored in the
 * order of their paths.
 */
final class PictureFolder {
    /** Small pictures that are decoded at a time. */
    private static final int BATCH = 256;

    private final PictureOptions options;
    private final Progress progress;
    /** The largest sample of 16 bits; 0 if there are none. */
    private int largest;

    /** Files with more pictures than the one that is read; collected by all cores. */
    private final Set<Path> animated = ConcurrentHashMap.newKeySet();

    PictureFolder(PictureOptions options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    /** The common shape, whether some samples have 16 bits, and bytes that decoding the largest picture takes. */
    private record Common(ImageShape shape, boolean deep, long memory) {}

    Split open(Path path) {
        PictureFiles found = PictureFiles.of(path);
        found.notes().forEach(progress::note);
        List<Path> all = Stream.of(Optional.of(found.train()), found.test(), found.validation())
                .flatMap(Optional::stream)
                .flatMap(part -> part.files().stream())
                .toList();
        Common common = common(all);
        noteAnimated(path);
        List<String> names = Stream.concat(
                        found.train().classes().stream(),
                        found.test().stream().flatMap(part -> part.classes().stream()))
                .distinct()
                .sorted()
                .toList();
        Split split = new Split(
                labelled(read(path.toString(), found.train(), common), found.train(), names),
                found.test().map(part -> labelled(read(path + " (test)", part, common), part, names)),
                found.validation().map(part -> read(path + " (validation)", part, common)),
                false);
        noteFewerBits(path);
        return split;
    }

    private static Dataset labelled(Dataset data, PictureFiles.Pictures part, List<String> names) {
        return part.classes().isEmpty()
                ? data
                : data.withLabels(
                                part.classes().stream().mapToInt(names::indexOf).toArray())
                        .withNames(Optional.empty(), Optional.of(names));
    }

    private Common common(List<Path> files) {
        Path first = null;
        PictureHeader like = null;
        boolean grey = true;
        boolean deep = false;
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
                            + like.size() + "; scale them alike with a height and a width (PictureOptions)");
                }
                grey &= header.grey();
                deep |= header.deep();
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
                deep,
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
        Rows.Type type = common.deep ? Rows.Type.FLOAT32 : Rows.Type.UINT8;
        try (RowStore store = new RowStore(name, common.shape.features(), type)) {
            progress.reading(name, 0, files.size());
            for (int from = 0; from < files.size(); from += batch) {
                List<Path> some = files.subList(from, Math.min(files.size(), from + batch));
                for (Picture picture : inParallel(some.size(), Picture[]::new, i -> picture(some.get(i), common))) {
                    add(picture, store);
                }
                progress.reading(name, from + some.size(), files.size());
            }
            float scale = common.deep ? 1 : new PixelScale(options.pixelMax()).ofByte();
            return Dataset.of(name, store.finish(), Optional.of(common.shape), scale, Optional.empty());
        }
    }

    private Picture picture(Path file, Common common) {
        byte[] content;
        boolean deep;
        try (InputFile in = InputFile.open(file)) {
            // judged again: it may have been another file a moment ago
            deep = PictureHeader.of(in).deep();
            content = Heap.array(file.toString(), in.size(), 1, byte[]::new);
            in.read(0, ByteBuffer.wrap(content));
        }
        if (deep && !common.deep) {
            throw ElboException.data(
                    file + ": changed while the folder was read; leave the pictures unchanged and try again");
        }
        if (options.pixelMax() > 0 && deep != common.deep) {
            throw ElboException.data(
                    file + ": has samples of 8 bits, other pictures have 16, and one pixelMax does not fit"
                            + " both; read the two kinds separately, or leave pixelMax out");
        }
        Picture decoded = Picture.decode(file.toString(), content);
        Picture picture = common.deep ? decoded.deep() : decoded;
        if (options.pixelMax() > 0 && options.pixelMax() < picture.white()) {
            requirePixels(file, picture);
        }
        try {
            return picture.withChannels(common.shape.channels()).resized(common.shape.height(), common.shape.width());
        } catch (IllegalArgumentException e) {
            throw ElboException.data(file + ": " + e.getMessage(), e);
        }
    }

    private void requirePixels(Path file, Picture picture) {
        PixelScale scale = new PixelScale(options.pixelMax());
        for (char sample : picture.samples()) {
            if (!scale.holds(sample)) {
                throw ElboException.data(file + ": has a sample of " + (int) sample + ", " + scale.outside());
            }
        }
    }

    private void add(Picture picture, RowStore store) {
        char[] samples = picture.samples();
        if (picture.white() == Picture.WHITE) {
            byte[] row = new byte[samples.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = (byte) samples[i];
            }
            store.add(row);
            return;
        }
        float most = options.pixelMax() > 0 ? options.pixelMax() : Picture.DEEP_WHITE;
        float[] row = new float[samples.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = samples[i] / most;
            largest = Math.max(largest, samples[i]);
        }
        store.add(row);
    }

    /** Notes samples of 16 bits that use fewer bits: without pixelMax they are almost black. */
    private void noteFewerBits(Path source) {
        for (int bits : new int[] {8, 10, 12, 14}) {
            int most = (1 << bits) - 1;
            if (options.pixelMax() == 0 && largest > 0 && largest <= most) {
                progress.note("note: " + source + ": the largest sample is " + largest + " of " + Picture.DEEP_WHITE
                        + ", as in pictures of " + bits + " bits; pixelMax " + most + " makes " + most
                        + " white");
                return;
            }
        }
    }

    /** Computes all; if some fail, throws the failure of the first in their order, not in time. */
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
