// The patches of pictures, and their sums.
#include "activation.cuh"

// dev.elbo.model.Patches
struct Patches {
    int channels;
    int height;
    int width;
    int kernel;
    int stride;
    int padding;
    int down;
    int across;
    int channelsFirst;

    DEVICE int pictureSize() const {
        return channels * height * width;
    }

    DEVICE int patchSize() const {
        return kernel * kernel * channels;
    }

    // Whether the four values of any quad are channels of one pixel, in pictures as in patches.
    DEVICE bool hasQuadsOfChannels() const {
        return channelsFirst == 0 && (channels & 3) == 0;
    }

    DEVICE bool isInside(int row, int column) const {
        return row >= 0 && row < height && column >= 0 && column < width;
    }

    DEVICE int place(int row, int column, int channel) const {
        return channelsFirst ? (channel * height + row) * width + column : (row * width + column) * channels + channel;
    }
};

// The quad of a patch that begins at value `col`, from a picture; top and left are the patch's.
DEVICE Quad patchQuad(const float* picture, bool aligned, const Patches& patches, int top, int left, unsigned col) {
    unsigned run = (unsigned)(patches.kernel * patches.channels);
    int dy = (int)(col / run);
    unsigned rest = col % run;
    int dx = (int)(rest / (unsigned)patches.channels);
    int channel = (int)(rest % (unsigned)patches.channels);
    Quad q = {{0.0f, 0.0f, 0.0f, 0.0f}};
    if (patches.hasQuadsOfChannels()) {
        if (patches.isInside(top + dy, left + dx)) {
            q = load(picture, patches.place(top + dy, left + dx, channel), patches.pictureSize(), aligned);
        }
        return q;
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (dy < patches.kernel && patches.isInside(top + dy, left + dx)) {
            q.v[i] = picture[patches.place(top + dy, left + dx, channel)];
        }
        channel++;
        if (channel == patches.channels) {
            channel = 0;
            dx++;
        }
        if (dx == patches.kernel) {
            dx = 0;
            dy++;
        }
    }
    return q;
}

// Row b · down · across + i of `unfolded` is patch i of picture b, zero where it leaves the picture. Any grid of BLOCK threads.
KERNEL unfold(
        const float* __restrict__ x,  // pictures × channels · height · width
        long long xStride,
        float* __restrict__ unfolded,  // pictures · down · across × kernel · kernel · channels, dense
        int pictures,
        int channels,
        int height,
        int width,
        int kernel,
        int stride,
        int padding,
        int down,
        int across,
        int channelsFirst) {
    Patches patches = {channels, height, width, kernel, stride, padding, down, across, channelsFirst};
    int size = patches.patchSize();
    unsigned positions = (unsigned)(down * across);
    bool xAligned = isAligned(x, xStride);
    bool aligned = isAligned(unfolded, size);
    for (Quads at(quadsOf(size)); at.row < (long long)pictures * positions; at.next()) {
        // fewer than 2³¹
        unsigned row = (unsigned)at.row;
        unsigned position = row % positions;
        int top = (int)(position / (unsigned)across) * stride - padding;
        int left = (int)(position % (unsigned)across) * stride - padding;
        Quad q = patchQuad(x + row / positions * xStride, xAligned, patches, top, left, 4 * at.quad);
        store(unfolded + at.row * size, 4LL * at.quad, size, aligned, q);
    }
}

