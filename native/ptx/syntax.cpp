#include "syntax.h"

#include <algorithm>

namespace host_cuda::ptx {

Type typeOf(const std::string& word) {
    if (word == "pred") {
        return {Kind::predicate, 1};
    }
    if (word.size() < 2) {
        return {};
    }
    unsigned bits = 0;
    for (unsigned known : {8u, 16u, 32u, 64u}) {
        bits = word.substr(1) == std::to_string(known) ? known : bits;
    }
    switch (word[0]) {
        case 'b':
            return {Kind::untyped, bits};
        case 'u':
            return {Kind::unsignedInteger, bits};
        case 's':
            return {Kind::signedInteger, bits};
        case 'f':
            return {Kind::real, bits >= 32 ? bits : 0};
        default:
            return {};
    }
}

std::string Type::name() const {
    static const char* letters = "pbusf";
    return kind == Kind::predicate ? "pred" : letters[static_cast<int>(kind)] + std::to_string(bits);
}

std::string Type::host() const {
    return kind == Kind::predicate ? "bool" : kind == Kind::untyped ? "u" + std::to_string(bits) : name();
}

std::string Instruction::opcode() const {
    std::string all;
    for (const std::string& word : words) {
        all += (all.empty() ? "" : ".") + word;
    }
    return all;
}

std::vector<size_t> Entry::parameterSizes() const {
    std::vector<size_t> sizes;
    for (const Variable& v : parameters) {
        sizes.push_back(v.bytes);
    }
    return sizes;
}

unsigned Entry::registersOf(unsigned wanted) const {
    uint64_t most = maxRegisters;
    if (hasMaxThreads) {
        uint64_t share = 65536 / (uint64_t(maxThreads) * minBlocks) / 8 * 8;
        most = std::min(most, std::max<uint64_t>(share, 8));
    }
    return static_cast<unsigned>(std::min<uint64_t>(wanted, most));
}

}  // namespace host_cuda::ptx
