#include "sha256.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

// the first 32 bits of the fraction of a root of a prime
uint32_t fraction(long double root) {
    return static_cast<uint32_t>((root - std::floor(root)) * 4294967296.0L);
}

std::vector<uint32_t> constants(int count, bool cube) {
    std::vector<uint32_t> all;
    for (int n = 2; static_cast<int>(all.size()) < count; n++) {
        bool prime = true;
        for (int d = 2; d * d <= n; d++) {
            prime = prime && n % d != 0;
        }
        if (prime) {
            all.push_back(fraction(cube ? std::cbrt(static_cast<long double>(n)) : std::sqrt(static_cast<long double>(n))));
        }
    }
    return all;
}

uint32_t turned(uint32_t word, int by) { return word >> by | word << (32 - by); }

}  // namespace

std::string sha256(const void* bytes, size_t count) {
    const std::vector<uint32_t> k = constants(64, true);
    std::vector<uint32_t> h = constants(8, false);
    const uint8_t* from = static_cast<const uint8_t*>(bytes);
    std::vector<uint8_t> message(from, from + count);
    message.push_back(0x80);
    while (message.size() % 64 != 56) {
        message.push_back(0);
    }
    for (int shift = 56; shift >= 0; shift -= 8) {
        message.push_back(static_cast<uint8_t>(static_cast<uint64_t>(count) * 8 >> shift));
    }
    for (size_t at = 0; at < message.size(); at += 64) {
        uint32_t w[64];
        for (int i = 0; i < 16; i++) {
            const uint8_t* b = &message[at + 4 * i];
            w[i] = uint32_t(b[0]) << 24 | uint32_t(b[1]) << 16 | uint32_t(b[2]) << 8 | b[3];
        }
        for (int i = 16; i < 64; i++) {
            uint32_t s0 = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
            uint32_t s1 = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        std::vector<uint32_t> v = h;
        for (int i = 0; i < 64; i++) {
            uint32_t s1 = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25);
            uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
            uint32_t s0 = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22);
            uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
        }
        for (int i = 0; i < 8; i++) {
            h[i] += v[i];
        }
    }
    std::string text;
    for (uint32_t word : h) {
        char hex[9];
        snprintf(hex, sizeof hex, "%08x", word);
        text += hex;
    }
    return text;
}
