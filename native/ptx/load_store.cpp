// ld and st.
#include "translate.h"

namespace host_cuda::ptx {
namespace {

constexpr Type U32{Kind::unsignedInteger, 32};
constexpr Type U64{Kind::unsignedInteger, 64};

std::string parameter(Emitter& e, Type type) {
    const Operand& address = e.operand(1);
    for (const Variable& v : e.entry.parameters) {
        if (v.name != address.name) {
            continue;
        }
        size_t at = v.offset + address.value;
        if (address.value > v.bytes || v.bytes - address.value < type.bytes()) {
            e.fail(std::to_string(type.bytes()) + " bytes at " + std::to_string(address.value) + " of a parameter of " +
                   std::to_string(v.bytes));
        }
        if (at % type.bytes() != 0) {
            e.fail("a parameter at a multiple of " + std::to_string(type.bytes()) + " only");
        }
        std::string host = type.host();
        return "{ " + host + " read; memcpy(&read, parameters + " + std::to_string(at) + ", sizeof read); " +
               e.assign(e.operand(0), type, "read", true) + " }";
    }
    e.fail("there is no parameter " + address.name);
}

// The address, and which window its register or name is of.
std::string addressOf(Emitter& e, const Operand& address, const std::string& space) {
    std::string offset = std::to_string(static_cast<int64_t>(address.value)) + "ll";
    if (address.reg < 0) {
        const Variable* v = space == "shared" ? e.shared(address.name) : space == "local" ? e.local(address.name) : nullptr;
        if (v == nullptr) {
            e.fail(address.name + " is not an array of " + (space.empty() ? "generic" : space) + " memory");
        }
        size_t start = space == "shared" ? SHARED_START : LOCAL_START;
        return "u64(" + std::to_string(start + v->offset) + ") + u64(" + offset + ")";
    }
    Operand base = address;
    base.sort = Sort::reg;
    bool narrow = e.entry.registers[address.reg].type.bits == 32;
    if (narrow && space != "shared" && space != "local") {
        e.fail("an address of 32 bits");
    }
    return narrow ? "u64(u32(" + e.value(base, U32) + " + u32(" + offset + ")))"
                  : e.value(base, U64) + " + u64(" + offset + ")";
}

std::string reached(Emitter& e, Type type, const Operand& address, const std::string& space, const std::string& flags,
                    size_t count) {
    std::string where = addressOf(e, address, space);
    std::string name = space.empty() ? "GENERIC" : space == "global" ? "GLOBAL" : space == "shared" ? "SHARED" : "LOCAL";
    std::string site = "Site{" + e.line() + ", " + name + ", " + flags + ", " + std::to_string(count * type.bytes()) + "}";
    std::string call = "<" + type.host() + ">(m, ";
    if (space == "local") {
        if (e.entry.local.empty()) {
            e.fail("there is no local memory");
        }
        return "reachLocal" + call + "local, " + where + ", " + site + ")";
    }
    bool mayBeLocal = space.empty() && !e.entry.local.empty();
    std::string function = space == "shared" ? "reachShared" + call
                           : mayBeLocal      ? "reachAny" + call + "local, "
                                             : "reach" + call;
    return function + where + ", " + site + ", " + e.range() + ")";
}

std::string access(Emitter& e, bool write) {
    e.take("weak");
    std::string space = e.takeOneOf({"global", "shared", "local", "param"});
    // where a cache holds a line changes no value; only global memory has them
    std::string cache = write ? e.takeOneOf({"wb", "cg", "cs", "wt"}) : e.takeOneOf({"ca", "cg", "cs", "lu", "cv"});
    bool readOnly = !write && e.take("nc");
    std::string vector = e.takeOneOf({"v2", "v4"});
    Type type = e.takeType();
    e.finish(2);
    if ((!cache.empty() && space != "global" && !space.empty()) || (readOnly && space != "global")) {
        e.fail("only global memory has ." + (readOnly ? "nc" : cache));
    }
    const Operand& address = e.operand(write ? 0 : 1);
    const Operand& data = e.operand(write ? 1 : 0);
    size_t count = vector.empty() ? 1 : vector == "v2" ? 2 : 4;
    std::vector<Operand> parts = data.sort == Sort::vector ? data.parts : std::vector<Operand>{data};
    if (address.sort != Sort::address) {
        e.fail("the address stands in brackets");
    }
    if ((data.sort == Sort::vector) != !vector.empty() || parts.size() != count) {
        e.fail(std::to_string(parts.size()) + " registers of a vector of " + std::to_string(count));
    }
    if (type.kind == Kind::predicate || count * type.bytes() > 16) {
        e.fail(type.kind == Kind::predicate ? "a predicate in memory" : "more than 16 bytes");
    }
    if (space == "param") {
        if (write || count > 1 || address.reg >= 0) {
            e.fail("parameters are read one by one, by their names");
        }
        return parameter(e, type);
    }
    std::string flags = write ? "WRITE" : readOnly ? "READ_ONLY" : "0";
    std::string code = "{ " + type.host() + "* at = " + reached(e, type, address, space, flags, count) + "; ";
    for (size_t i = 0; i < count; i++) {
        std::string element = "at[" + std::to_string(i) + "]";
        code += write ? element + " = " + type.host() + "(" + e.value(parts[i], type, type.kind != Kind::real) + "); "
                      : e.assign(parts[i], type, element, true) + " ";
    }
    return code + "}";
}

}  // namespace

std::string memory(Emitter& e, const std::string& opcode) {
    return opcode == "ld" || opcode == "st" ? access(e, opcode == "st") : "";
}

}  // namespace host_cuda::ptx
