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
 * <pre>--data-folder DIR --threads 1 --epochs 4 --likelihood gaussian --seed 0 --json OUT</pre>
 */
final class Peer {
    static final int BATCH = 128;
    private static final int PIXELS = 28 * 28;

    private Peer() {}

    /** The model 784-400-20, being trained. */
    interface Contestant {
        String version();

        /** One pass over the training data in a new order; returns the number of images. */
        long epoch();

        /** Nats per image of the test data, on one fixed draw of noise, constants included. */
        double testElbo();
    }

    /** @param train (N, 784) in [0, 1] */
    record Options(
            float[] train, float[] test, int threads, int epochs, boolean gaussian, long seed, Path json) {}

    static Options options(String[] arguments) throws IOException {
        Map<String, String> given = new HashMap<>(Map.of(
                "--data-folder", "", "--threads", "1", "--epochs", "4", "--likelihood", "gaussian", "--seed", "0",
                "--json", ""));
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length || given.put(arguments[i], arguments[i + 1]) == null) {
                throw new IllegalArgumentException("not an option with a value: " + arguments[i]);
            }
        }
        Path folder = Path.of(given.get("--data-folder"));
        return new Options(
                images(folder, "train-images-idx3-ubyte"),
                images(folder, "t10k-images-idx3-ubyte"),
                Integer.parseInt(given.get("--threads")),
                Integer.parseInt(given.get("--epochs")),
                given.get("--likelihood").equals("gaussian"),
                Long.parseLong(given.get("--seed")),
                Path.of(given.get("--json")));
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
                "{\"framework\": \"%s\", \"version\": \"%s\", \"threads\": %d, \"likelihood\": \"%s\", \"batch\": %d,"
                        + " \"seed\": %d, \"images_per_second\": %s, \"test_elbo\": %s}%n",
                framework,
                contestant.version(),
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
