#include "body.h"

#include <cstring>

namespace host_cuda::ptx {
namespace {

std::vector<std::string> split(const std::string& dotted) {
    std::vector<std::string> words;
    for (size_t from = 0; from <= dotted.size();) {
        size_t dot = std::min(dotted.find('.', from), dotted.size());
        words.push_back(dotted.substr(from, dot - from));
        from = dot + 1;
    }
    return words;
}

// "%r" of "%r17", and 17; false where there is no number.
bool isNumbered(const std::string& name, std::string& stem, unsigned& number) {
    size_t digits = name.find_last_not_of("0123456789") + 1;
    if (digits == 0 || digits == name.size() || name.size() - digits > 9) {
        return false;
    }
    stem = name.substr(0, digits);
    number = static_cast<unsigned>(std::stoul(name.substr(digits)));
    return true;
}

Operand simple(Reader& in, Registers& registers) {
    Operand o;
    bool minus = in.take("-");
    o.negated = !minus && in.take("!");
    std::string text = in.word("an operand");
    bool real = text.size() > 2 && text[0] == '0' && strchr("fFdD", text[1]) != nullptr;
    if (real) {
        o.sort = Sort::real;
        o.bits = strchr("fF", text[1]) != nullptr ? 32 : 64;
        if (text.size() != 2 + o.bits / 4 || text.find_first_not_of("0123456789abcdefABCDEF", 2) != std::string::npos ||
            minus) {
            in.fail("'" + text + "' is not a number");
        }
        o.value = std::stoull(text.substr(2), nullptr, 16);
    } else if (isInteger(text, o.value)) {
        o.sort = Sort::integer;
        o.value = minus ? 0 - o.value : o.value;
    } else if (minus) {
        in.fail("expected a number, found '" + text + "'");
    } else if ((o.reg = registers.find(text)) >= 0) {
        o.sort = Sort::reg;
    } else {
        o.sort = text[0] == '%' ? Sort::special : Sort::symbol;
        o.name = text;
    }
    if (o.negated && o.sort != Sort::reg) {
        in.fail("'!" + text + "' is not a predicate");
    }
    return o;
}

Operand operand(Reader& in, Registers& registers) {
    if (in.take("{")) {
        Operand vector;
        vector.sort = Sort::vector;
        do {
            vector.parts.push_back(simple(in, registers));
        } while (in.take(","));
        in.expect("}");
        return vector;
    }
    if (in.take("[")) {
        Operand address = simple(in, registers);
        if (address.sort != Sort::reg && address.sort != Sort::symbol) {
            in.fail("an address is a register or a name, with an offset or without");
        }
        address.sort = Sort::address;
        bool minus = in.is("-");
        if (in.take("+") || in.take("-")) {
            minus = in.take("-") || minus;
            uint64_t offset = in.integer("an offset");
            address.value = minus ? 0 - offset : offset;
        }
        in.expect("]");
        return address;
    }
    Operand first = simple(in, registers);
    if (!in.take("|")) {
        return first;
    }
    Operand pair;
    pair.sort = Sort::pair;
    pair.parts = {first, simple(in, registers)};
    return pair;
}

}  // namespace

int Registers::find(const std::string& name) {
    std::string stem;
    unsigned number = 0;
    bool numbered = isNumbered(name, stem, number);
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
        auto seen = scope->seen.find(name);
        if (seen != scope->seen.end()) {
            return seen->second;
        }
        Type type;
        auto range = numbered ? scope->numbered.find(stem) : scope->numbered.end();
        if (scope->single.count(name) != 0) {
            type = scope->single[name];
        } else if (range != scope->numbered.end() && number < range->second.second) {
            type = range->second.first;
        } else {
            continue;
        }
        int index = static_cast<int>(all.size());
        all.push_back({type, "r" + std::to_string(index)});
        scope->seen[name] = index;
        return index;
    }
    return -1;
}

Instruction readInstruction(Reader& in, Registers& registers) {
    Instruction i;
    i.line = in.line();
    if (in.take("@")) {
        i.guardNegated = in.take("!");
        std::string name = in.word("a predicate");
        i.guard = registers.find(name);
        if (i.guard < 0 || registers.all[i.guard].type.kind != Kind::predicate) {
            in.fail(name + " is not a predicate");
        }
    }
    std::string opcode = in.word("an instruction");
    if (!isalpha(static_cast<unsigned char>(opcode[0]))) {
        in.fail("'" + opcode + "' is not supported");
    }
    i.words = split(opcode);
    while (!in.take(";")) {
        i.operands.push_back(operand(in, registers));
        if (!in.is(";")) {
            in.expect(",");
        }
    }
    return i;
}

}  // namespace host_cuda::ptx
