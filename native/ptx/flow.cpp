// Branches, ends, and what threads do together.
#include "translate.h"

namespace host_cuda::ptx {

namespace {

constexpr Type PREDICATE{Kind::predicate, 1};
constexpr Type U32{Kind::unsignedInteger, 32};
constexpr Type B32{Kind::untyped, 32};

std::string branch(Emitter& e) {
    if (e.take("uni") && e.at->guard >= 0) {
        e.fail(".uni of a branch with a condition is not supported");
    }
    e.finish(1);
    if (e.operand(0).sort != Sort::symbol) {
        e.fail("a branch goes to a label");
    }
    return "goto " + labelName(e.operand(0).name) + ";";
}

// bar.sync a, b and barrier.sync: all of the block meet at one instruction, so which of the 16 barriers it is does not
// matter.
std::string barrier(Emitter& e) {
    if (e.at->words[0] == "bar" && e.take("warp")) {
        e.needOneOf({"sync"});
        e.finish(1);
        return "m.warpBarrier(" + e.value(0, U32) + ", " + e.line() + ");";
    }
    e.needOneOf({"sync"});
    e.take("aligned");
    size_t operands = e.at->operands.size() == 2 ? 2 : 1;
    e.finish(operands);
    if (e.operand(0).sort != Sort::integer || e.operand(0).value > 15) {
        e.fail("a barrier's number is 0 to 15");
    }
    return "m.barrier(" + e.line() + ", " + (operands == 2 ? e.value(1, U32) : "0u") + ");";
}

std::string shuffle(Emitter& e) {
    e.needOneOf({"sync"});
    std::string mode = e.needOneOf({"up", "down", "bfly", "idx"});
    if (!(e.takeType({Kind::untyped}, 32) == B32)) {
        e.fail("the type must be .b32");
    }
    e.finish(5);
    const Operand& to = e.operand(0);
    std::string code = "{ bool valid; u32 taken = m.shuffle('" + mode.substr(0, 1) + "', " + e.value(1, B32) + ", " +
                       e.value(2, U32) + ", " + e.value(3, U32) + ", " + e.value(4, U32) + ", valid, " + e.line() + "); ";
    if (to.sort != Sort::pair) {
        return code + e.assign(to, B32, "taken") + " }";
    }
    return code + e.assign(to.parts[0], B32, "taken") + " " + e.assign(to.parts[1], PREDICATE, "valid") + " }";
}

std::string vote(Emitter& e) {
    e.needOneOf({"sync"});
    std::string mode = e.needOneOf({"ballot", "any", "all"});
    Type type = e.takeType(mode == "ballot" ? std::vector<Kind>{Kind::untyped} : std::vector<Kind>{Kind::predicate});
    e.finish(3);
    std::string mask = e.value(2, U32);
    std::string ballot = "m.ballot(" + e.value(1, PREDICATE) + ", " + mask + ", " + e.line() + ")";
    return e.assign(type, mode == "ballot" ? ballot : ballot + (mode == "any" ? " != 0" : " == " + mask));
}

}  // namespace

std::string control(Emitter& e, const std::string& opcode) {
    if (opcode == "bra") {
        return branch(e);
    }
    if (opcode == "ret" || opcode == "exit") {
        e.finish(0);
        return "return;";
    }
    if (opcode == "trap") {
        e.finish(0);
        return "m.fail(TRAP, " + e.line() + ");";
    }
    if (opcode == "bar" || opcode == "barrier") {
        return barrier(e);
    }
    return opcode == "shfl" ? shuffle(e) : opcode == "vote" ? vote(e) : "";
}

}  // namespace host_cuda::ptx
