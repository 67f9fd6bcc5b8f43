package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;

/** The patches of pictures, and their sums. */
final class ConvolutionLoops implements RawOps.Convolution {
    @Override
    public Runnable unfold(Tensor x, Patches patches, Tensor unfolded) {
        return () -> unfold(view(x), patches, view(unfolded));
    }

    @Override
    public Runnable fold(Tensor unfolded, Patches patches, Tensor bias, Activation activation, Tensor y) {
        return () -> fold(view(unfolded), patches, view(bias), activation, view(y));
    }

    /** Returns the place of a value in the features of its picture, or −1 outside of it. */
    private static int place(Patches patches, int channel, int row, int column) {
        int height = patches.picture().height();
        int width = patches.picture().width();
        if (row < 0 || row >= height || column < 0 || column >= width) {
            return -1;
        }
        return patches.channelsFirst()
                ? (channel * height + row) * width + column
                : (row * width + column) * patches.picture().channels() + channel;
    }

    private static void unfold(Matrix x, Patches patches, Matrix unfolded) {
        int kernel = patches.kernel();
        int channels = patches.picture().channels();
        for (int i = 0; i < unfolded.rows(); i++) {
            int example = i / patches.count();
            int top = i % patches.count() / patches.across() * patches.stride() - patches.padding();
            int left = i % patches.across() * patches.stride() - patches.padding();
            for (int j = 0; j < unfolded.cols(); j++) {
                int row = top + j / channels / kernel;
                int column = left + j / channels % kernel;
                int place = place(patches, j % channels, row, column);
                unfolded.set(i, j, place < 0 ? 0 : x.get(example, place));
            }
        }
    }

    private static void fold(Matrix unfolded, Patches patches, Matrix bias, Activation activation, Matrix y) {
        for (int example = 0; example < y.rows(); example++) {
            for (int row = 0; row < patches.picture().height(); row++) {
                for (int column = 0; column < patches.picture().width(); column++) {
                    for (int channel = 0; channel < patches.picture().channels(); channel++) {
                        double sum = bias == null ? 0 : bias.get(0, channel);
                        sum += sum(unfolded, patches, example, row, column, channel);
                        y.set(example, place(patches, channel, row, column), DenseLoops.apply(activation, sum));
                    }
                }
            }
        }
    }

    private static double sum(Matrix unfolded, Patches patches, int example, int row, int column, int channel) {
        double sum = 0;
        for (int dy = 0; dy < patches.kernel(); dy++) {
            for (int dx = 0; dx < patches.kernel(); dx++) {
                int down = position(row - dy, patches, patches.down());
                int across = position(column - dx, patches, patches.across());
                if (down >= 0 && across >= 0) {
                    int patch = (example * patches.down() + down) * patches.across() + across;
                    int value = (dy * patches.kernel() + dx) * patches.picture().channels() + channel;
                    sum += unfolded.get(patch, value);
                }
            }
        }
        return sum;
    }

    /** Returns the number of the position whose patch begins at a pixel, or −1. */
    private static int position(int pixel, Patches patches, int positions) {
        int padded = pixel + patches.padding();
        return padded >= 0 && padded % patches.stride() == 0 && padded / patches.stride() < positions
                ? padded / patches.stride()
                : -1;
    }
}
