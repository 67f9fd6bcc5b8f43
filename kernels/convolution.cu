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

    // Whether four neighbours of a quad are channels of one pixel, in pictures and in patches.
    DEVICE bool quadsOfChannels() const {
        return !channelsFirst && (channels & 3) == 0;
    }
};

// A value of a picture.
struct Place {
    int row;
    int column;
    int channel;
};

DEVICE long long offset(const Patches& patches, const Place& at) {
    return patches.channelsFirst ? ((long long)at.channel * patches.height + at.row) * patches.width + at.column
                                 : ((long long)at.row * patches.width + at.column) * patches.channels + at.channel;
}

DEVICE bool isInside(const Patches& patches, const Place& at) {
    return at.row >= 0 && at.row < patches.height && at.column >= 0 && at.column < patches.width;
}
