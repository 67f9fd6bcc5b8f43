import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.variational.BernoulliReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.LossFunctionWrapper;
import org.deeplearning4j.nn.conf.layers.variational.ReconstructionDistribution;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The VAE 784-400-20, ReLU, batch 128, Adam 1e-3, as Deeplearning4j's VAE layer; see {@link Peer} for the arguments. The
 * unit-variance Gaussian is its squared error with weights of one half.
 */
final class Dl4jVae implements Peer.Contestant {
    private static final int INPUTS = 784;
    private static final int HIDDEN = 400;
    private static final int LATENT = 20;

    private final boolean gaussian;
    private final INDArray images;
    private final INDArray test;
    private final INDArray testNoise;
    private final MultiLayerNetwork network;
    private final Random order;

    private Dl4jVae(Peer.Options options) {
        gaussian = options.gaussian();
        order = new Random(options.seed());
        Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
        Nd4j.getRandom().setSeed(options.seed());
        images = Nd4j.createFromArray(options.train()).reshape(options.train().length / INPUTS, INPUTS);
        test = Nd4j.createFromArray(options.test()).reshape(options.test().length / INPUTS, INPUTS);
        testNoise = Nd4j.randn(DataType.FLOAT, test.rows(), LATENT);
        ReconstructionDistribution distribution = gaussian
                ? new LossFunctionWrapper(
                        Activation.IDENTITY, new LossL2(Nd4j.ones(DataType.FLOAT, 1, INPUTS).mul(0.5)))
                : new BernoulliReconstructionDistribution(Activation.SIGMOID);
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(options.seed())
                .dataType(DataType.FLOAT)
                .updater(new Adam(1e-3))
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .list()
                .layer(new org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder.Builder()
                        .nIn(INPUTS)
                        .nOut(LATENT)
                        .encoderLayerSizes(HIDDEN)
                        .decoderLayerSizes(HIDDEN)
                        .activation(Activation.RELU)
                        .pzxActivationFunction(Activation.IDENTITY)
                        .reconstructionDistribution(distribution)
                        .numSamples(1)
                        .build())
                .build();
        network = new MultiLayerNetwork(configuration);
        network.init();
        INDArray mean = images.mean(0).reshape(1, INPUTS);
        INDArray clipped = Transforms.min(Transforms.max(mean, 1e-3), 1 - 1e-3);
        INDArray bias = gaussian ? mean : Transforms.log(clipped.div(clipped.rsub(1)));
        parameter("pXZb").assign(bias.reshape(parameter("pXZb").shape()));
    }

    private INDArray parameter(String name) {
        return network.getLayer(0).getParam(name);
    }

    @Override
    public String version() {
        return MultiLayerNetwork.class.getPackage().getImplementationVersion() == null
                ? "1.0.0-M2.1"
                : MultiLayerNetwork.class.getPackage().getImplementationVersion();
    }

    @Override
    public long epoch() {
        int examples = images.rows();
        int[] rows = Peer.permutation(order, examples);
        for (int begin = 0; begin < examples; begin += Peer.BATCH) {
            int count = Math.min(Peer.BATCH, examples - begin);
            int[] numbers = new int[count];
            System.arraycopy(rows, begin, numbers, 0, count);
            network.pretrainLayer(0, images.getRows(numbers));
        }
        return examples;
    }

    @Override
    public double testElbo() {
        double total = 0;
        for (int begin = 0; begin < test.rows(); begin += 1000) {
            int end = Math.min(test.rows(), begin + 1000);
            INDArray x = test.get(NDArrayIndex.interval(begin, end), NDArrayIndex.all());
            INDArray noise = testNoise.get(NDArrayIndex.interval(begin, end), NDArrayIndex.all());
            INDArray hidden = Transforms.relu(dense(x, "e0W", "e0b"));
            INDArray mu = dense(hidden, "pZXMeanW", "pZXMeanb");
            INDArray logVar = dense(hidden, "pZXLogStd2W", "pZXLogStd2b");
            INDArray sigma = Transforms.exp(logVar.mul(0.5));
            INDArray output = dense(Transforms.relu(dense(mu.add(sigma.mul(noise)), "d0W", "d0b")), "pXZW", "pXZb");
            double reconstruction = gaussian
                    ? 0.5 * Transforms.pow(output.sub(x), 2).sumNumber().doubleValue()
                    : Transforms.relu(output)
                            .sub(x.mul(output))
                            .add(Transforms.log(Transforms.exp(Transforms.abs(output).neg()).add(1)))
                            .sumNumber()
                            .doubleValue();
            double kl = -0.5
                    * logVar.add(1)
                            .sub(mu.mul(mu))
                            .sub(sigma.mul(sigma))
                            .sumNumber()
                            .doubleValue();
            total += reconstruction + kl;
        }
        return -total / test.rows() - (gaussian ? 0.5 * INPUTS * Math.log(2 * Math.PI) : 0);
    }

    private INDArray dense(INDArray x, String weight, String bias) {
        return x.mmul(parameter(weight)).addRowVector(parameter(bias));
    }

    public static void main(String[] arguments) throws Exception {
        Peer.Options options = Peer.options(arguments);
        Peer.run("dl4j", options, new Dl4jVae(options));
    }
}
