package dev.elbo.analysis.mixture;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.SafeTensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A mixture as a sealed safetensors file: {@code weights} (components), {@code means} (components, d), and the covariances as
 * their Cholesky factors, {@code scale_tril} (components, d, d), or for diagonal ones as standard deviations, {@code scale}
 * (components, d). Values are float32, and factors rather than covariances stay positive definite when they are rounded.
 *
 * @param mixture with values as the file has them
 * @param model SHA-256 of the model file whose codes it describes
 * @param notes the metadata's other entries
 */
public record MixtureFile(GaussianMixture mixture, String model, Map<String, String> notes) {
    /** The file's name beside its model. */
    public static final String NAME = "mixture.safetensors";

    private static final String COVARIANCE = "elbo.mixture.covariance";
    private static final String COMPONENTS = "elbo.mixture.components";
    private static final String DIMENSIONS = "elbo.mixture.dimensions";
    private static final String BIC = "elbo.mixture.bic";
    private static final String MODEL = "elbo.mixture.model_sha256";

    private static final double SUM_TOLERANCE = 1e-6;

    /**
     * Rounds the mixture to the file's precision, so it is the same before and after storage.
     *
     * @throws ElboException numeric, if a value is too large or too small for float32
     */
    public MixtureFile {
        mixture = rounded(mixture);
        notes = Map.copyOf(notes);
    }

    private static GaussianMixture rounded(GaussianMixture mixture) {
        MixtureComponent[] gaussians = Arrays.stream(mixture.gaussians)
                .map(g -> new MixtureComponent(
                        rounded(g.mean),
                        Arrays.stream(g.lower).map(MixtureFile::rounded).toArray(double[][]::new)))
                .toArray(MixtureComponent[]::new);
        return new GaussianMixture(mixture.covariance(), rounded(mixture.weights()), gaussians, mixture.bic());
    }

    private static double[] rounded(double[] values) {
        return Arrays.stream(values)
                .map(value -> {
                    float rounded = (float) value;
                    if (!Float.isFinite(rounded) || rounded == 0 && value != 0) {
                        throw ElboException.numeric(
                                "a mixture with the value " + value + " cannot be stored as float32; rescale the rows");
                    }
                    return rounded;
                })
                .toArray();
    }

    /**
     * Writes the mixture durably.
     *
     * @param file to write
     * @throws ElboException io, naming the file
     */
    public void write(Path file) {
        int k = mixture.components();
        int d = mixture.dimensions();
        boolean full = mixture.covariance() == Covariance.FULL;
        float[] means = new float[k * d];
        float[] scales = new float[full ? k * d * d : k * d];
        float[] weights = new float[k];
        for (int c = 0; c < k; c++) {
            MixtureComponent gaussian = mixture.gaussians[c];
            weights[c] = (float) mixture.weights()[c];
            for (int i = 0; i < d; i++) {
                means[c * d + i] = (float) gaussian.mean[i];
                double[] row = gaussian.lower[i];
                for (int j = 0; j < row.length; j++) {
                    scales[(c * d + i) * (full ? d : 1) + j] = (float) row[j];
                }
            }
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(COVARIANCE, mixture.covariance().toString());
        metadata.put(COMPONENTS, Integer.toString(k));
        metadata.put(DIMENSIONS, Integer.toString(d));
        metadata.put(BIC, Double.toString(mixture.bic()));
        metadata.put(MODEL, model);
        notes.keySet().stream().sorted().forEach(key -> metadata.put(key, notes.get(key)));
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put("weights", new SafeTensors.Entry(new int[] {k}, weights));
        tensors.put("means", new SafeTensors.Entry(new int[] {k, d}, means));
        tensors.put(scaleName(full), new SafeTensors.Entry(scaleShape(full, k, d), scales));
        new SafeTensors(metadata, tensors).write(file);
    }

    private static String scaleName(boolean full) {
        return full ? "scale_tril" : "scale";
    }

    private static int[] scaleShape(boolean full, int k, int d) {
        return full ? new int[] {k, d, d} : new int[] {k, d};
    }

    /**
     * {@return the mixture in a file, and what belongs to it}
     *
     * @param file to read
     * @throws ElboException data, naming the file and what is wrong, if it is no mixture that can be trusted
     */
    public static MixtureFile read(Path file) {
        SafeTensors content = SafeTensors.readSealed(file);
        Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
        String form = take(file, metadata, COVARIANCE, "full|diagonal");
        int k = Integer.parseInt(take(file, metadata, COMPONENTS, "[1-9][0-9]{0,8}"));
        int d = Integer.parseInt(take(file, metadata, DIMENSIONS, "[1-9][0-9]{0,8}"));
        double bic = Double.parseDouble(take(file, metadata, BIC, "-?[0-9]{1,20}(\\.[0-9]{1,20})?(E-?[0-9]{1,3})?"));
        String model = take(file, metadata, MODEL, "[0-9a-f]{64}");
        Covariance covariance = Covariance.valueOf(form.toUpperCase(Locale.ROOT));
        boolean full = covariance == Covariance.FULL;
        content.requireTensors(
                file.toString(),
                Map.of("weights", new int[] {k}, "means", new int[] {k, d}, scaleName(full), scaleShape(full, k, d)));
        content.requireFinite(file.toString());
        double[] weights = values(content, "weights", 0, k);
        double sum = Arrays.stream(weights).sum();
        if (Arrays.stream(weights).anyMatch(weight -> !(weight > 0)) || !(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw bad(
                    file,
                    "weights are not positive numbers of sum 1, but "
                            + Arrays.stream(weights).min().orElseThrow() + " and more, of sum " + sum);
        }
        MixtureComponent[] gaussians = new MixtureComponent[k];
        for (int c = 0; c < k; c++) {
            gaussians[c] =
                    new MixtureComponent(values(content, "means", c * d, d), lower(file, content, covariance, c, d));
        }
        return new MixtureFile(new GaussianMixture(covariance, weights, gaussians, bic), model, metadata);
    }

    private static String take(Path file, Map<String, String> metadata, String key, String form) {
        String value = metadata.remove(key);
        if (value == null || !value.matches(form)) {
            throw bad(file, key + " in the metadata is " + (value == null ? "missing" : Messages.quote(value)));
        }
        return value;
    }

    private static double[] values(SafeTensors content, String name, int from, int count) {
        float[] all = content.tensors().get(name).values();
        double[] values = new double[count];
        Arrays.setAll(values, i -> all[from + i]);
        return values;
    }

    private static double[][] lower(Path file, SafeTensors content, Covariance covariance, int c, int d) {
        boolean full = covariance == Covariance.FULL;
        int width = full ? d : 1;
        double[][] lower = covariance.triangle(d);
        for (int i = 0; i < d; i++) {
            double[] row = values(content, scaleName(full), (c * d + i) * width, width);
            int length = lower[i].length;
            lower[i] = Arrays.copyOf(row, length);
            boolean zeros = Arrays.stream(row, length, width).allMatch(value -> value == 0);
            if (!(row[length - 1] > 0) || !zeros) {
                throw bad(
                        file,
                        scaleName(full) + " of component " + c + " (from 0) is not "
                                + (full ? "lower triangular with a positive diagonal" : "positive") + " in row " + i);
            }
        }
        return lower;
    }

    private static ElboException bad(Path file, String problem) {
        return ElboException.data(file + ": is not a mixture of elbo: " + problem + "; delete the file to fit it anew");
    }
}
