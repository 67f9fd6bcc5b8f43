package dev.elbo.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.io.Text;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The time that a backend takes to open and to train its first steps. Also compares the weights of backends that are
 * opened one after the other in the same process.
 */
public final class OpenBench {
    private static final int EPOCHS = 2;
    private static final int PROGRAMS_OF_EPOCH = 2;
    private static final int BATCH = 128;
    private static final int BATCH_OF_REHEARSAL = 8;
    private static final double LEARNING_RATE = 1e-3;
    private static final double NANO = 1e-9;

    private OpenBench() {}

    /**
     * The life of a backend from its opening to its closing.
     *
     * @param open seconds to open it, kernels loaded
     * @param first seconds from there to the end of the first program of steps, recorded meanwhile
     * @param steps of that program
     * @param training seconds of the whole training, the first program and the evaluations included
     * @param close seconds to close it
     * @param weights after the training
     */
    public record Life(double open, double first, int steps, double training, double close, float[] weights) {
        /** {@return a line of text} */
        public String line() {
            return Text.format(
                    "open %8.3f s, first %d steps %8.3f s, training %8.3f s, close %8.3f s",
                    open, steps, first, training, close);
        }

        private JsonObject toJson() {
            JsonObject json = new JsonObject();
            json.addProperty("open_seconds", open);
            json.addProperty("first_program_seconds", first);
            json.addProperty("steps_of_program", steps);
            json.addProperty("training_seconds", training);
            json.addProperty("close_seconds", close);
            return json;
        }
    }

    /** Opens, trains and closes; {@code about} gets the open backend, untimed. Throws unavailable if times are meaningless. */
    public static Life live(Supplier<Backend> opening, Consumer<Backend> about) {
        long start = System.nanoTime();
        Backend backend = opening.get();
        double open = since(start);
        Life life;
        try {
            Bench.timer(backend).close();
            life = train(backend, open);
            about.accept(backend);
        } catch (Throwable thrown) {
            backend.close();
            throw thrown;
        }
        long closing = System.nanoTime();
        backend.close();
        return new Life(open, life.first(), life.steps(), life.training(), since(closing), life.weights());
    }

    private static double since(long start) {
        return (System.nanoTime() - start) * NANO;
    }

    private static Life train(Backend backend, double open) {
        int steps = backend.stepsPerProgram();
        int batch = SmokeTest.isOn() ? BATCH_OF_REHEARSAL : BATCH;
        VaeSpec model = model();
        Split data = RandomBytes.split(PROGRAMS_OF_EPOCH * steps * batch, batch, model.inputs());
        TrainingOptions options = TrainingOptions.builder()
                .epochs(EPOCHS)
                .batchSize(batch)
                .learningRate(LEARNING_RATE)
                .patience(0)
                .build();
        double[] first = new double[1];
        long start = System.nanoTime();
        try (Trainer trainer =
                Trainer.builder(backend, model, data).options(options).build()) {
            trainer.run(new TrainingListener() {
                @Override
                public void onStep(long step, long all) {
                    if (step == steps) {
                        backend.synchronize();
                        first[0] = since(start);
                    }
                }
            });
            double training = since(start);
            float[] weights = trainer.parameters().flat().toFloats();
            return new Life(open, first[0], steps, training, 0, weights);
        }
    }

    private static VaeSpec model() {
        return SmokeTest.isOn() ? StepOptions.model(72, List.of(68), 4) : StepOptions.model(784, List.of(400), 20);
    }

    /** {@return the number of weights that differ in any bit} */
    public static long differing(Life one, Life other) {
        return IntStream.range(0, one.weights().length)
                .filter(i -> Float.floatToRawIntBits(one.weights()[i]) != Float.floatToRawIntBits(other.weights()[i]))
                .count();
    }

    /** {@return all lives for a report file} */
    public static JsonObject toJson(List<Life> lives) {
        JsonObject json = new JsonObject();
        json.addProperty("model", model().summary());
        JsonArray array = new JsonArray();
        lives.forEach(life -> array.add(life.toJson()));
        json.add("lives", array);
        json.addProperty("same_bits", lives.stream().allMatch(life -> differing(lives.get(0), life) == 0));
        json.addProperty("weights", lives.get(0).weights().length);
        json.addProperty("weights_hash", Arrays.hashCode(lives.get(0).weights()));
        return json;
    }
}
