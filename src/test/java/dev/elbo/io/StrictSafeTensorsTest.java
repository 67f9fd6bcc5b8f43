package dev.elbo.io;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import dev.elbo.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we write keeps the rules of the format, judged by a reader that shares nothing with ours. */
class StrictSafeTensorsTest {
    @TempDir
    private Path folder;

    private static void assertSame(Map<String, SafeTensors.Entry> expected, StrictSafeTensors actual) {
        assertTrue(actual.aligned);
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.tensors.keySet()));
        expected.forEach((name, entry) -> {
            StrictSafeTensors.Tensor tensor = actual.tensors.get(name);
            assertEquals("F32", tensor.type());
            assertArrayEquals(
                    entry.shape(),
                    tensor.shape().stream().mapToInt(n -> n.intValueExact()).toArray(),
                    name);
            float[] values = new float[tensor.data().remaining() / 4];
            tensor.data().slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            assertArrayEquals(entry.values(), values, name);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void models(Component likelihood) throws IOException {
        boolean perDimension = likelihood.equals(Likelihood.GAUSSIAN_LEARNED);
        VaeSpec spec = VaeSpec.mlp(
                5,
                List.of(7, 3),
                2,
                Activation.ELU,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                !perDimension);
        try (ReferenceBackend backend = new ReferenceBackend();
                TinyModel tiny = new TinyModel(backend, spec, 1, 1)) {
            StoredModel model = StoredModel.of(tiny.vae, Map.of("a", "b"));
            Path file = folder.resolve("model.safetensors");
            model.write(file);
            StrictSafeTensors read = new StrictSafeTensors(Files.readAllBytes(file));
            assertSame(model.tensors(), read);
            assertEquals(List.of(SafeTensors.SEAL, "elbo.spec", "a"), List.copyOf(read.metadata.keySet()));
            assertEquals(spec.toJson(), read.metadata.get("elbo.spec"));
        }
    }

    @Test
    void unusualNamesTextsAndShapes() throws IOException {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put("", new SafeTensors.Entry(new int[] {1}, new float[] {Float.NaN}));
        tensors.put("\"\\/\b\f\n\r\t\u0001\u2028é☃😀", new SafeTensors.Entry(new int[] {0, 4}, new float[0]));
        tensors.put("scalar", new SafeTensors.Entry(new int[0], new float[] {-0f}));
        tensors.put("five", new SafeTensors.Entry(new int[] {1, 2, 1, 3, 1}, new float[6]));
        for (int padding = 0; padding < 8; padding++) {
            SafeTensors content = new SafeTensors(Map.of("k" + "x".repeat(padding), "\u0000\u007f'<&=\"é😀"), tensors);
            Path file = folder.resolve("unusual.safetensors");
            content.write(file);
            StrictSafeTensors read = new StrictSafeTensors(Files.readAllBytes(file));
            assertSame(tensors, read);
            read.metadata.remove(SafeTensors.SEAL);
            assertEquals(content.metadata(), read.metadata);
        }
    }

    /** Positive control, and that ours is no more lenient where both say no. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}",
                "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}",
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F64','shape':[2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F16','shape':[2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[18446744073709551608,18446744073709551616]}}",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F32','shape':[02],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                "{'__metadata__':{'k':1},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                "{'__metadata__':{'k':{}},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F99','shape':[2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F32','shape':[2]}}",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}x",
                " {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}",
            })
    void brokenFilesAreRefusedByBoth(String header) throws IOException {
        byte[] bytes = file(header);
        assertThrows(IllegalArgumentException.class, () -> new StrictSafeTensors(bytes));
        Path file = Files.write(folder.resolve("broken.safetensors"), bytes);
        refused(() -> SafeTensors.read(file), file.toString());
    }

    @Test
    void theWholeFileBehindTheCasesIsFine() throws IOException {
        byte[] good = file("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} ");
        assertEquals(1, new StrictSafeTensors(good).tensors.size());
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(IllegalArgumentException.class, () -> new StrictSafeTensors(cut));
        }
        assertThrows(IllegalArgumentException.class, () -> new StrictSafeTensors(Arrays.copyOf(good, good.length + 1)));
    }

    private static byte[] file(String header) {
        byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }
}
