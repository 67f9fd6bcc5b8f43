// and, or, xor, not, shl, shr, setp, selp, and what counts and moves bits.
#include <map>

#include "translate.h"

namespace host_cuda::ptx {
namespace {

constexpr Type PREDICATE{Kind::predicate, 1};
constexpr Type U32{Kind::unsignedInteger, 32};
const std::vector<Kind> BITS = {Kind::untyped, Kind::predicate};

std::string comparison(Emitter& e, const std::string& word, Type type, const std::string& a, const std::string& b) {
    static const std::map<std::string, std::string> signs = {{"eq", "=="}, {"ne", "!="}, {"lt", "<"},
                                                             {"le", "<="}, {"gt", ">"},  {"ge", ">="}};
    static const std::map<std::string, std::string> unsignedSigns = {{"lo", "<"}, {"ls", "<="}, {"hi", ">"}, {"hs", ">="}};
    static const std::map<std::string, std::string> unorderedSigns = {{"equ", "=="}, {"neu", "!="}, {"ltu", "<"},
                                                                      {"leu", "<="}, {"gtu", ">"},  {"geu", ">="}};
    bool real = type.kind == Kind::real;
    std::string nan = "(isNan(" + a + ") || isNan(" + b + "))";
    bool order = word != "eq" && word != "ne";
    if (signs.count(word) != 0 && !(type.kind == Kind::untyped && order)) {
        std::string plain = "(" + a + " " + signs.at(word) + " " + b + ")";
        // an ordered ≠ is false where one is no number
        return real && word == "ne" ? "(!" + nan + " && " + plain + ")" : plain;
    }
    if (type.kind == Kind::unsignedInteger && unsignedSigns.count(word) != 0) {
        return "(" + a + " " + unsignedSigns.at(word) + " " + b + ")";
    }
    if (real && unorderedSigns.count(word) != 0) {
        return "(" + nan + " || (" + a + " " + unorderedSigns.at(word) + " " + b + "))";
    }
    if (real && (word == "num" || word == "nan")) {
        return word == "nan" ? nan : "(!" + nan + ")";
    }
    e.fail("." + word + " is not a comparison of ." + type.name());
}

// setp.lt.and.f32 p|q, a, b, c: p = a < b and c, q = not a < b and c
std::string setPredicate(Emitter& e) {
    std::string word = e.needOneOf({"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu",
                                    "gtu", "geu", "num", "nan"});
    std::string combine = e.takeOneOf({"and", "or", "xor"});
    Type type = e.takeType();
    if (type.kind == Kind::predicate || type.bits < 16) {
        e.fail("does not take ." + type.name());
    }
    e.finish(combine.empty() ? 3 : 4);
    std::string holds = comparison(e, word, type, e.value(1, type), e.value(2, type));
    std::string sign = combine == "and" ? " && " : combine == "or" ? " || " : " != ";
    auto combined = [&](const std::string& holds) {
        return combine.empty() ? holds : "(" + holds + sign + e.value(3, PREDICATE) + ")";
    };
    const Operand& to = e.operand(0);
    if (to.sort != Sort::pair) {
        return e.assign(to, PREDICATE, combined(holds));
    }
    return "{ bool first = " + combined(holds) + ", second = " + combined("(!" + holds + ")") + "; " +
           e.assign(to.parts[0], PREDICATE, "first") + " " + e.assign(to.parts[1], PREDICATE, "second") + " }";
}

std::string select(Emitter& e) {
    Type type = e.takeType();
    if (type.kind == Kind::predicate || type.bits < 16) {
        e.fail("does not take ." + type.name());
    }
    e.finish(4);
    return e.assign(type, e.value(3, PREDICATE) + " ? " + e.value(1, type) + " : " + e.value(2, type));
}

std::string bitwise(Emitter& e, const std::string& opcode) {
    Type type = e.takeType(BITS, 16);
    e.finish(3);
    std::string sign = opcode == "and" ? " & " : opcode == "or" ? " | " : " ^ ";
    return e.assign(type, e.value(1, type) + sign + e.value(2, type));
}

std::string shift(Emitter& e, const std::string& opcode) {
    Type type = opcode == "shl" ? e.takeType({Kind::untyped}, 16)
                                : e.takeType({Kind::untyped, Kind::unsignedInteger, Kind::signedInteger}, 16);
    e.finish(3);
    std::string function = opcode == "shl" ? "shiftLeft" : "shiftRight";
    return e.assign(type, function + "(" + e.value(1, type) + ", " + e.value(2, U32) + ")");
}

// Of a pair of words, the one that stands there after both have moved.
std::string funnel(Emitter& e) {
    bool left = e.needOneOf({"l", "r"}) == "l";
    bool wraps = e.needOneOf({"wrap", "clamp"}) == "wrap";
    Type type = e.takeType({Kind::untyped}, 32);
    if (type.bits != 32) {
        e.fail("the type must be .b32");
    }
    e.finish(4);
    std::string by = e.value(3, U32);
    by = wraps ? "(" + by + " & 31u)" : "least(" + by + ", 32u)";
    std::string both = "((u64(" + e.value(2, type) + ") << 32) | " + e.value(1, type) + ")";
    return e.assign(type, left ? "u32((" + both + " << " + by + ") >> 32)" : "u32(" + both + " >> " + by + ")");
}

}  // namespace

std::string logic(Emitter& e, const std::string& opcode) {
    if (opcode == "setp") {
        return setPredicate(e);
    }
    if (opcode == "selp") {
        return select(e);
    }
    if (opcode == "and" || opcode == "or" || opcode == "xor") {
        return bitwise(e, opcode);
    }
    if (opcode == "not") {
        Type type = e.takeType(BITS, 16);
        e.finish(2);
        return e.assign(type, (type.kind == Kind::predicate ? "!" : "~") + e.value(1, type));
    }
    if (opcode == "shl" || opcode == "shr") {
        return shift(e, opcode);
    }
    if (opcode == "shf") {
        return funnel(e);
    }
    if (opcode == "popc" || opcode == "clz") {
        Type type = e.takeType({Kind::untyped}, 32);
        e.finish(2);
        std::string a = "u64(" + e.value(1, type) + ")";
        std::string zeros = "(" + a + " == 0 ? " + std::to_string(type.bits) + "u : u32(__builtin_clzll(" + a + ")) - " +
                            std::to_string(64 - type.bits) + "u)";
        return e.assign(U32, opcode == "popc" ? "u32(__builtin_popcountll(" + a + "))" : zeros);
    }
    return "";
}

}  // namespace host_cuda::ptx
