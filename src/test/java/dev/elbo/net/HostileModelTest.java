package dev.elbo.net;

import static dev.elbo.io.Failures.refusedCheaply;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.model.Activation;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model files that were made to hurt: each is refused in words, within a second and 16 MiB. */
class HostileModelTest {
    private static final VaeSpec SPEC = VaeSpec.mlp(2, List.of(), 1, Activation.RELU, Likelihood.GAUSSIAN, false);
    private static final float[] WEIGHTS = {1, 2, 3, 4, 5, 6, 7};

    @TempDir
    private Path folder;

    private Path file;
    private final Map<String, String> header = new LinkedHashMap<>();

    @BeforeEach
    void good() {
        file = folder.resolve("model.safetensors");
        metadata(SPEC.toJson());
        tensor("mu.weight", "[1,2]", "[0,8]");
        tensor("mu.bias", "[1]", "[8,12]");
        tensor("output.weight", "[2,1]", "[12,20]");
        tensor("output.bias", "[2]", "[20,28]");
    }

    private void metadata(String spec) {
        header.put("__metadata__", "{\"elbo.spec\":\"" + spec.replace("\"", "\\\"") + "\"}");
    }

    private void tensor(String name, String shape, String offsets) {
        header.put(name, "{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}");
    }

    private byte[] text() {
        StringBuilder text = new StringBuilder("{");
        header.forEach((name, value) -> text.append(text.length() > 1 ? "," : "")
                .append('"')
                .append(name)
                .append("\":")
                .append(value));
        return text.append("}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private void write(long length, byte[] text, float... weights) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + text.length + 4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length)
                .put(text)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .put(weights);
        Files.write(file, bytes.array());
    }

    private void refused(String... words) throws IOException {
        byte[] text = text();
        write(text.length, text, WEIGHTS);
        refusedAsItIs(words);
    }

    private void refusedAsItIs(String... words) {
        String message = refusedCheaply(() -> StoredModel.read(file), words).getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        assertTrue(message.length() < 8000, message);
    }

    private void edited(UnaryOperator<String> edit, String... words) throws IOException {
        String before = new String(text(), StandardCharsets.UTF_8);
        String after = edit.apply(before);
        assertTrue(!after.equals(before), "the case changes nothing");
        byte[] text = after.getBytes(StandardCharsets.UTF_8);
        write(text.length, text, WEIGHTS);
        refusedAsItIs(words);
    }

    @Test
    void theFileBehindTheCasesIsRead() throws IOException {
        byte[] text = text();
        write(text.length, text, WEIGHTS);
        StoredModel model = StoredModel.read(file);
        assertEquals(SPEC, model.spec());
        assertArrayEquals(new float[] {4, 5}, model.values("output.weight"));
    }

    @Test
    void liesAboutTheHeadersLength() throws IOException {
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 100_000_001}) {
            write(length, text(), WEIGHTS);
            refusedAsItIs("declares a header of " + Long.toUnsignedString(length));
        }
        write(text().length - 1, text(), WEIGHTS);
        refusedAsItIs("JSON");
        write(text().length + 4, text(), WEIGHTS);
        refusedAsItIs("UTF-8");
        write(0, text(), WEIGHTS);
        refusedAsItIs("begin with '{'");
    }

    @Test
    void aHeaderOfAHundredMegabytes() throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(ByteBuffer.allocate(9)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(100_000_000)
                    .put((byte) '{')
                    .array());
            sparse.setLength(8 + 100_000_000 + 28);
        }
        refusedAsItIs("header of 100000000 bytes", "at most");
    }

    @Test
    void overlapHoleAndTrailingBytes() throws IOException {
        tensor("output.bias", "[2]", "[16,24]");
        refused("'output.bias' begins at byte 16", "overlap");
        tensor("output.bias", "[2]", "[24,32]");
        refused("'output.bias' begins at byte 24", "hole");
        tensor("output.bias", "[1]", "[20,24]");
        refused("24 bytes of data, the file has 28", "trailing");
        tensor("output.bias", "[3]", "[20,32]");
        refused("32 bytes of data, the file has 28", "truncated");
    }

    @Test
    void overflows() throws IOException {
        tensor("mu.weight", "[4294967296,4294967296]", "[0,0]");
        refused("'mu.weight' has a dimension of 4294967296");
        tensor("mu.weight", "[65536,65536,65536,65536]", "[0,0]");
        refused("'mu.weight'", "elements");
        tensor("mu.weight", "[2147483647,2147483647]", "[0,8]");
        refused("'mu.weight'", "elements");
        tensor("mu.weight", "[2]", "[18446744073709551608,18446744073709551616]");
        refused("'mu.weight'", "whole numbers");
        tensor("mu.weight", "[2]", "[9223372036854775800,9223372036854775808]");
        refused("'mu.weight'", "whole numbers");
        tensor("mu.weight", "[2]", "[8,0]");
        refused("'mu.weight'", "needs 8 bytes");
        tensor("mu.weight", "[1,-2]", "[0,8]");
        refused("'mu.weight'", "whole numbers");
    }

    @Test
    void duplicates() throws IOException {
        edited(text -> text.replace("\"mu.bias\"", "\"mu.weight\""), "'mu.weight' comes twice");
        edited(text -> text.replace("\"shape\":[1]", "\"shape\":[1],\"shape\":[1]"), "the key shape twice");
        edited(text -> text.replace("\"mu.bias\"", "\"__metadata__\""), "__metadata__ comes twice");
        edited(text -> text.replace("\"elbo.spec\"", "\"elbo.spec\":\"\",\"elbo.spec\""), "'elbo.spec' comes twice");
    }

    @Test
    void deepNesting() throws IOException {
        for (String open : new String[] {"[", "{\"a\":"}) {
            good();
            metadata(open.repeat(8000 / open.length()));
            refused("'elbo.spec'");
            header.put("mu.bias", open.repeat(200_000));
            refused("safetensors header");
        }
    }

    @Test
    void textThatIsNone() throws IOException {
        byte[] text = text();
        text[text.length / 2] = (byte) 0xff;
        write(text.length, text, WEIGHTS);
        refusedAsItIs("not UTF-8");
    }

    @Test
    void hugeCountsOfTensors() throws IOException {
        for (int i = 0; i < 4000; i++) {
            tensor("t" + i, "[0]", "[0,0]");
        }
        refused("'t0' is not expected", "and 3950 more");
        for (int i = 4000; i < 16_000; i++) {
            tensor("t" + i, "[0]", "[0,0]");
        }
        refused("more than 4096 tensors");
    }

    @Test
    void specificationsThatAskForTooMuch() throws IOException {
        metadata(SPEC.toJson().replace("[]", "[1" + ",1".repeat(100) + "]"));
        refused("hidden has 101 layers");
        metadata(SPEC.toJson().replace("[]", "[1" + ",1".repeat(400_000) + "]"));
        refused("characters");
        metadata(SPEC.toJson().replace("[]", "[2147483647,2147483647]"));
        refused("more than 2000000000 weights");
        metadata(SPEC.toJson().replace("[]", "[1000000]"));
        refused("'encoder.0.weight' is missing");
        metadata(SPEC.toJson().replace(":2,", ":1e-4000000,"));
        refused("'elbo.spec'");
        header.put("__metadata__", "null");
        refused("JSON");
        header.remove("__metadata__");
        refused("no 'elbo.spec'", "ModelImport.read(" + file + ")");
    }

    /** Of a picture of 1 × 2 × 1 with a convolution of one weight. */
    private static String convolutionalJson() {
        return VaeSpec.builder(2)
                .convolutions(new FeatureMap(1, 2, 1), Convolution.parse("1x1"))
                .hidden()
                .latent(1)
                .classes(List.of("cat", "dog"))
                .likelihood(Likelihood.GAUSSIAN)
                .build()
                .toJson();
    }

    private void convolutional(String from, String to, String... words) throws IOException {
        String json = convolutionalJson();
        assertTrue(json.contains(from), json);
        metadata(json.replace(from, to));
        refused(words);
    }

    @Test
    void convolutionsThatCannotBe() throws IOException {
        metadata(convolutionalJson());
        refused("'encoder.0.weight' is missing");
        String encoder = "\"kind\":\"conv\",\"channels\":1,\"kernel\":1,\"stride\":1,\"padding\":0";
        for (int bad : new int[] {0, -1, Integer.MIN_VALUE}) {
            convolutional(encoder, encoder.replace("channels\":1", "channels\":" + bad), "at least 1 channel");
            convolutional(encoder, encoder.replace("kernel\":1", "kernel\":" + bad), "layer conv: kernel and stride");
            convolutional(encoder, encoder.replace("stride\":1", "stride\":" + bad), "layer conv: kernel and stride");
        }
        convolutional(encoder, encoder.replace("padding\":0", "padding\":-1"), "layer conv: kernel and stride");
        convolutional(encoder, encoder.replace("kernel\":1", "kernel\":2"), "does not fit into 2 × 1 pixels");
        convolutional(
                encoder, encoder.replace("channels\":1", "channels\":2147483647"), "has more than 2147483647 values");
        convolutional(encoder, encoder.replace("channels\":1", "channels\":1000000"), "'encoder.0.weight' is missing");
        convolutional(encoder, encoder.replace("padding\":0", "padding\":2147483647"), "rows or columns");
        // beyond a long, and as ints 1 × 1 × 1
        String most =
                encoder.replace("kernel\":1", "kernel\":2147483647").replace("padding\":0", "padding\":1073741823");
        convolutional(encoder, most, "rows or columns");
        convolutional(encoder, encoder + ",\"dilation\":1", "layer conv: unknown field 'dilation'");
        convolutional(encoder, encoder.replace(",\"stride\":1", ""), "layer conv: field 'stride' is missing");
        for (String pixels : List.of("[1,0]", "[-1,0]", "[0]", "[0,0,0]", "[]")) {
            convolutional(
                    "\"output_padding\":[0,0]", "\"output_padding\":" + pixels, "output_padding must be two numbers");
        }
        convolutional(
                "conv-transposed\",\"channels\":1,\"kernel\":1",
                "conv-transposed\",\"channels\":1,\"kernel\":2147483647",
                "makes 2147483648 pixels of 2");
        convolutional(
                "conv-transposed\",\"channels\":1", "conv-transposed\",\"channels\":3", "the decoder gives 6 values");
    }

    @Test
    void picturesThatCannotBe() throws IOException {
        String picture = "\"picture\":[1,2,1],\"classes\"";
        convolutional(picture, picture.replace("[1,2,1]", "[1,2,2]"), "picture of 1 × 2 × 2 does not have 2 values");
        convolutional(picture, picture.replace("[1,2,1]", "[1,2]"), "picture must be channels, height and width");
        convolutional(picture, picture.replace("[1,2,1]", "[-1,-2,1]"), "at least 1 channel");
        convolutional(picture, picture.replace("[1,2,1]", "[65536,65536,65536]"), "more than 2147483647 values");
        convolutional(
                "\"width\":2,\"picture\":[1,2,1]",
                "\"width\":2,\"picture\":[1,2,2]",
                "layer dense: width is 2, but picture");
        convolutional(
                "\"width\":2,\"picture\":[1,2,1]",
                "\"width\":2000000000,\"picture\":[2000000000,1,1]",
                "the decoder gives");
    }

    @Test
    void classesThatCannotBe() throws IOException {
        String classes = "[\"cat\",\"dog\"]";
        convolutional(classes, "[\"cat\",\"cat\"]", "classes have different names");
        convolutional(classes, "[\"cat\"]", "classes are 1; 2 to 1000 are possible");
        convolutional(classes, "[\"cat\",\"\"]", "not 0 as that of label 1");
        convolutional(classes, "[\"cat\",\"" + "d".repeat(201) + "\"]", "not 201 as that of label 1");
        convolutional(classes, "[\"cat\"" + ",\"dog\"".repeat(30_000) + "]", "classes are 30001; 2 to 1000");
        convolutional(classes, "[1,2]", "field 'classes' must be a string");
        convolutional(classes, "{}", "field 'classes' must be a list");
    }

    @Test
    void otherTensors() throws IOException {
        header.remove("mu.bias");
        tensor("output.weight", "[1,2]", "[8,16]");
        tensor("output.bias", "[2]", "[16,24]");
        tensor("else", "[]", "[24,28]");
        refused("'mu.bias' is missing", "'output.weight' has shape (1, 2), not (2, 1)", "'else' is not expected");
    }

    @Test
    void weightsThatAreNotFinite() throws IOException {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int at = 0; at < WEIGHTS.length; at++) {
                float[] weights = WEIGHTS.clone();
                weights[at] = bad;
                write(text().length, text(), weights);
                refusedAsItIs("holds " + bad);
            }
        }
    }

    @Test
    void everyTruncation() throws IOException {
        write(text().length, text(), WEIGHTS);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            refusedAsItIs();
        }
    }
}
