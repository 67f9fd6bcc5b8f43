import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
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
 * A VAE with ReLU, batch 128, Adam 1e-3, in DJL on its PyTorch engine; see {@link Peer} for the arguments. The presets are small,
 * 784-400-20, and conv: convolutions of 32 and 64 channels, kernel 4, stride 2, padding 1, before a layer of 256. The heads are
 * one layer, activations are freed step by step, and the data are one array that batches are taken from.
 *
 * <p>The engine has no transposed convolution. One of kernel 4 and stride 2 is made of a convolution of kernel 2, whose four
 * groups of channels are the pixels of even and odd rows and columns: the same weights in another order, with a bias for each
 * group, and (8 / 7)² and (15 / 14)² times the multiplications.
 */
final class DjlVae implements Peer.Contestant {
    private static final int INPUTS = 784;
    private static final int LATENT = 20;

    private final boolean gaussian;
    private final NDManager manager = NDManager.newBaseManager();
    private final NDArray images;
    private final NDArray test;
    private final NDArray testNoise;
    private final SequentialBlock encoder = new SequentialBlock();
    private final SequentialBlock decoder = new SequentialBlock();
    private final Trainer encoderTrainer;
    private final Trainer decoderTrainer;
    private final Random order;

    private DjlVae(Peer.Options options) {
        gaussian = options.gaussian();
        Engine.getInstance().setRandomSeed((int) options.seed());
        order = new Random(options.seed());
        boolean convolutional = options.preset().equals("conv");
        if (convolutional) {
            addConvolutional();
        } else if (options.preset().equals("small")) {
            encoder.add(linear(400)).add(Activation::relu).add(linear(2 * LATENT));
            decoder.add(linear(400)).add(Activation::relu).add(linear(INPUTS));
        } else {
            throw new IllegalArgumentException("no preset " + options.preset());
        }
        images = manager.create(options.train(), new Shape(options.train().length / INPUTS, INPUTS));
        test = manager.create(options.test(), new Shape(options.test().length / INPUTS, INPUTS));
        testNoise = manager.randomNormal(new Shape(test.getShape().get(0), LATENT));
        encoderTrainer = trainer(encoder, INPUTS);
        decoderTrainer = trainer(decoder, LATENT);
        NDArray mean = images.mean(new int[] {0});
        if (convolutional) {
            mean = mean.mean().reshape(1).tile(4);
        }
        NDArray bias = gaussian ? mean : logit(mean.clip(1e-3, 1 - 1e-3));
        for (Parameter parameter : decoder.getParameters().values()) {
            if (parameter.getArray().getShape().equals(bias.getShape())) {
                bias.copyTo(parameter.getArray());
            }
        }
    }

    private void addConvolutional() {
        encoder.add(in -> reshaped(in, 1, 28, 28))
                .add(convolution(32, 4, 2))
                .add(Activation::relu)
                .add(convolution(64, 4, 2))
                .add(Activation::relu)
                .add(in -> reshaped(in, 64 * 7 * 7))
                .add(linear(256))
                .add(Activation::relu)
                .add(linear(2 * LATENT));
        decoder.add(linear(256))
                .add(Activation::relu)
                .add(linear(64 * 7 * 7))
                .add(Activation::relu)
                .add(in -> reshaped(in, 64, 7, 7))
                .add(convolution(4 * 32, 2, 1))
                .add(DjlVae::interleaved)
                .add(Activation::relu)
                .add(convolution(4, 2, 1))
                .add(DjlVae::interleaved)
                .add(in -> reshaped(in, INPUTS));
    }

    private static NDList reshaped(NDList in, long... example) {
        return new NDList(in.singletonOrThrow().reshape(new Shape(-1).addAll(new Shape(example))));
    }

    private static Linear linear(int units) {
        return Linear.builder().setUnits(units).build();
    }

    private static Conv2d convolution(int channels, int kernel, int stride) {
        return Conv2d.builder()
                .setFilters(channels)
                .setKernelShape(new Shape(kernel, kernel))
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(1, 1))
                .build();
    }

    /** Makes (B, C, 2H, 2W) of (B, 4C, H + 1, W + 1): an even row lies before the row of its number, an odd one behind it. */
    private static NDList interleaved(NDList in) {
        NDArray x = in.singletonOrThrow();
        Shape shape = x.getShape();
        long height = shape.get(2) - 1;
        long width = shape.get(3) - 1;
        NDArray groups = x.reshape(-1, 2, 2, shape.get(1) / 4, height + 1, width + 1);
        NDArray[] rows = new NDArray[2];
        for (int i = 0; i < 2; i++) {
            NDList columns = new NDList();
            for (int j = 0; j < 2; j++) {
                columns.add(groups.get(new NDIndex(
                        ":, {}, {}, :, {}:{}, {}:{}", i, j, i, i + height, j, j + width)));
            }
            rows[i] = NDArrays.stack(columns, 4);
        }
        NDArray stacked = NDArrays.stack(new NDList(rows), 3);
        return new NDList(stacked.reshape(-1, shape.get(1) / 4, 2 * height, 2 * width));
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
