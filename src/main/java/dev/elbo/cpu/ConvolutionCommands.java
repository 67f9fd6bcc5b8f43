package dev.elbo.cpu;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/**
 * The patches of pictures, and their sums. With channels last, a row of a patch is one run of memory in the picture and in
 * the patch; pictures of several channels that come first go value by value.
 */
final class ConvolutionCommands implements RawOps.Convolution {
    /** Values from which on the rows of a patch are copied and added as runs. */
    private static final int LONG_RUN = 24;

    private final Workers workers;

    ConvolutionCommands(Workers workers) {
        this.workers = workers;
    }

    private static boolean channelsLast(Patches patches) {
        return !patches.channelsFirst() || patches.picture().channels() == 1;
    }

    @Override
    public Runnable unfold(Tensor xTensor, Patches patches, Tensor unfoldedTensor) {
        Slice x = Slice.of(xTensor);
        Slice unfolded = Slice.of(unfoldedTensor);
        int down = patches.down();
        int across = patches.across();
        boolean channelsLast = channelsLast(patches);
        boolean columnwise =
                channelsLast && patches.kernel() * patches.picture().channels() < LONG_RUN;
        // rows of positions
        Blocks lines = Blocks.ofRows(x.rows() * down, across * unfolded.cols(), Blocks.ELEMENTS);
        Workers.Body body = block -> {
            for (int line = lines.start(block); line < lines.start(block + 1); line++) {
                int picture = x.row(line / down);
                int top = line % down * patches.stride() - patches.padding();
                if (columnwise) {
                    copyColumns(x.array(), picture, patches, top, unfolded.array(), unfolded.row(line * across));
                    continue;
                }
                for (int i = 0; i < across; i++) {
                    int left = i * patches.stride() - patches.padding();
                    int at = unfolded.row(line * across + i);
                    if (channelsLast) {
                        copyRuns(x.array(), picture, patches, top, left, unfolded.array(), at);
                    } else {
                        copyValues(x.array(), picture, patches, top, left, unfolded.array(), at);
                    }
                }
            }
        };
        return () -> workers.run(lines.count(), body);
    }

    /** The first position in a row whose patch has its column dx in the picture. */
    private static int firstWithin(Patches patches, int dx) {
        return Math.max(0, Math.floorDiv(patches.padding() - dx + patches.stride() - 1, patches.stride()));
    }

    /** The last position in a row whose patch has its column dx in the picture, or −1. */
    private static int lastWithin(Patches patches, int dx) {
        int last = Math.floorDiv(patches.picture().width() - 1 + patches.padding() - dx, patches.stride());
        return Math.max(-1, Math.min(patches.across() - 1, last));
    }

    /** Copies the patches of a row of positions value by value of a patch: runs that are short cost more than the jumps. */
    private static void copyColumns(float[] x, int picture, Patches patches, int top, float[] to, int at) {
        int channels = patches.picture().channels();
        int size = patches.size();
        int step = patches.stride() * channels;
        int across = patches.across();
        int run = patches.kernel() * channels;
        for (int dy = 0; dy < patches.kernel(); dy++) {
            int row = top + dy;
            boolean within = row >= 0 && row < patches.picture().height();
            int from = picture + (row * patches.picture().width() - patches.padding()) * channels;
            for (int j = 0; j < run; j++) {
                int place = at + dy * run + j;
                int first = within ? Math.min(across, firstWithin(patches, j / channels)) : across;
                int end = within ? Math.max(first, lastWithin(patches, j / channels) + 1) : across;
                for (int i = 0; i < first; i++) {
                    to[place + i * size] = 0;
                }
                for (int i = first; i < end; i++) {
                    to[place + i * size] = x[from + j + i * step];
                }
                for (int i = end; i < across; i++) {
                    to[place + i * size] = 0;
                }
            }
        }
    }

    private static void copyRuns(float[] x, int picture, Patches patches, int top, int left, float[] to, int at) {
        int channels = patches.picture().channels();
        int width = patches.picture().width();
        int run = patches.kernel() * channels;
        // the part of each run that lies in the picture
        int begin = Math.min(run, Math.max(0, -left) * channels);
        int end = Math.max(begin, Math.min(patches.kernel(), width - left) * channels);
        for (int dy = 0; dy < patches.kernel(); dy++) {
            int row = top + dy;
            int start = at + dy * run;
            if (row < 0 || row >= patches.picture().height()) {
                zero(to, start, start + run);
            } else {
                zero(to, start, start + begin);
                System.arraycopy(x, picture + (row * width + left) * channels + begin, to, start + begin, end - begin);
                zero(to, start + end, start + run);
            }
        }
    }

    private static void zero(float[] to, int from, int end) {
        for (int i = from; i < end; i++) {
            to[i] = 0;
        }
    }

    private static void copyValues(float[] x, int picture, Patches patches, int top, int left, float[] to, int at) {
        int channels = patches.picture().channels();
        int height = patches.picture().height();
        int width = patches.picture().width();
        int begin = Math.min(patches.kernel(), Math.max(0, -left));
        int end = Math.max(begin, Math.min(patches.kernel(), width - left));
        zero(to, at, at + patches.size());
        for (int dy = Math.max(0, -top); dy < patches.kernel() && top + dy < height; dy++) {
            for (int c = 0; c < channels; c++) {
                int from = picture + (c * height + top + dy) * width + left;
                int place = at + dy * patches.kernel() * channels + c;
                for (int dx = begin; dx < end; dx++) {
                    to[place + dx * channels] = x[from + dx];
                }
            }
        }
    }

