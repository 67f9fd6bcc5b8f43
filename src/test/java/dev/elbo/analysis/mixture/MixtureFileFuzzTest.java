package dev.elbo.analysis.mixture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.error.ElboException;
import dev.elbo.fuzz.Hostile;
import dev.elbo.fuzz.SafeTensorsBytes;
import dev.elbo.io.SafeTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fuzz")
class MixtureFileFuzzTest {
    private static final long PER_BYTE = 128;

    static Stream<byte[]> seeds() {
        return Stream.of(
                mixture(
                        "full",
                        1,
                        1,
                        "\"scale_tril\":{\"dtype\":\"F64\",\"shape\":[1,1,1],\"data_offsets\":[16,24]}",
                        24),
                mixture(
                        "full",
                        1,
                        2,
                        "\"scale_tril\":{\"dtype\":\"F64\",\"shape\":[1,2,2],\"data_offsets\":[24,56]}",
                        56),
                mixture("diagonal", 1, 2, "\"scale\":{\"dtype\":\"F64\",\"shape\":[1,2],\"data_offsets\":[24,40]}", 40),
                mixture("diagonal", 2, 1, "\"scale\":{\"dtype\":\"F64\",\"shape\":[2,1],\"data_offsets\":[32,48]}", 48),
                // a matrix of so many rows and columns would take 50 MB
                mixture(
                        "diagonal",
                        1,
                        2_500,
                        "\"scale\":{\"dtype\":\"F64\",\"shape\":[1,2500]," + "\"data_offsets\":[20008,40008]}",
                        40_008),
                mixture("round", 1, 1, "\"scale\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[16,24]}", 24),
                SafeTensorsBytes.file("{}", 0));
    }

    /** Float64, each 1, in a file without a seal, so that a fuzzer may change it. */
    private static byte[] mixture(String covariance, int k, int d, String scale, int bytes) {
        String p = "\"elbo.mixture.";
        byte[] file = SafeTensorsBytes.file(
                "{\"__metadata__\":{" + p + "covariance\":\"" + covariance + "\"," + p + "components\":\"" + k + "\","
                        + p
                        + "dimensions\":\"" + d + "\"," + p + "bic\":\"-1.5E3\"," + p + "model_sha256\":\""
                        + "ab".repeat(32) + "\",\"note\":\"x\"},"
                        + SafeTensorsBytes.tensor("weights", "F64", "[" + k + "]", 0, 8L * k) + ","
                        + SafeTensorsBytes.tensor("means", "F64", "[" + k + "," + d + "]", 8L * k, 8L * k * (d + 1))
                        + ","
                        + scale + "}",
                bytes);
        for (int at = file.length - bytes; at < file.length; at += 8) {
            // 1.0, and 0.5 for each of two weights
            ByteBuffer.wrap(file)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(at, k == 2 && at < file.length - bytes + 16 ? 0.5 : 1);
        }
        return file;
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) throws IOException {
        Path file = Hostile.file("open", content);
        try {
            SafeTensors.read(file).write(file);
        } catch (ElboException e) {
            return;
        }
        Hostile.file(Files.readAllBytes(file), PER_BYTE, MixtureFile::read).ifPresent(MixtureFileFuzzTest::again);
    }

    private static void again(MixtureFile read) {
        Path file = Hostile.file("again", new byte[0]);
        read.write(file);
        MixtureFile same = MixtureFile.read(file);
        assertEquals(read.model(), same.model());
        assertEquals(read.notes(), same.notes());
        GaussianMixture mixture = read.mixture();
        assertEquals(mixture.bic(), same.mixture().bic());
        assertArrayEquals(mixture.weights(), same.mixture().weights());
        for (int c = 0; c < mixture.components(); c++) {
            assertArrayEquals(mixture.gaussians[c].mean, same.mixture().gaussians[c].mean);
            assertArrayEquals(mixture.gaussians[c].lower, same.mixture().gaussians[c].lower);
        }
    }
}
