// mov, cvt, cvta.
#include "translate.h"

namespace host_cuda::ptx {
namespace {

// mov.b64 {a, b}, c, and the other way round.
std::string pack(Emitter& e, Type type) {
    const Operand& to = e.operand(0);
    const Operand& from = e.operand(1);
    const std::vector<Operand>& parts = to.sort == Sort::vector ? to.parts : from.parts;
    unsigned bits = type.bits / static_cast<unsigned>(parts.size());
    if (type.kind != Kind::untyped || (to.sort == Sort::vector) == (from.sort == Sort::vector) || parts.size() > 4 ||
        bits * parts.size() != type.bits || bits < 16) {
        e.fail("a vector is packed and unpacked as .b32 or .b64");
    }
    Type part{Kind::untyped, bits};
    std::string code = "{ ";
    if (to.sort == Sort::vector) {
        code += type.host() + " all = " + e.value(from, type) + "; ";
        for (size_t i = 0; i < parts.size(); i++) {
            code += e.assign(parts[i], part, part.host() + "(all >> " + std::to_string(i * bits) + ")") + " ";
        }
        return code + "}";
    }
    std::string all;
    for (size_t i = 0; i < parts.size(); i++) {
        all += (i == 0 ? "" : " | ") + type.host() + "(" + e.value(parts[i], part) + ") << " + std::to_string(i * bits);
    }
    return e.assign(type, all);
}

// The address of an array, in its window.
std::string addressOf(Emitter& e, Type type) {
    const std::string& name = e.operand(1).name;
    const Variable* shared = e.shared(name);
    const Variable* local = e.local(name);
    if (shared == nullptr && local == nullptr) {
        e.fail(name + " is not an array of shared or local memory, and no other address is taken");
    }
    if (type.kind == Kind::real || type.kind == Kind::predicate || type.bits < 32) {
        e.fail("an address as ." + type.name());
    }
    size_t at = shared != nullptr ? SHARED_START + shared->offset : LOCAL_START + local->offset;
    return e.assign(type, type.host() + "(" + std::to_string(at) + ")");
}

std::string move(Emitter& e) {
    Type type = e.takeType();
    if (type.bits == 8) {
        e.fail("does not take ." + type.name());
    }
    e.finish(2);
    if (e.operand(0).sort == Sort::vector || e.operand(1).sort == Sort::vector) {
        return pack(e, type);
    }
    return e.operand(1).sort == Sort::symbol ? addressOf(e, type) : e.assign(type, e.value(1, type));
}

std::string convert(Emitter& e) {
    std::string rounding = e.takeOneOf({"rn", "rni", "rzi", "rmi", "rpi"});
    Type to = e.takeType({Kind::unsignedInteger, Kind::signedInteger, Kind::real});
    Type from = e.takeType({Kind::unsignedInteger, Kind::signedInteger, Kind::real});
    e.finish(2);
    bool toReal = to.kind == Kind::real, fromReal = from.kind == Kind::real;
    std::string a = e.value(e.operand(1), from, !fromReal);
    // what cannot be exact is rounded, and what can is not
    bool narrows = toReal && (!fromReal || from.bits > to.bits);
    bool toWhole = fromReal && (!toReal || (from.bits == to.bits && !rounding.empty()));
    if (narrows ? rounding != "rn" : toWhole ? rounding.size() != 3 : !rounding.empty()) {
        e.fail(narrows   ? "it is rounded by .rn"
               : toWhole ? "it is rounded by .rni, .rzi, .rmi or .rpi"
                         : "this conversion is exact and takes no rounding");
    }
    if (toWhole) {
        std::string function = rounding == "rni"   ? "__builtin_rint"
                               : rounding == "rzi" ? "__builtin_trunc"
                               : rounding == "rmi" ? "__builtin_floor"
                                                   : "__builtin_ceil";
        a = function + (from.bits == 32 ? "f(" : "(") + a + ")";
        if (!toReal) {
            if (to.bits < 32) {
                e.fail("a real to less than 32 bits");
            }
            a = "saturated<" + to.host() + ">(" + a + ")";
        }
    }
    return e.assign(e.operand(0), to, to.host() + "(" + a + ")", !toReal);
}

// Between generic addresses and those of a window. Global memory lies where its generic addresses do.
std::string convertAddress(Emitter& e) {
    bool toWindow = e.take("to");
    std::string space = e.needOneOf({"global", "shared", "local"});
    Type type = e.takeType({Kind::unsignedInteger}, 64);
    e.finish(2);
    std::string window = space == "global" ? "0" : space == "shared" ? "m.sharedWindow" : "m.localWindow";
    return e.assign(type, e.value(1, type) + (toWindow ? " - " : " + ") + window);
}

}  // namespace

std::string conversion(Emitter& e, const std::string& opcode) {
    return opcode == "mov" ? move(e) : opcode == "cvt" ? convert(e) : opcode == "cvta" ? convertAddress(e) : "";
}

}  // namespace host_cuda::ptx
