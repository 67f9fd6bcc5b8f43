// add, sub, mul, mad, fma, div, rem, sqrt, rcp, min, max, abs, neg.
#include "translate.h"

namespace host_cuda::ptx {
namespace {

const std::vector<Kind> NUMBERS = {Kind::unsignedInteger, Kind::signedInteger, Kind::real};
const std::vector<Kind> INTEGERS = {Kind::unsignedInteger, Kind::signedInteger};
const std::vector<Kind> SIGNED = {Kind::signedInteger, Kind::real};
const std::vector<Kind> REALS = {Kind::real};

Type widened(Type type) { return {type.kind, 2 * type.bits}; }

std::string call(const std::string& function, const std::vector<std::string>& arguments) {
    std::string list;
    for (const std::string& argument : arguments) {
        list += (list.empty() ? "" : ", ") + argument;
    }
    return function + "(" + list + ")";
}

// Without a rounding, an assembler may fuse a product with a sum: then the text does not say what comes out.
void needRounding(Emitter& e, Type type, bool rounded) {
    if (type.kind == Kind::real && !rounded) {
        e.fail("without .rn an assembler may contract it");
    }
    if (type.kind != Kind::real && rounded) {
        e.fail(".rn is for reals only");
    }
}

std::string binary(Emitter& e, Type type, const std::string& function) {
    e.finish(3);
    return e.assign(type, call(function, {e.value(1, type), e.value(2, type)}));
}

std::string sum(Emitter& e, const std::string& opcode) {
    bool rounded = e.take("rn");
    Type type = e.takeType(NUMBERS, 16);
    needRounding(e, type, rounded);
    e.finish(3);
    std::string a = e.value(1, type), b = e.value(2, type);
    return e.assign(type, type.kind == Kind::real ? a + (opcode == "add" ? " + " : " - ") + b : call(opcode, {a, b}));
}

std::string product(Emitter& e) {
    std::string half = e.takeOneOf({"lo", "hi", "wide"});
    bool rounded = e.take("rn");
    Type type = e.takeType(NUMBERS, 16);
    needRounding(e, type, rounded);
    e.finish(3);
    std::string a = e.value(1, type), b = e.value(2, type);
    if (type.kind == Kind::real) {
        if (!half.empty()) {
            e.fail("." + half + " is for integers only");
        }
        return e.assign(type, a + " * " + b);
    }
    if (half.empty() || (half == "wide" && type.bits == 64)) {
        e.fail("a product of integers is .lo, .hi or, up to 32 bits, .wide");
    }
    return half == "wide" ? e.assign(e.operand(0), widened(type), call("mulWide", {a, b}))
                          : e.assign(type, call(half == "lo" ? "mulLow" : "mulHigh", {a, b}));
}

std::string productAndSum(Emitter& e) {
    std::string half = e.needOneOf({"lo", "hi", "wide"});
    Type type = e.takeType(INTEGERS, 16);
    e.finish(4);
    if (half == "wide" && type.bits == 64) {
        e.fail(".wide takes types of up to 32 bits");
    }
    Type result = half == "wide" ? widened(type) : type;
    std::string function = half == "wide" ? "mulWide" : half == "lo" ? "mulLow" : "mulHigh";
    std::string sum =
        call("add<" + result.host() + ">", {call(function, {e.value(1, type), e.value(2, type)}), e.value(3, result)});
    return e.assign(result, sum);
}

std::string quotient(Emitter& e, const std::string& opcode) {
    bool rounded = e.take("rn");
    Type type = e.takeType(opcode == "div" ? NUMBERS : INTEGERS, 16);
    if ((type.kind == Kind::real) != rounded) {
        e.fail(rounded ? ".rn is for reals only" : "a quotient of reals is rounded by .rn");
    }
    e.finish(3);
    std::string a = e.value(1, type), b = e.value(2, type);
    return e.assign(type, rounded ? a + " / " + b : call(opcode == "div" ? "quotient" : "remainder", {"m", a, b, e.line()}));
}

std::string ofOne(Emitter& e, const std::string& opcode) {
    bool isRoot = opcode == "sqrt", isReciprocal = opcode == "rcp";
    if (isRoot || isReciprocal) {
        e.needOneOf({"rn"});
    }
    Type type = e.takeType(isRoot || isReciprocal ? REALS : SIGNED, 16);
    e.finish(2);
    std::string a = e.value(1, type);
    bool real = type.kind == Kind::real;
    return e.assign(type, isRoot            ? call("root", {a})
                          : isReciprocal    ? "1 / " + a
                          : opcode == "neg" ? call(real ? "otherSign" : "negate", {a})
                                            : call(real ? "signless" : "absolute", {a}));
}

}  // namespace

std::string arithmetic(Emitter& e, const std::string& opcode) {
    if (opcode == "add" || opcode == "sub") {
        return sum(e, opcode);
    }
    if (opcode == "mul") {
        return product(e);
    }
    if (opcode == "mad") {
        return productAndSum(e);
    }
    if (opcode == "fma") {
        e.needOneOf({"rn"});
        Type type = e.takeType(REALS);
        e.finish(4);
        return e.assign(type, call("fma", {e.value(1, type), e.value(2, type), e.value(3, type)}));
    }
    if (opcode == "div" || opcode == "rem") {
        return quotient(e, opcode);
    }
    if (opcode == "min" || opcode == "max") {
        Type type = e.takeType(NUMBERS, 16);
        std::string function = opcode == "min" ? "least" : "most";
        return binary(e, type, type.kind == Kind::real ? function + "Real" : function);
    }
    bool one = opcode == "sqrt" || opcode == "rcp" || opcode == "neg" || opcode == "abs";
    return one ? ofOne(e, opcode) : "";
}

}  // namespace host_cuda::ptx
