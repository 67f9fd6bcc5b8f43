// The noise: NUMERICS, section 2.
#include <cstdio>

#include "numerics.h"
#include "sha256.h"

namespace {

void words(std::vector<unsigned> counterAndKey, std::vector<unsigned> expected) {
    Array<unsigned> in(counterAndKey);
    Array<unsigned> out(4);
    run("philox_words", {1}, {32}, 1, static_cast<const unsigned*>(in.at()), out.at());
    require(out.get() == expected, "other words");
}

}  // namespace

TEST("Philox's known answers") {
    words({0, 0, 0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    words(std::vector<unsigned>(6, 0xffffffffu), {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    words({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0},
          {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST("normals of the zero counter and key") {
    const double expected[] = {0.9911374751458971, -0.9246627803544332, -0.6176090549848544, -0.4820683472644963};
    compare("normal", normals(0, 0, 0, Counters(), 1, 4), [&](int i) { return expected[i]; },
            [](int) { return 3e-6; });
}

TEST("a million normals have the bits of Java's") {
    Values z = normals(0x0123456789abcdefULL, 0, 0, Counters{7, 0, 0, 3}, 1024, 1024);
    require(sha256(z.data(), z.size() * sizeof(float)) ==
                "d7fb6ddad3b07207b54928fc7dfaf06ef3d50d79adab9b23505031ffeeb68651",
            "other bits");
}

TEST("normals do not depend on grid, layout or the cut into batches") {
    for (Shape shape : SHAPES) {
        int rows = shape.rows();
        Values all = normals(SEED, NOISE_STREAM, ROW_OF_CLOCK, Counters{2, 0, 0, 1}, rows + 3, shape.cols);
        for (Layout layout : LAYOUTS) {
            // by the clock, and as a shard whose clock is elsewhere
            for (int firstRow : {ROW_OF_CLOCK, 3}) {
                Array<int> clock(Counters{2, firstRow < 0 ? 3 : 77, 0, 1}.values());
                std::vector<Values> results = sameBits({1, 2, 7}, [&](unsigned grid, uint64_t seed) {
                    Matrix out(rows, shape.cols, layout);
                    run("normal", {grid}, {256}, seed, static_cast<const float*>(nullptr), 0LL, SEED, NOISE_STREAM, firstRow,
                        static_cast<const int*>(clock.at()), out.at(), out.stride(), rows, shape.cols);
                    return std::vector<Values>{out.get()};
                });
                compareBits("normal", results[0], Values(all.begin() + 3 * shape.cols, all.end()));
            }
        }
    }
}

TEST("given noise is passed on") {
    Draw draw;
    Values given = draw.normal(31 * 33);
    for (Layout layout : LAYOUTS) {
        Matrix noise(31, 33, layout, given);
        Matrix out(31, 33, GAP);
        run("normal", {3}, {256}, 4, static_cast<const float*>(noise.at()), noise.stride(), 0ULL, 0, 0,
            static_cast<const int*>(nullptr), out.at(), out.stride(), 31, 33);
        compareBits("normal", out.get(), given);
    }
}
