package dev.elbo.noise;

import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/** The noise assembled from its parts, so that a test can replace one of them by a faulty one. */
final class FaultyNoise implements NoiseStatistics.Generator {
    /** What addresses a block besides its number. */
    record Address(long seed, int step, int stream, int k) {}

    /** Four words to four normals. */
    interface Transform {
        void apply(int[] words, float[] z);
    }

    private UnaryOperator<Address> address = UnaryOperator.identity();
    private IntUnaryOperator counter = IntUnaryOperator.identity();
    private IntUnaryOperator word = IntUnaryOperator.identity();
    private Transform transform = FaultyNoise::boxMuller;

    static FaultyNoise none() {
        return new FaultyNoise();
    }

    static FaultyNoise address(UnaryOperator<Address> fault) {
        FaultyNoise noise = new FaultyNoise();
        noise.address = fault;
        return noise;
    }

    static FaultyNoise counter(IntUnaryOperator fault) {
        FaultyNoise noise = new FaultyNoise();
        noise.counter = fault;
        return noise;
    }

    static FaultyNoise word(IntUnaryOperator fault) {
        FaultyNoise noise = new FaultyNoise();
        noise.word = fault;
        return noise;
    }

    static FaultyNoise transform(Transform fault) {
        FaultyNoise noise = new FaultyNoise();
        noise.transform = fault;
        return noise;
    }

    /** Sound normals, each changed by a function of its value. */
    static FaultyNoise value(UnaryOperator<Float> fault) {
        return transform((words, z) -> {
            boxMuller(words, z);
            for (int i = 0; i < 4; i++) {
                z[i] = fault.apply(z[i]);
            }
        });
    }

    static void boxMuller(int[] words, float[] z) {
        Normals.pair(words[0], words[1], z, 0);
        Normals.pair(words[2], words[3], z, 2);
    }

    @Override
    public void words(long seed, int step, NoiseStream stream, int k, int[] out) {
        Address a = address.apply(new Address(seed, step, stream.id(), k));
        int[] words = new int[4];
        for (int i = 0; i < out.length; i += 4) {
            block(a, i / 4, words);
            System.arraycopy(words, 0, out, i, 4);
        }
    }

    @Override
    public void normals(long seed, int step, NoiseStream stream, int k, float[] out) {
        Address a = address.apply(new Address(seed, step, stream.id(), k));
        int[] words = new int[4];
        float[] z = new float[4];
        for (int i = 0; i < out.length; i += 4) {
            block(a, i / 4, words);
            transform.apply(words, z);
            System.arraycopy(z, 0, out, i, 4);
        }
    }

    private void block(Address a, int i, int[] words) {
        int seedLow = (int) a.seed;
        int seedHigh = (int) (a.seed >>> 32);
        Philox.block(counter.applyAsInt(i), a.step, a.stream, a.k, seedLow, seedHigh, words, 0);
        for (int lane = 0; lane < 4; lane++) {
            words[lane] = word.applyAsInt(words[lane]);
        }
    }
}
