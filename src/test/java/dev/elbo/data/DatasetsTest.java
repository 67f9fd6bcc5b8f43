package dev.elbo.data;

import static dev.elbo.data.IdxBytes.counting;
import static dev.elbo.data.IdxBytes.gzip;
import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.elbo.Skip;
import dev.elbo.error.ElboException.Kind;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, byte[]> served = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private HttpServer server;

    private static final Map<String, byte[]> FILES = Map.of(
            IdxFiles.TRAIN_IMAGES, counting(20, 2, 2),
            IdxFiles.TRAIN_LABELS, counting(20),
            IdxFiles.TEST_IMAGES, counting(5, 2, 2),
            IdxFiles.TEST_LABELS, counting(5));

    private static NamedData clothes(String address) {
        Map<String, String> pins = new HashMap<>();
        FILES.forEach((name, content) ->
                pins.put(name, HexFormat.of().formatHex(Sha256.create().digest(content))));
        return new NamedData("clothes-x", "clothes", "none", address, "ask somebody", Map.copyOf(pins));
    }

    private Datasets datasets(String address) {
        properties.putIfAbsent("user.home", folder.resolve("home").toString());
        return new Datasets(
                environment::get,
                properties::get,
                folder.resolve("packages"),
                List.of(NamedData.DIGITS, clothes(address)));
    }

    private String serve() throws IOException {
        FILES.forEach((name, content) -> served.put(name + ".gz", gzip(content)));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/data/", exchange -> {
            String name = exchange.getRequestURI().getPath().substring("/data/".length());
            asked.add(name);
            byte[] content = served.get(name);
            exchange.sendResponseHeaders(content == null ? 404 : 200, content == null ? -1 : content.length);
            if (content != null) {
                exchange.getResponseBody().write(content);
            }
            exchange.close();
        });
        server.start();
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/data";
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    private static void put(Path to, boolean packed) throws IOException {
        Files.createDirectories(to);
        for (Map.Entry<String, byte[]> file : FILES.entrySet()) {
            Files.write(
                    to.resolve(file.getKey() + (packed ? ".gz" : "")),
                    packed ? gzip(file.getValue()) : file.getValue());
        }
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Expected values are those of scikit-learn's load_digits. */
    @Test
    void theBundledDigits() {
        Split split = Datasets.standard().open("digits", Progress.NONE);
        assertTrue(split.test().isEmpty());
        Dataset digits = split.train();
        assertEquals(1797, digits.size());
        assertEquals(Optional.of(new ImageShape(1, 8, 8)), digits.image());
        assertEquals(new Dataset.Range(0, 1), digits.range());
        digits.requireUnitInterval();
        int sum = 0;
        for (float value : digits.values()) {
            sum += (int) (16 * value);
        }
        assertEquals(561718, sum);
        assertEquals(5.20478575 / 16, digits.mean()[2], 1e-9);
        int labels = 0;
        for (int label : digits.labels().orElseThrow()) {
            labels += label;
        }
        assertEquals(8070, labels);
        assertEquals("uint8 × 1/16", digits.type());
        assertEquals("bundled", Datasets.standard().fetch("digits", Progress.NONE));
    }

    @Test
    void theCacheComesBeforeThePackages() throws IOException {
        Path packaged = folder.resolve("packages/clothes-x");
        put(packaged, true);
        Datasets datasets = datasets("http://127.0.0.1:1/");
        assertEquals(packaged.toString(), datasets.fetch("clothes-x", Progress.NONE));
        assertEquals(20, datasets.open("clothes-x", Progress.NONE).train().size());
        Path home = folder.resolve("home/.cache/elbo/clothes-x");
        put(home, false);
        assertEquals(home.toString(), datasets.fetch("clothes-x", Progress.NONE));
        environment.put("XDG_CACHE_HOME", "relative");
        assertEquals(home.toString(), datasets.fetch("clothes-x", Progress.NONE));
        environment.put("XDG_CACHE_HOME", folder.resolve("xdg").toString());
        assertEquals(packaged.toString(), datasets.fetch("clothes-x", Progress.NONE));
        put(folder.resolve("xdg/elbo/clothes-x"), true);
        environment.put("ELBO_CACHE", folder.resolve("own").toString());
        put(folder.resolve("own/clothes-x"), true);
        assertEquals(folder.resolve("own/clothes-x").toString(), datasets.fetch("clothes-x", Progress.NONE));
        environment.put("ELBO_CACHE", "");
        assertEquals(folder.resolve("xdg/elbo/clothes-x").toString(), datasets.fetch("clothes-x", Progress.NONE));
        assertTrue(asked.isEmpty());
    }

    @Test
    void aMissingSetIsDownloadedOnce() throws IOException {
        String address = serve();
        List<String> progress = new ArrayList<>();
        Datasets datasets = datasets(address);
        Split split = datasets.open("clothes-x", (file, bytes, total) -> {
            assertEquals(bytes, total);
            progress.add(file);
        });
        assertEquals(20, split.train().size());
        assertArrayEquals(
                new int[] {0, 1, 2, 3, 4}, split.test().orElseThrow().labels().orElseThrow());
        assertEquals(4, progress.size());
        Path cache = folder.resolve("home/.cache/elbo/clothes-x");
        assertEquals(FILES.keySet().stream().map(name -> name + ".gz").sorted().toList(), names(cache));
        datasets.open("clothes-x", Progress.NONE);
        assertEquals(4, asked.size());
        Files.delete(cache.resolve(IdxFiles.TEST_LABELS + ".gz"));
        datasets.fetch("clothes-x", Progress.NONE);
        assertEquals(5, asked.size(), "only what is missing is downloaded");
    }

    @Test
    void theAddressCanBeSet() throws IOException {
        String address = serve();
        environment.put("ELBO_DATA_URL_CLOTHES_X", address + "/");
        assertTrue(datasets("").list().get(1).downloadable());
        datasets("").open("clothes-x", Progress.NONE);
        properties.put("elbo.data.url.clothes-x", "http://127.0.0.1:1/property");
        Files.delete(folder.resolve("home/.cache/elbo/clothes-x/" + IdxFiles.TEST_LABELS + ".gz"));
        fails(
                Kind.IO,
                () -> datasets("").open("clothes-x", Progress.NONE),
                "127.0.0.1:1/property/",
                "use their folder as the data");
        properties.put("elbo.data.url.clothes-x", "file:///etc");
        fails(Kind.USAGE, () -> datasets("").open("clothes-x", Progress.NONE), "http");
        properties.put("elbo.data.url.clothes-x", "no address");
        fails(Kind.USAGE, () -> datasets("").open("clothes-x", Progress.NONE), "web address");
    }

    @Test
    void whatIsDownloadedMustHaveItsDigest() throws IOException {
        String address = serve();
        byte[] other = counting(5);
        other[8] = 9;
        served.put(IdxFiles.TEST_LABELS + ".gz", gzip(other));
        String found = HexFormat.of().formatHex(Sha256.create().digest(other));
        String wanted = clothes("").pins().get(IdxFiles.TEST_LABELS);
        refused(() -> datasets(address).open("clothes-x", Progress.NONE), IdxFiles.TEST_LABELS, found, wanted);
        Path cache = folder.resolve("home/.cache/elbo/clothes-x");
        assertFalse(names(cache).stream().anyMatch(name -> name.contains("labels") && name.contains("t10k")));
        assertFalse(names(cache).stream().anyMatch(name -> name.endsWith(".tmp")));
        served.put(IdxFiles.TEST_LABELS + ".gz", "<html>sign in</html>".getBytes());
        refused(() -> datasets(address).open("clothes-x", Progress.NONE), address, "refused");
        served.remove(IdxFiles.TEST_LABELS + ".gz");
        fails(Kind.IO, () -> datasets(address).open("clothes-x", Progress.NONE), "404", "use their folder as the data");
        served.put(IdxFiles.TEST_LABELS + ".gz", FILES.get(IdxFiles.TEST_LABELS));
        datasets(address).open("clothes-x", Progress.NONE);
    }

    @Test
    void aDamagedCacheIsRefused() throws IOException {
        Path cache = folder.resolve("home/.cache/elbo/clothes-x");
        put(cache, false);
        byte[] images = FILES.get(IdxFiles.TRAIN_IMAGES).clone();
        images[images.length - 1] ^= 1;
        Files.write(cache.resolve(IdxFiles.TRAIN_IMAGES), images);
        refused(() -> datasets("").open("clothes-x", Progress.NONE), IdxFiles.TRAIN_IMAGES, "SHA-256", "delete");
    }

    @Test
    void whatIsNowhereSaysWhatToDo() throws IOException {
        refused(
                () -> datasets("").open("clothes-x", Progress.NONE),
                "ask somebody",
                "use their folder as the data",
                ".cache/elbo");
        fails(Kind.USAGE, () -> datasets("").open("clothes", Progress.NONE), "'clothes'", "digits, clothes-x");
        fails(Kind.USAGE, () -> datasets("").open("a\0b", Progress.NONE), "'a?b'");
        fails(Kind.USAGE, () -> datasets("").fetch("x/y", Progress.NONE), "digits, clothes-x");
        refused(() -> datasets("").open("./clothes", Progress.NONE), "no such file");
        Files.writeString(folder.resolve("home"), "a file");
        fails(Kind.IO, () -> datasets("http://127.0.0.1:1/").open("clothes-x", Progress.NONE), "ELBO_CACHE");
    }

    @Test
    void pathsAreRead() throws IOException {
        put(folder.resolve("mine"), true);
        assertEquals(
                5,
                datasets("")
                        .open(folder.resolve("mine").toString(), Progress.NONE)
                        .test()
                        .orElseThrow()
                        .size());
        String file = folder.resolve("mine/" + IdxFiles.TEST_IMAGES + ".gz").toString();
        Dataset data = datasets("").open(file, Progress.NONE).train();
        assertEquals(file, data.name());
        assertEquals(5, data.labels().orElseThrow().length);
    }

    @Test
    void theList() throws IOException {
        Datasets datasets = datasets("");
        assertEquals(
                new Datasets.Listing("clothes-x", "clothes", "none", Optional.empty(), false),
                datasets.list().get(1));
        assertEquals(Optional.of("bundled"), datasets.list().get(0).where());
        put(folder.resolve("packages/clothes-x"), true);
        assertEquals(
                Optional.of(folder.resolve("packages/clothes-x").toString()),
                datasets.list().get(1).where());
        assertEquals(
                List.of("digits", "fashion-mnist", "mnist"),
                Datasets.standard().list().stream().map(Datasets.Listing::name).toList());
    }

    @Test
    void fashionMnistOfThisMachineIsTheKnownOne() {
        Datasets datasets = Datasets.standard();
        Optional<String> where = datasets.list().get(1).where();
        Skip.unless(where.isPresent(), "fashion-mnist is not on this machine");
        Split split = datasets.open("fashion-mnist", Progress.NONE);
        assertEquals(60_000, split.train().size());
        assertEquals(10_000, split.test().orElseThrow().size());
        double[] mean = split.train().mean();
        double sum = 0;
        for (double value : mean) {
            sum += value;
        }
        assertEquals(0.2860405969887955, sum / 784, 1e-7);
    }
}
