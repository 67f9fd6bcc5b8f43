// Words of the generator, for its known answers.
#include "noise.cuh"

KERNEL philox_words(const unsigned* __restrict__ counterAndKey, unsigned* __restrict__ out) {
    if (threadIdx.x == 0) {
        const unsigned* c = counterAndKey;
        Words words = philox(c[0], c[1], c[2], c[3], c[4], c[5]);
        for (int i = 0; i < 4; i++) {
            out[i] = words.v[i];
        }
    }
}
