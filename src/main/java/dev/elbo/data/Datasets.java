package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Cache;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Data sets by name or path. A name is looked for in the cache folder ({@code $ELBO_CACHE}, else
 * {@code $XDG_CACHE_HOME/elbo}, else {@code ~/.cache/elbo}), then where operating systems' packages put it
 * ({@code /usr/share/datasets}), then downloaded to the cache; wherever it comes from, the SHA-256 of its unpacked
 * files must be the known one. The address to download from can be set by the property
 * {@code elbo.data.url.fashion-mnist} or the variable {@code ELBO_DATA_URL_FASHION_MNIST}, likewise for other names.
 */
public final class Datasets {
    private static final float DIGITS_SCALE = 1f / 16;
    private static final int TIMEOUT_MILLIS = 30_000;
    /** The limit of a download: the largest file has 26 MB packed, 47 MB unpacked. */
    private static final long MAX_BYTES = 64 << 20;

    private final UnaryOperator<String> environment;
    private final UnaryOperator<String> properties;
    private final Path packages;
    private final List<NamedData> named;

    Datasets(
            UnaryOperator<String> environment, UnaryOperator<String> properties, Path packages, List<NamedData> named) {
        this.environment = environment;
        this.properties = properties;
        this.packages = packages;
        this.named = named;
    }

    /** {@return the data sets of this machine} */
    public static Datasets standard() {
        return new Datasets(System::getenv, System::getProperty, Path.of("/usr/share/datasets"), NamedData.ALL);
    }

    /**
     * A data set that has a name.
     *
     * @param name by which it is opened
     * @param description content and makers, one line
     * @param licence that it comes under
     * @param where the folder it was found in, "bundled", or empty if it is not on this machine
     * @param downloadable whether {@link #fetch} can get it
     */
    public record Listing(
            String name, String description, String licence, Optional<String> where, boolean downloadable) {}

    /** {@return all named data sets and where they are} */
    public List<Listing> list() {
        return named.stream()
                .map(data -> new Listing(
                        data.name(),
                        data.description(),
                        data.licence(),
                        isBundled(data) ? Optional.of("bundled") : find(data).map(Path::toString),
                        !address(data).isEmpty()))
                .toList();
    }

    /**
     * Reads a data set; a named one that is not on this machine is downloaded first.
     *
     * @param nameOrPath a name of {@link #list()}, or the path of a file or folder of one of the formats that are read;
     *     a name wins over a path, {@code ./name} is always a path
     * @param progress told of downloads and long reads, on the calling thread
     * @return training data, and test data where the source has them; values scaled to [0, 1] where they are bytes
     * @throws ElboException of kind USAGE if it is neither a name nor a path, DATA if the files cannot be trusted, IO
     *     if reading, writing or downloading fails
     */
    public Split open(String nameOrPath, Progress progress) {
        return open(List.of(nameOrPath), ReadOptions.DEFAULT, progress);
    }

    /**
     * Reads several sources as one data set, in the order of the sources.
     *
     * @param namesOrPaths at least one, each as for {@link #open(String, Progress)}
     * @param options options for reading
     * @param progress told of downloads and long reads, on the calling thread
     * @return training data, and test data where all sources have them
     * @throws IllegalArgumentException if there is no source
     * @throws ElboException as there, and of kind DATA if they do not fit together, naming the first that does not
     */
    public Split open(List<String> namesOrPaths, ReadOptions options, Progress progress) {
        if (namesOrPaths.isEmpty()) {
            throw new IllegalArgumentException("no data source is given");
        }
        if (!options.labels().isEmpty() && options.labels().size() != namesOrPaths.size()) {
            throw ElboException.usage("withLabels: " + options.labels().size() + " files for " + namesOrPaths.size()
                    + " sources of data; give one file for each source, in the same order");
        }
        List<Split> parts = new ArrayList<>();
        for (int i = 0; i < namesOrPaths.size(); i++) {
            Split part = source(
                    namesOrPaths.get(i),
                    i == 0 ? options : options.withColumnsOf(parts.get(0).train()),
                    progress);
            parts.add(
                    options.labels().isEmpty()
                            ? part
                            : labelled(part, options.labels().get(i)));
        }
        Split all = Split.joined(withCommonValidation(parts, progress));
        if (!options.anyValue() && options.table().isEmpty()) {
            // Part by part, so that the row is that of the file.
            for (Split part : parts) {
                part.train().rows().requireFinite(part.train().name());
                for (Optional<Dataset> apart : List.of(part.test(), part.validation())) {
                    apart.ifPresent(data -> data.rows().requireFinite(data.name()));
                }
            }
        }
        return all;
    }

    /** Keeps validation data only if all sources have some. */
    private static List<Split> withCommonValidation(List<Split> parts, Progress progress) {
        if (parts.stream().allMatch(part -> part.validation().isPresent())) {
            return parts;
        }
        for (Split part : parts) {
            part.validation()
                    .ifPresent(own -> progress.note("note: " + own.name() + ": not used, other sources have none"));
        }
        return parts.stream().map(Split::withoutValidationSet).toList();
    }

