import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/**
 * What the contestants on the JVM share: arguments, data, and the result as one JSON object, the same as that of
 * {@code pytorch_vae.py}.
 *
 * <pre>--preset small --data-folder DIR --threads 1 --epochs 4 --likelihood gaussian --seed 0 --json OUT</pre>
 *
 * Without a folder the data are random bytes, {@code --examples} of them (default: 64 batches).
 */
final class Peer {
    static final int BATCH = 128;
    static final int PIXELS = 28 * 28;
    private static final int BATCHES = 64;

    private Peer() {}

    /** A model of 28 x 28 images, being trained. */
    interface Contestant {
        String version();

        /** One pass over the training data in a new order; returns the number of images. */
        long epoch();

        /** Nats per image of the test data, on one fixed draw of noise, constants included. */
        double testElbo();
    }

    /** @param train (N, 784) in [0, 1] */
    record Options(
            String preset,
            float[] train,
            float[] test,
            int threads,
            int epochs,
            boolean gaussian,
            long seed,
            Path json) {}

    static Options options(String[] arguments) throws IOException {
        Map<String, String> given = new HashMap<>(Map.of(
                "--preset", "small", "--data-folder", "", "--examples", "" + BATCHES * BATCH, "--threads", "1",
                "--epochs", "4", "--likelihood", "gaussian", "--seed", "0", "--json", ""));
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length || given.put(arguments[i], arguments[i + 1]) == null) {
                throw new IllegalArgumentException("not an option with a value: " + arguments[i]);
            }
        }
        Path folder = Path.of(given.get("--data-folder"));
        boolean made = given.get("--data-folder").isEmpty();
        Random random = new Random(Long.parseLong(given.get("--seed")));
        int examples = Integer.parseInt(given.get("--examples"));
        return new Options(
                given.get("--preset"),
                made ? bytes(random, examples) : images(folder, "train-images-idx3-ubyte"),
                made ? bytes(random, Math.min(examples, BATCH)) : images(folder, "t10k-images-idx3-ubyte"),
                Integer.parseInt(given.get("--threads")),
                Integer.parseInt(given.get("--epochs")),
                given.get("--likelihood").equals("gaussian"),
                Long.parseLong(given.get("--seed")),
                Path.of(given.get("--json")));
    }

    private static float[] bytes(Random random, int examples) {
        float[] values = new float[examples * PIXELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (1 + random.nextInt(255)) / 255f;
        }
        return values;
    }

    private static float[] images(Path folder, String name) throws IOException {
        Path plain = folder.resolve(name);
        try (InputStream file = Files.exists(plain)
                        ? Files.newInputStream(plain)
                        : new GZIPInputStream(Files.newInputStream(folder.resolve(name + ".gz")));
                DataInputStream in = new DataInputStream(file)) {
            if (in.readInt() != 0x803) {
                throw new IOException(name + ": not an IDX file of images");
            }
            int count = in.readInt();
            if (in.readInt() * in.readInt() != PIXELS) {
                throw new IOException(name + ": not 28 x 28");
            }
            byte[] bytes = in.readNBytes(count * PIXELS);
            float[] values = new float[bytes.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (bytes[i] & 0xff) / 255f;
            }
            return values;
        }
    }

    static int[] permutation(Random random, int length) {
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    static void run(String framework, Options options, Contestant contestant) throws IOException {
        double[] rates = new double[options.epochs()];
        double[] elbos = new double[options.epochs()];
        for (int epoch = 0; epoch < options.epochs(); epoch++) {
            long start = System.nanoTime();
            long images = contestant.epoch();
            rates[epoch] = images / ((System.nanoTime() - start) * 1e-9);
            elbos[epoch] = contestant.testElbo();
            System.err.printf(
                    Locale.ROOT,
                    "epoch %d: %.0f images/s, test ELBO %.2f%n",
                    epoch + 1,
                    rates[epoch],
                    elbos[epoch]);
        }
        String result = String.format(
                Locale.ROOT,
                "{\"framework\": \"%s\", \"version\": \"%s\", \"preset\": \"%s\", \"threads\": %d,"
                        + " \"likelihood\": \"%s\", \"batch\": %d, \"seed\": %d, \"images_per_second\": %s, \"test_elbo\": %s}%n",
                framework,
                contestant.version(),
                options.preset(),
                options.threads(),
                options.gaussian() ? "gaussian" : "bernoulli",
                BATCH,
                options.seed(),
                Arrays.toString(rates),
                Arrays.toString(elbos));
        System.out.print(result);
        if (!options.json().toString().isEmpty()) {
            Files.writeString(options.json(), result);
        }
    }
}