    @Override
    public Runnable fold(
            Tensor unfoldedTensor, Patches patches, Tensor biasTensor, Activation activation, Tensor yTensor) {
        Slice unfolded = Slice.of(unfoldedTensor);
        Slice bias = Slice.of(biasTensor);
        Slice y = Slice.of(yTensor);
        int height = patches.picture().height();
        int rowValues = patches.picture().width() * patches.picture().channels();
        boolean channelsLast = channelsLast(patches);
        // a block has sums of its own, of one row of a picture, which should be few beside what it adds
        Blocks rows = Blocks.ofRows(y.rows() * height, rowValues, Blocks.ELEMENTS);
        double[][] scratch = Chunk.scratch(rows.count());
        float[] starts = new float[rowValues];
        Lines[] lines = new Lines[rows.count()];
        Arrays.setAll(lines, block -> new Lines(rowValues));
        Workers.Body body = block -> {
            float[] sum = lines[block].sum();
            for (int i = rows.start(block); i < rows.start(block + 1); i++) {
                int example = i / height;
                int row = i % height;
                System.arraycopy(starts, 0, sum, 0, rowValues);
                addPatches(unfolded, patches, example, row, lines[block]);
                if (channelsLast) {
                    int at = y.row(example) + row * rowValues;
                    System.arraycopy(sum, 0, y.array(), at, rowValues);
                    Activations.apply(activation, y.array(), at, y.array(), at, rowValues, scratch[block]);
                } else {
                    storeChannels(sum, patches, activation, y.array(), y.row(example), row, scratch[block]);
                }
            }
        };
        return () -> {
            start(starts, bias, patches.picture().channels());
            workers.run(rows.count(), body);
        };
    }

    /** Memory of a block: the sum of a row of a picture, what one row of all patches adds to it, and a copy of that. */
    private record Lines(float[] sum, float[] part, float[] copy) {
        Lines(int values) {
            this(new float[values], new float[values], new float[values]);
        }
    }

    private static void start(float[] sum, Slice bias, int channels) {
        if (bias == null) {
            Arrays.fill(sum, 0);
            return;
        }
        for (int i = 0; i < sum.length; i += channels) {
            for (int c = 0; c < channels; c++) {
                // a bias of −0 is 0 wherever nothing is added to it, as in every other sum
                sum[i + c] = 0f + bias.at(c);
            }
        }
    }

    /** Adds what falls on a row of a picture: the patches' rows from the top down, each from left to right. */
    private static void addPatches(Slice unfolded, Patches patches, int example, int row, Lines lines) {
        int stride = patches.stride();
        int padded = row + patches.padding();
        int last = Math.min(padded / stride, patches.down() - 1);
        for (int down = last; down >= 0 && padded - down * stride < patches.kernel(); down--) {
            int first = (example * patches.down() + down) * patches.across();
            Arrays.fill(lines.part(), 0);
            addRuns(unfolded, patches, first, padded - down * stride, lines);
            add(lines.part(), lines.sum(), 0, lines.sum().length);
        }
    }

    /** Adds one row of all patches of a row of positions, the last patch first: its columns lie further left. */
    private static void addRuns(Slice unfolded, Patches patches, int first, int dy, Lines lines) {
        int channels = patches.picture().channels();
        if (patches.kernel() * channels < LONG_RUN) {
            addColumns(unfolded, patches, first, dy, lines.part());
            return;
        }
        int width = patches.picture().width();
        for (int across = patches.across() - 1; across >= 0; across--) {
            int left = across * patches.stride() - patches.padding();
            int begin = Math.max(0, -left);
            int end = Math.min(patches.kernel(), width - left);
            int at = unfolded.row(first + across) + (dy * patches.kernel() + begin) * channels;
            int place = (left + begin) * channels;
            int count = (end - begin) * channels;
            if (count > 0) {
                System.arraycopy(unfolded.array(), at, lines.copy(), place, count);
                add(lines.copy(), lines.part(), place, count);
            }
        }
    }

    /** Adds a run at the same place of both: with one index the compiler can vectorise. */
    private static void add(float[] from, float[] to, int place, int count) {
        for (int i = place; i < place + count; i++) {
            to[i] += from[i];
        }
    }

    /** Adds short runs value by value of a patch: its columns from left to right, as patches from the last one on have them. */
    private static void addColumns(Slice unfolded, Patches patches, int first, int dy, float[] to) {
        int channels = patches.picture().channels();
        int run = patches.kernel() * channels;
        int step = patches.stride() * channels;
        int size = patches.size();
        float[] from = unfolded.array();
        for (int j = 0; j < run; j++) {
            int at = unfolded.row(first) + dy * run + j;
            int place = j - patches.padding() * channels;
            int end = lastWithin(patches, j / channels) + 1;
            for (int i = firstWithin(patches, j / channels); i < end; i++) {
                to[place + i * step] += from[at + i * size];
            }
        }
    }

    /** Stores a row of a picture whose channels come first. */
    private static void storeChannels(
            float[] sum, Patches patches, Activation activation, float[] y, int picture, int row, double[] scratch) {
        int channels = patches.picture().channels();
        int width = patches.picture().width();
        for (int c = 0; c < channels; c++) {
            int at = picture + (c * patches.picture().height() + row) * width;
            for (int column = 0; column < width; column++) {
                y[at + column] = sum[column * channels + c];
            }
            Activations.apply(activation, y, at, y, at, width, scratch);
        }
    }
}