// Adds what falls on WIDTH channels of a pixel: the patches' rows from the top down, each a sum of its own from left to
// right, as the CPU does.
template <int WIDTH>
DEVICE void addPatches(
        const float* unfolded,  // those of the picture
        bool aligned,
        const Patches& patches,
        int row,
        int column,
        int channel,
        float* sum) {
    unsigned stride = (unsigned)patches.stride;
    unsigned kernel = (unsigned)patches.kernel;
    unsigned y = (unsigned)row + (unsigned)patches.padding;
    unsigned x = (unsigned)column + (unsigned)patches.padding;
    int lowest = (int)(y / stride);
    int rightmost = (int)(x / stride);
    lowest = lowest < patches.down ? lowest : patches.down - 1;
    rightmost = rightmost < patches.across ? rightmost : patches.across - 1;
    long long size = patches.patchSize();
    unsigned dy = y - (unsigned)lowest * stride;
    for (int down = lowest; down >= 0 && dy < kernel; down--, dy += stride) {
        const float* line = unfolded + down * (patches.across * size) + (long long)dy * kernel * patches.channels + channel;
        unsigned dx = x - (unsigned)rightmost * stride;
        float part[WIDTH] = {};
        for (int across = rightmost; across >= 0 && dx < kernel; across--, dx += stride) {
            const float* at = line + across * size + (long long)dx * patches.channels;
            if (WIDTH == 4) {
                Quad q = load(at, 0, WIDTH, aligned);
#pragma unroll
                for (int i = 0; i < WIDTH; i++) {
                    part[i] = part[i] + q.v[i];
                }
            } else {
                part[0] = part[0] + *at;
            }
        }
#pragma unroll
        for (int i = 0; i < WIDTH; i++) {
            sum[i] = sum[i] + part[i];
        }
    }
}

// y = activation(bias + Σ), the sum over what lies on a value in all patches of its picture. Any grid of BLOCK threads.
RESIDENT(5) fold(
        const float* __restrict__ unfolded,  // pictures · down · across × kernel · kernel · channels, dense
        const float* __restrict__ bias,      // 1 × channels; null: zeros
        float* __restrict__ y,               // pictures × channels · height · width
        long long yStride,
        int pictures,
        int channels,
        int height,
        int width,
        int kernel,
        int stride,
        int padding,
        int down,
        int across,
        int channelsFirst,
        int activation) {
    Patches patches = {channels, height, width, kernel, stride, padding, down, across, channelsFirst};
    int size = patches.pictureSize();
    long long patchesSize = (long long)(down * across) * patches.patchSize();
    bool yAligned = isAligned(y, yStride);
    bool aligned = isAligned(unfolded, patches.patchSize());
    bool biasAligned = isAligned(bias);
    for (Quads at(quadsOf(size)); at.row < pictures; at.next()) {
        const float* own = unfolded + at.row * patchesSize;
        unsigned first = 4 * at.quad;
        Quad q = {{0.0f, 0.0f, 0.0f, 0.0f}};
        if (patches.hasQuadsOfChannels()) {
            int channel = (int)(first % (unsigned)channels);
            int pixel = (int)(first / (unsigned)channels);
            Quad b = q;
            if (bias) {
                b = load(bias, channel, channels, biasAligned);
            }
            // a bias of −0 is 0 wherever nothing is added to it, as in every other sum
            float sum[4] = {0.0f + b.v[0], 0.0f + b.v[1], 0.0f + b.v[2], 0.0f + b.v[3]};
            addPatches<4>(own, aligned, patches, pixel / width, pixel % width, channel, sum);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                q.v[i] = sum[i];
            }
        } else {
#pragma unroll 1
            for (int i = 0; i < 4 && first + i < (unsigned)size; i++) {
                unsigned value = first + i;
                unsigned pixels = (unsigned)(height * width);
                int channel = (int)(channelsFirst ? value / pixels : value % (unsigned)channels);
                int pixel = (int)(channelsFirst ? value % pixels : value / (unsigned)channels);
                float sum = 0.0f + (bias ? bias[channel] : 0.0f);
                addPatches<1>(own, aligned, patches, pixel / width, pixel % width, channel, &sum);
                // an array with an index that is not constant would lie in memory
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    q.v[j] = j == i ? sum : q.v[j];
                }
            }
        }
        store(y + at.row * yStride, first, size, yAligned, activated(q, activation));
    }
}
