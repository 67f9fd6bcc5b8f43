#include "translate.h"

#include <algorithm>
#include <cstdio>

namespace host_cuda::ptx {
namespace {

std::string hex(uint64_t value, unsigned bits) {
    char text[32];
    snprintf(text, sizeof text, "0x%llx%s", static_cast<unsigned long long>(value), bits == 64 ? "ull" : "u");
    return text;
}

const Variable* find(const std::vector<Variable>& all, const std::string& name) {
    auto found = std::find_if(all.begin(), all.end(), [&name](const Variable& v) { return v.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string special(const std::string& name) {
    for (const char* vector : {"tid", "ntid", "ctaid", "nctaid"}) {
        for (int i = 0; i < 3; i++) {
            if (name == std::string("%") + vector + "." + "xyz"[i]) {
                return std::string("self.") + vector + "[" + std::to_string(i) + "]";
            }
        }
    }
    return name == "%laneid" ? "self.laneid" : "";
}

// What a register holds that nobody has written.
std::string poison(Type type) {
    return type.kind == Kind::predicate ? "true"
           : type.kind == Kind::real    ? "bitsOf<" + type.host() + ">(" + hex(~0ull >> (64 - type.bits), type.bits) + ")"
                                        : type.host() + "(-1)";
}

bool endsBlock(const Instruction& i) { return i.words[0] == "bra" || i.words[0] == "ret" || i.words[0] == "exit"; }

std::string statement(Emitter& e) {
    const std::string& opcode = e.at->words[0];
    for (auto family : {control, memory, arithmetic, logic, conversion}) {
        std::string code = family(e, opcode);
        if (!code.empty()) {
            return code;
        }
    }
    e.fail("not supported");
}

}  // namespace

std::string labelName(const std::string& label) {
    std::string name = "L";
    for (char c : label) {
        name += isalnum(static_cast<unsigned char>(c)) ? c : '_';
    }
    return name;
}

void Emitter::begin(const Instruction& instruction) {
    at = &instruction;
    left.assign(instruction.words.begin() + 1, instruction.words.end());
}

bool Emitter::take(const std::string& word) {
    if (left.empty() || left[0] != word) {
        return false;
    }
    left.erase(left.begin());
    return true;
}

std::string Emitter::takeOneOf(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        if (take(word)) {
            return word;
        }
    }
    return "";
}

std::string Emitter::needOneOf(const std::vector<std::string>& words) {
    std::string found = takeOneOf(words);
    if (found.empty()) {
        std::string all;
        for (const std::string& word : words) {
            all += (all.empty() ? "." : ", .") + word;
        }
        fail((left.empty() ? "it lacks a modifier" : "." + left[0] + " is not supported here") + "; supported: " + all);
    }
    return found;
}

Type Emitter::takeType() {
    Type type = left.empty() ? Type{} : typeOf(left[0]);
    if (type.bits == 0) {
        fail(left.empty() ? "it lacks a type" : "." + left[0] + " is not supported here");
    }
    left.erase(left.begin());
    return type;
}

Type Emitter::takeType(const std::vector<Kind>& kinds, unsigned least) {
    Type type = takeType();
    if (std::find(kinds.begin(), kinds.end(), type.kind) == kinds.end() || (type.bits < least && type.bits != 1)) {
        fail("does not take ." + type.name());
    }
    return type;
}

void Emitter::finish(size_t operands) {
    if (!left.empty()) {
        fail("." + left[0] + " is not supported here");
    }
    if (at->operands.size() != operands) {
        fail("has " + std::to_string(at->operands.size()) + " operands, not " + std::to_string(operands));
    }
}

const Variable* Emitter::shared(const std::string& name) const { return find(entry.shared, name); }
const Variable* Emitter::local(const std::string& name) const { return find(entry.local, name); }

std::string Emitter::value(const Operand& o, Type type, bool wider) const {
    if (o.sort == Sort::integer) {
        if (type.kind == Kind::real) {
            fail("a number of ." + type.name() + " is written as its bits");
        }
        if (type.kind == Kind::predicate) {
            return o.value != 0 ? "true" : "false";
        }
        uint64_t mask = ~0ull >> (64 - type.bits);
        bool fits = (o.value & ~mask) == 0 || (~o.value & ~mask) == 0;
        if (!fits) {
            fail("a number of more than " + std::to_string(type.bits) + " bits");
        }
        return type.host() + "(" + hex(o.value & mask, type.bits) + ")";
    }
    if (o.sort == Sort::real) {
        if (o.bits != type.bits || type.isInteger()) {
            fail("a number of " + std::to_string(o.bits) + " bits as ." + type.name());
        }
        return "bitsOf<" + type.host() + ">(" + hex(o.value, o.bits) + ")";
    }
    if (o.sort == Sort::special) {
        std::string code = special(o.name);
        if (code.empty()) {
            fail(o.name + " is not supported");
        }
        if (type.bits != 32 || type.kind == Kind::real) {
            fail(o.name + " is a .u32");
        }
        return type.host() + "(" + code + ")";
    }
    if (o.sort != Sort::reg) {
        fail(o.name.empty() ? "an operand of another form" : o.name + " is not a register");
    }
    const Register& r = entry.registers[o.reg];
    bool same = r.type.bits == type.bits || (wider && r.type.bits > type.bits && type.bits >= 8);
    bool mixed = r.type.kind != Kind::untyped && type.kind != Kind::untyped &&
                 (r.type.kind == Kind::real) != (type.kind == Kind::real);
    if (!same || mixed || (r.type.kind == Kind::predicate) != (type.kind == Kind::predicate)) {
        fail("a register of ." + r.type.name() + " as ." + type.name());
    }
    if (o.negated) {
        if (type.kind != Kind::predicate) {
            fail("'!' is for predicates only");
        }
        return "!" + r.host;
    }
    if (r.type.host() == type.host()) {
        return r.host;
    }
    bool bits = (r.type.kind == Kind::real) != (type.kind == Kind::real);
    return bits ? "bitsOf<" + type.host() + ">(" + r.host + ")" : type.host() + "(" + r.host + ")";
}

std::string Emitter::assign(const Operand& o, Type type, const std::string& code, bool wider) const {
    if (o.sort != Sort::reg || o.negated) {
        fail("the result goes to a register");
    }
    const Register& r = entry.registers[o.reg];
    bool extends = wider && r.type.bits > type.bits && r.type.kind != Kind::real && type.kind != Kind::real;
    if (!extends) {
        value(o, type);  // the types must agree
    }
    bool bits = (r.type.kind == Kind::real) != (type.kind == Kind::real);
    return r.host + " = " + (bits ? "bitsOf<" + r.type.host() + ">(" : r.type.host() + "(") + code + ");";
}

Translated translate(const Entry& entry, const std::string& name) {
    Translated out;
    Emitter e(entry);
    e.prefix = name;
    std::string body;
    bool fresh = true;  // whether a basic block begins
    int mark = 0;
    auto setsMark = [&](int number) { return name + "_marks[" + std::to_string(number) + "] = 1; "; };
    for (const Item& item : entry.body) {
        if (!item.label.empty()) {
            body += labelName(item.label) + ":;\n";
            fresh = true;
            continue;
        }
        const Instruction& i = item.instruction;
        e.begin(i);
        if (fresh) {
            mark = out.markCount++;
            body += setsMark(mark);
            fresh = false;
        }
        std::string code = statement(e);
        bool branches = endsBlock(i);
        int own = mark;
        if (i.guard >= 0) {
            std::string condition = (i.guardNegated ? "!" : "") + entry.registers[i.guard].host;
            // a branch is reached whether it is taken or not, another instruction only where it is carried out
            own = branches ? mark : out.markCount++;
            code = "if (" + condition + ") { " + (branches ? "" : setsMark(own)) + code + " }";
        }
        fresh = branches;
        out.lines.push_back(i.line);
        out.marks.push_back(own);
        body += code + "\n";
    }
    out.ranges = e.ranges;
    out.code = "static u8 " + name + "_marks[" + std::to_string(out.markCount + 1) + "];\n" + "static Range " + name +
               "_ranges[" + std::to_string(out.ranges + 1) + "];\n" + "static void " + name +
               "_run(Machine& m, const u8* parameters, const Thread& thread) {\nconst Thread self = thread;\n";
    if (!entry.local.empty()) {
        std::string bytes = std::to_string(entry.localBytes);
        out.code += "alignas(16) u8 localBytes[" + bytes + "]; u8 localWritten[" + bytes + "] = {};\n" +
                    "memset(localBytes, 0xff, sizeof localBytes);\n" + "Local local{localBytes, localWritten, " +
                    std::to_string(LOCAL_START) + ", " + bytes + "};\n";
    }
    for (const Register& r : entry.registers) {
        out.code += r.type.host() + " " + r.host + " = " + poison(r.type) + ";\n";
    }
    out.code += body + "}\nextern \"C\" const Exports " + name + ";\n" + "const Exports " + name + " = {" + name + "_run, " +
                name + "_marks, " + name + "_ranges};\n";
    return out;
}

}  // namespace host_cuda::ptx
