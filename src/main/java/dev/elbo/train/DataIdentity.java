package dev.elbo.train;

import com.google.gson.JsonObject;
import dev.elbo.data.ClassLabels;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.io.Sha256;
import dev.elbo.model.VaeSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;

/**
 * What tells the data of runs apart. No member of a group has all rows; its digest is that of the digests of all shards.
 *
 * @param shards of a member of a group; null for a run of one process
 */
record DataIdentity(VaeSpec spec, Shards shards) {
    /** The 32-bit words of a digest, which float64 holds. */
    private static final int WORDS = 8;

    int examples(Optional<Dataset> data) {
        int own = data.map(Dataset::size).orElse(0);
        return shards == null ? own : Math.toIntExact(shards.rows(own));
    }

    String classes(Dataset data) {
        return ClassLabels.fingerprint(data, spec.classes());
    }

    /**
     * Adds the digest of some data, if there are any.
     *
     * @param part of the data, the start of the field's name
     * @param digest in hexadecimal
     * @param kind of the digest, the end of the field's name
     */
    void describe(JsonObject json, String part, Optional<Dataset> data, Function<Dataset, String> digest, String kind) {
        if (shards == null) {
            data.ifPresent(set -> json.addProperty(part + "_" + kind, digest.apply(set)));
        } else if (examples(data) > 0) {
            json.addProperty(part + "_shards_" + kind, ofShards(data, digest));
        }
    }

    /** Refuses members whose runs are not the same one. */
    static void requireSame(JsonObject identity, Shards shards) {
        byte[] digest = Sha256.create().digest(identity.toString().getBytes(StandardCharsets.UTF_8));
        double[] words = new double[WORDS];
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        Arrays.setAll(words, word -> bytes.getInt());
        if (!Arrays.equals(shards.fold(Math::min, words), shards.fold(Math::max, words))) {
            throw ElboException.usage("the members of the group differ in backend, model, objective or options;"
                    + " start all of them with the same");
        }
    }

    private String ofShards(Optional<Dataset> data, Function<Dataset, String> digest) {
        double[] words = new double[shards.width() * WORDS];
        for (int i = 0; i < shards.width() && data.isPresent(); i++) {
            int[] rows = shards.rows(data.get().size(), shards.from() + i);
            if (rows.length > 0) {
                Dataset shard = data.get().subset(data.get().name(), rows);
                ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(digest.apply(shard)));
                for (int word = 0; word < WORDS; word++) {
                    words[i * WORDS + word] = bytes.getInt();
                }
            }
        }
        double[] all = shards.gather(words);
        ByteBuffer bytes = ByteBuffer.allocate(all.length * Double.BYTES);
        bytes.asDoubleBuffer().put(all);
        return HexFormat.of().formatHex(Sha256.create().digest(bytes.array()));
    }
}
