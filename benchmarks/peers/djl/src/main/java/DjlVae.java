import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Random;

/**
 * The VAE 784-400-20, ReLU, batch 128, Adam 1e-3, in DJL on its PyTorch engine; see {@link Peer} for the arguments. The heads
 * are one layer, activations are freed step by step, and the data are one array that batches are taken from.
 */
final class DjlVae implements Peer.Contestant {
    private static final int INPUTS = 784;
    private static final int HIDDEN = 400;
    private static final int LATENT = 20;

    private final boolean gaussian;
    private final NDManager manager = NDManager.newBaseManager();
    private final NDArray images;
    private final NDArray test;
    private final NDArray testNoise;
    private final SequentialBlock encoder = new SequentialBlock()
            .add(Linear.builder().setUnits(HIDDEN).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(2 * LATENT).build());
    private final SequentialBlock decoder = new SequentialBlock()
            .add(Linear.builder().setUnits(HIDDEN).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(INPUTS).build());
    private final Trainer encoderTrainer;
    private final Trainer decoderTrainer;
    private final Random order;

    private DjlVae(Peer.Options options) {
        gaussian = options.gaussian();
        Engine.getInstance().setRandomSeed((int) options.seed());
        order = new Random(options.seed());
        images = manager.create(options.train(), new Shape(options.train().length / INPUTS, INPUTS));
        test = manager.create(options.test(), new Shape(options.test().length / INPUTS, INPUTS));
        testNoise = manager.randomNormal(new Shape(test.getShape().get(0), LATENT));
        encoderTrainer = trainer(encoder, INPUTS);
        decoderTrainer = trainer(decoder, LATENT);
        NDArray mean = images.mean(new int[] {0});
        NDArray bias = gaussian ? mean : logit(mean.clip(1e-3, 1 - 1e-3));
        for (Parameter parameter : decoder.getParameters().values()) {
            if (parameter.getArray().getShape().equals(new Shape(INPUTS))) {
                bias.copyTo(parameter.getArray());
            }
        }
    }

    private static NDArray logit(NDArray p) {
        return p.div(p.neg().add(1)).log();
    }

    private Trainer trainer(SequentialBlock block, int inputs) {
        block.setInitializer(
                new XavierInitializer(
                        XavierInitializer.RandomType.UNIFORM, XavierInitializer.FactorType.AVG, 3),
                Parameter.Type.WEIGHT);
        block.setInitializer(Initializer.ZEROS, Parameter.Type.BIAS);
        Model model = Model.newInstance("vae");
        model.setBlock(block);
        Optimizer adam =
                Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build();
        Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()).optOptimizer(adam));
        trainer.initialize(new Shape(Peer.BATCH, inputs));
        return trainer;
    }

    /** Reconstruction + KL, summed over the batch; the Gaussian's constant left out. */
    private NDArray loss(NDArray x, NDArray noise, boolean training) {
        NDArray heads = forward(encoderTrainer, x, training);
        NDArray mu = heads.get(new NDIndex(":, 0:" + LATENT));
        NDArray logVar = heads.get(new NDIndex(":, " + LATENT + ":"));
        NDArray sigma = logVar.mul(0.5f).exp();
        NDArray output = forward(decoderTrainer, sigma.mul(noise).add(mu), training);
        NDArray reconstruction = gaussian
                ? output.sub(x).square().sum().mul(0.5f)
                // max(y, 0) - x y + log(1 + exp(-|y|))
                : output.maximum(0)
                        .sub(x.mul(output))
                        .add(output.abs().neg().exp().add(1).log())
                        .sum();
        NDArray kl = logVar.add(1).sub(mu.square()).sub(sigma.square()).sum().mul(-0.5f);
        return reconstruction.add(kl);
    }

    private static NDArray forward(Trainer trainer, NDArray x, boolean training) {
        NDList in = new NDList(x);
        return (training ? trainer.forward(in) : trainer.evaluate(in)).singletonOrThrow();
    }

    @Override
    public String version() {
        Engine engine = Engine.getInstance();
        return Engine.getDjlVersion() + ", " + engine.getEngineName() + " " + engine.getVersion();
    }

    @Override
    public long epoch() {
        int examples = (int) images.getShape().get(0);
        int[] rows = Peer.permutation(order, examples);
        for (int begin = 0; begin < examples; begin += Peer.BATCH) {
            int count = Math.min(Peer.BATCH, examples - begin);
            try (NDManager step = manager.newSubManager()) {
                int[] numbers = new int[count];
                System.arraycopy(rows, begin, numbers, 0, count);
                NDArray x = images.get(step.create(numbers).toType(DataType.INT64, false));
                x.attach(step);
                NDArray noise = step.randomNormal(new Shape(count, LATENT));
                try (GradientCollector collector = encoderTrainer.newGradientCollector()) {
                    NDArray loss = loss(x, noise, true).div(count);
                    loss.attach(step);
                    collector.backward(loss);
                }
                encoderTrainer.step();
                decoderTrainer.step();
            }
        }
        return examples;
    }

    @Override
    public double testElbo() {
        double total = 0;
        int examples = (int) test.getShape().get(0);
        for (int begin = 0; begin < examples; begin += 1000) {
            int end = Math.min(examples, begin + 1000);
            NDIndex rows = new NDIndex(begin + ":" + end);
            try (NDManager step = manager.newSubManager()) {
                NDArray x = test.get(rows);
                NDArray noise = testNoise.get(rows);
                x.attach(step);
                noise.attach(step);
                total += loss(x, noise, false).getFloat();
            }
        }
        return -total / examples - (gaussian ? 0.5 * INPUTS * Math.log(2 * Math.PI) : 0);
    }

    public static void main(String[] arguments) throws Exception {
        Peer.Options options = Peer.options(arguments);
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(options.threads()));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        Peer.run("djl", options, new DjlVae(options));
    }
}
