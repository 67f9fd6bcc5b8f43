package dev.elbo.cpu;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** Dense layers: products over blocks of the output, bias and activation while a block is in the cache. */
final class DenseCommands implements RawOps.Dense {
    /** Output features of a block: smaller ones cost the product its speed, larger ones leave threads idle. */
    private static final int FEATURES = 192;

    private static final int ROWS = 512;

    private final Workers workers;
    private final Products products;

    DenseCommands(Workers workers, Products products) {
        this.workers = workers;
        this.products = products;
    }

    private static Blocks features(int count) {
        return Blocks.of(count, FEATURES, 16);
    }

    private static Blocks rows(int count) {
        return Blocks.of(count, ROWS, 16);
    }

    @Override
    public Runnable dense(
            Tensor xTensor, Tensor weightTensor, Tensor biasTensor, Activation activation, Tensor yTensor) {
        Slice x = Slice.of(xTensor);
        Slice weight = Slice.of(weightTensor);
        Slice bias = Slice.of(biasTensor);
        Slice y = Slice.of(yTensor);
        Blocks features = features(y.cols());
        Blocks rows = rows(y.rows());
        int blocks = features.count() * rows.count();
        double[][] scratch = Chunk.scratch(blocks);
        Workers.Body body = block -> {
            int from = features.start(block % features.count());
            int width = features.size(block % features.count());
            int top = rows.start(block / features.count());
            int height = rows.size(block / features.count());
            if (bias == null) {
                products.multiplyTransposed(
                        height, width, x.cols(), x, x.row(top), weight, weight.row(from), y, y.row(top) + from);
            } else {
                // added to the bias: OpenBLAS adds to what is there in any case, and a copy is the fastest pass
                for (int i = top; i < top + height; i++) {
                    System.arraycopy(bias.array(), bias.offset() + from, y.array(), y.row(i) + from, width);
                }
                products.addMultipliedTransposed(
                        height, width, x.cols(), x, x.row(top), weight, weight.row(from), y, y.row(top) + from);
            }
            int run = y.stride() == width ? height * width : width;
            for (int i = top; i < top + height; i += run / width) {
                Activations.apply(
                        activation, y.array(), y.row(i) + from, y.array(), y.row(i) + from, run, scratch[block]);
            }
        };
        return () -> workers.run(blocks, body);
    }

    @Override
    public Runnable denseGrad(
            Tensor xTensor,
            Tensor weightTensor,
            Tensor yTensor,
            Tensor dYTensor,
            Activation activation,
            Tensor dWTensor,
            Tensor dBTensor,
            Tensor dXTensor) {
        Slice x = Slice.of(xTensor);
        Slice weight = Slice.of(weightTensor);
        Slice dY = Slice.of(dYTensor);
        Slice dW = Slice.of(dWTensor);
        Slice dX = Slice.of(dXTensor);
        Runnable beforeActivation = gradient(yTensor, dYTensor, activation, dBTensor);

        Blocks wRows = features(dW.rows());
        Blocks wCols = Blocks.of(dW.cols(), 4 * FEATURES, 16);
        int wBlocks = wRows.count() * wCols.count();
        Blocks xRows = rows(x.rows());
        Blocks xCols = features(x.cols());
        int xBlocks = dX == null ? 0 : xRows.count() * xCols.count();
        Workers.Body gradients = block -> {
            if (block < wBlocks) {
                int top = wRows.start(block % wRows.count());
                int height = wRows.size(block % wRows.count());
                int left = wCols.start(block / wRows.count());
                int width = wCols.size(block / wRows.count());
                products.transposedMultiply(
                        height, width, x.rows(), dY, dY.offset() + top, x, x.offset() + left, dW, dW.row(top) + left);
            } else {
                int number = block - wBlocks;
                int top = xRows.start(number / xCols.count());
                int height = xRows.size(number / xCols.count());
                int left = xCols.start(number % xCols.count());
                int width = xCols.size(number % xCols.count());
                int weightAt = weight.offset() + left;
                products.multiply(height, width, dY.cols(), dY, dY.row(top), weight, weightAt, dX, dX.row(top) + left);
            }
        };
        return () -> {
            beforeActivation.run();
            workers.run(wBlocks + xBlocks, gradients);
        };
    }

    @Override
    public Runnable activate(Tensor xTensor, Activation activation, Tensor yTensor) {
        Slice x = Slice.of(xTensor);
        Slice y = Slice.of(yTensor);
        Blocks rows = Blocks.ofRows(x.rows(), x.cols(), Blocks.ELEMENTS);
        double[][] scratch = Chunk.scratch(rows.count());
        Workers.Body body = block -> {
            for (int i = rows.start(block); i < rows.start(block + 1); i++) {
                Activations.apply(activation, x.array(), x.row(i), y.array(), y.row(i), x.cols(), scratch[block]);
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    @Override
    public Runnable activateGrad(Tensor y, Tensor dY, Activation activation, Tensor dB) {
        return gradient(y, dY, activation, dB);
    }

    private Runnable gradient(Tensor y, Tensor dY, Activation activation, Tensor dB) {
        return new ActivationGradient(
                workers, products, Slice.of(y), Slice.of(dY), activation, Slice.of(dB), features(dY.cols()));
    }
}