    private static Split labelled(Split part, Path labels) {
        if (part.test().isPresent()) {
            throw ElboException.usage("withLabels: " + part.train().name()
                    + " has a test set of its own, which would have no labels; leave withLabels out");
        }
        Split train = new Split(part.train(), Optional.empty());
        return LabelList.onto(train, Optional.of(LabelList.read(labels)), Optional.empty());
    }

    private Split source(String nameOrPath, ReadOptions options, Progress progress) {
        Optional<NamedData> data = byName(nameOrPath);
        if (data.isPresent()) {
            if (options.table().isPresent()) {
                throw DataFormat.noTable(nameOrPath);
            }
            if (options.scale().isGiven()) {
                throw ElboException.usage(
                        "pixelMax: the value of white in " + nameOrPath + " is fixed; leave pixelMax out");
            }
            return isBundled(data.get())
                    ? digits()
                    : new IdxFiles(data.get().pins()).folder(folder(data.get(), progress), nameOrPath);
        }
        Path path = path(nameOrPath);
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw nameOrPath.contains("/") || nameOrPath.contains(".")
                    ? ElboException.data(nameOrPath + ": no such file or folder")
                    : ElboException.usage(Messages.quote(nameOrPath)
                            + " is neither a file or folder nor a data set name; names are " + names());
        }
        return DataFormat.read(path, options, progress);
    }

    /**
     * Downloads a named data set if it is not on this machine, and checks every file.
     *
     * @param name of {@link #list()}
     * @param progress told of downloads, on the calling thread
     * @return its folder, or "bundled"
     * @throws ElboException of kind USAGE for another name, DATA if the files cannot be trusted or there is nowhere to
     *     download them from, IO if reading, writing or downloading fails
     */
    public String fetch(String name, Progress progress) {
        NamedData data = byName(name)
                .orElseThrow(() ->
                        ElboException.usage(Messages.quote(name) + ": no data set of that name; names are " + names()));
        if (isBundled(data)) {
            return "bundled";
        }
        Path folder = folder(data, progress);
        new IdxFiles(data.pins()).folder(folder, name);
        return folder.toString();
    }

    private Optional<NamedData> byName(String name) {
        return named.stream().filter(data -> data.name().equals(name)).findFirst();
    }

    private String names() {
        return named.stream().map(NamedData::name).collect(Collectors.joining(", "));
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw ElboException.usage("data source is empty; pass a data set name or a path");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw ElboException.usage(Messages.quote(text) + " is not a valid path");
        }
    }

    private static boolean isBundled(NamedData data) {
        return data.pins().isEmpty();
    }

    private Optional<Path> find(NamedData data) {
        return Stream.of(cache(data), packages.resolve(data.name()))
                .filter(folder -> data.pins().keySet().stream()
                        .allMatch(file -> IdxFiles.find(folder, file).isPresent()))
                .findFirst();
    }

    private Path folder(NamedData data, Progress progress) {
        return find(data).orElseGet(() -> download(data, progress));
    }

    private Path download(NamedData data, Progress progress) {
        Path folder = cache(data);
        String address = address(data);
        if (address.isEmpty()) {
            throw ElboException.data(data.name() + ": is not on this machine and cannot be downloaded; " + data.help()
                    + ": use their folder as the data, or put them into " + folder);
        }
        Cache.make(folder);
        Download download = new Download(TIMEOUT_MILLIS, MAX_BYTES, progress);
        IdxFiles files = new IdxFiles(data.pins());
        for (String file : data.pins().keySet().stream().sorted().toList()) {
            if (IdxFiles.find(folder, file).isEmpty()) {
                download.save(address + file + ".gz", folder.resolve(file + ".gz"), saved -> files.check(file, saved));
            }
        }
        return folder;
    }

    /** Returns the address to download from, ending in a slash; empty if none is known. */
    private String address(NamedData data) {
        String property = properties.apply("elbo.data.url." + data.name());
        String variable = environment.apply(
                "ELBO_DATA_URL_" + data.name().toUpperCase(Locale.ROOT).replace('-', '_'));
        String address = Cache.isSet(property) ? property : Cache.isSet(variable) ? variable : data.address();
        return address.isEmpty() || address.endsWith("/") ? address : address + "/";
    }

    private Path cache(NamedData data) {
        return Cache.folder(environment, properties).resolve(data.name());
    }

    private static Split digits() {
        Idx.Array images = bundled("images-idx3-ubyte");
        int[] labels = LabelList.of("digits labels", bundled("labels-idx1-ubyte"));
        Dataset all = IdxFiles.dataset("digits", "digits", images, Optional.of(labels), DIGITS_SCALE);
        return new Split(all, Optional.empty());
    }

    private static Idx.Array bundled(String file) {
        try (InputStream in = Datasets.class.getResourceAsStream("digits/" + file)) {
            if (in == null) {
                throw ElboException.io("digits/" + file + ": missing from the program's jar; install it again");
            }
            InputFile content = InputFile.of(Path.of("digits", file), in.readAllBytes());
            return Idx.read(content, Optional.empty(), PixelScale.BY_KIND);
        } catch (IOException e) {
            throw ElboException.io("digits/" + file + ": reading the program's jar failed: " + Messages.reason(e), e);
        }
    }
}
