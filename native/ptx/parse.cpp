// Reads a module: directives, entries, their variables, registers and instructions. What it does not know it refuses.
#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "tokens.h"

namespace host_cuda::ptx {
namespace {

size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

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

// Of registers: braces hide what is declared within them, and may give a name anew.
struct Scope {
    std::map<std::string, Type> single;
    std::map<std::string, std::pair<Type, unsigned>> numbered;  // how many
    std::map<std::string, int> seen;
};

class Parser {
public:
    explicit Parser(const std::string& text) : in(tokensOf(text)) {}

    Head head() {
        Head head;
        in.expect(".version");
        std::string version = in.word("a version");
        size_t dot = version.find('.');
        uint64_t major = 0, minor = 0;
        if (dot == std::string::npos || !isInteger(version.substr(0, dot), major) ||
            !isInteger(version.substr(dot + 1), minor)) {
            in.fail("'" + version + "' is no version");
        }
        head.version = static_cast<int>(10 * major + minor);
        in.expect(".target");
        std::string target = in.word("a target");
        if (target.compare(0, 3, "sm_") != 0 || target.size() < 5) {
            in.fail("'" + target + "' is no target");
        }
        head.target = std::atoi(target.c_str() + 3);
        if (in.is(",")) {
            in.fail("options of the target are not implemented");
        }
        in.expect(".address_size");
        if (in.integer("the size of an address") != 64) {
            in.fail("addresses have 64 bits");
        }
        return head;
    }

    std::vector<Entry> module() {
        head();
        std::vector<Entry> entries;
        while (!in.isDone()) {
            if (in.take(".shared")) {
                moduleShared.push_back(declared());
            } else {
                in.take(".visible");
                in.expect(".entry");
                entries.push_back(entryOf());
            }
        }
        return entries;
    }

private:
    Reader in;
    std::vector<Variable> moduleShared;
    Entry entry;
    std::vector<Scope> scopes;
    std::set<std::string> labels;

    Type type(const std::string& what) {
        std::string name = in.word(what.c_str());
        Type type = name[0] == '.' ? typeOf(name.substr(1)) : Type{};
        if (type.bits == 0) {
            in.fail("'" + name + "' is no type that is implemented");
        }
        return type;
    }

    std::string name(const char* what) {
        std::string name = in.word(what);
        if (name[0] == '.' || isdigit(static_cast<unsigned char>(name[0]))) {
            in.fail("'" + name + "' is not implemented as " + what);
        }
        return name;
    }

    // .align 16 .b8 name[256]
    Variable variable() {
        Variable v;
        v.line = in.line();
        size_t alignment = in.take(".align") ? in.integer("an alignment") : 0;
        v.element = type("a type");
        if (v.element.kind == Kind::predicate) {
            in.fail("a predicate has no place in memory");
        }
        v.alignment = std::max(alignment, v.element.bytes());
        if ((v.alignment & (v.alignment - 1)) != 0) {
            in.fail("an alignment of " + std::to_string(v.alignment));
        }
        v.name = name("a name");
        size_t count = 1;
        while (in.take("[")) {
            count *= in.integer("a length");
            in.expect("]");
        }
        v.bytes = count * v.element.bytes();
        if (v.bytes == 0) {
            in.fail(v.name + " has no elements");
        }
        return v;
    }

    Variable declared() {
        Variable v = variable();
        in.expect(";");
        return v;
    }

    Entry entryOf() {
        entry = Entry{};
        scopes.clear();
        labels.clear();
        entry.name = name("the name of an entry");
        if (in.take("(")) {
            while (!in.take(")")) {
                in.expect(".param");
                Variable v = variable();
                v.offset = roundUp(entry.parameterBytes, v.alignment);
                entry.parameterBytes = v.offset + v.bytes;
                entry.parameters.push_back(v);
                if (!in.is(")")) {
                    in.expect(",");
                }
            }
        }
        while (!in.is("{")) {
            limit();
        }
        entry.shared = moduleShared;
        in.expect("{");
        block();
        for (const Item& item : entry.body) {
            checkTarget(item.instruction);
        }
        layout();
        return entry;
    }

    void limit() {
        if (in.take(".maxntid")) {
            uint64_t threads = in.integer("a number of threads");
            for (int i = 1; i < 3 && in.take(","); i++) {
                threads *= in.integer("a number of threads");
            }
            entry.maxThreads = static_cast<unsigned>(std::min<uint64_t>(threads, 1024));
        } else if (in.take(".minnctapersm") || in.take(".maxnreg")) {
            // of registers, which a host has none of
            in.integer("a number");
        } else {
            in.fail("'" + in.peek().text + "' of an entry is not implemented");
        }
    }

    // up to the brace that closes it
    void block() {
        scopes.emplace_back();
        while (!in.take("}")) {
            if (in.isDone()) {
                in.fail(entry.name + ": the body does not end");
            }
            statement();
        }
        scopes.pop_back();
    }

    void statement() {
        if (in.take("{")) {
            block();
        } else if (in.take(".reg")) {
            registers();
        } else if (in.take(".shared")) {
            entry.shared.push_back(declared());
        } else if (in.take(".local")) {
            entry.local.push_back(declared());
        } else if (in.take(".pragma")) {
            if (!in.take("\"nounroll\"")) {
                in.fail(".pragma " + in.peek().text + " is not implemented");
            }
            in.expect(";");
        } else if (in.peek(1).text == ":") {
            std::string label = in.word("a label");
            if (!labels.insert(label).second) {
                in.fail("the label " + label + " stands there twice");
            }
            in.expect(":");
            entry.body.push_back({label, {}});
        } else {
            entry.body.push_back({"", instruction()});
        }
    }

    void registers() {
        Type of = type("a type");
        do {
            std::string name = in.word("a register");
            if (in.take("<")) {
                scopes.back().numbered[name] = {of, static_cast<unsigned>(in.integer("a number of registers"))};
                in.expect(">");
            } else {
                scopes.back().single[name] = of;
            }
        } while (in.take(","));
        in.expect(";");
    }

    // The register of a name, or -1.
    int find(const std::string& name) {
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
            int index = static_cast<int>(entry.registers.size());
            entry.registers.push_back({type, "r" + std::to_string(index)});
            scope->seen[name] = index;
            return index;
        }
        return -1;
    }

    Instruction instruction() {
        Instruction i;
        i.line = in.line();
        if (in.take("@")) {
            i.guardNegated = in.take("!");
            std::string name = in.word("a predicate");
            i.guard = find(name);
            if (i.guard < 0 || entry.registers[i.guard].type.kind != Kind::predicate) {
                in.fail(name + " is no predicate");
            }
        }
        std::string opcode = in.word("an instruction");
        if (!isalpha(static_cast<unsigned char>(opcode[0]))) {
            in.fail("'" + opcode + "' is not implemented");
        }
        i.words = split(opcode);
        while (!in.take(";")) {
            i.operands.push_back(operand());
            if (!in.is(";")) {
                in.expect(",");
            }
        }
        return i;
    }

    Operand operand() {
        if (in.take("{")) {
            Operand vector;
            vector.sort = Sort::vector;
            do {
                vector.parts.push_back(simple());
            } while (in.take(","));
            in.expect("}");
            return vector;
        }
        if (in.take("[")) {
            Operand address = simple();
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
        Operand first = simple();
        if (!in.take("|")) {
            return first;
        }
        Operand pair;
        pair.sort = Sort::pair;
        pair.parts = {first, simple()};
        return pair;
    }

    Operand simple() {
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
                in.fail("'" + text + "' is no number");
            }
            o.value = std::stoull(text.substr(2), nullptr, 16);
        } else if (isInteger(text, o.value)) {
            o.sort = Sort::integer;
            o.value = minus ? 0 - o.value : o.value;
        } else if (minus) {
            in.fail("expected a number, found '" + text + "'");
        } else if ((o.reg = find(text)) >= 0) {
            o.sort = Sort::reg;
        } else {
            o.sort = text[0] == '%' ? Sort::special : Sort::symbol;
            o.name = text;
        }
        if (o.negated && o.sort != Sort::reg) {
            in.fail("'!" + text + "' is no predicate");
        }
        return o;
    }

    void checkTarget(const Instruction& i) const {
        if (!i.words.empty() && i.words[0] == "bra" && i.operands.size() == 1 && labels.count(i.operands[0].name) == 0) {
            throw Error(i.line, "there is no label " + i.operands[0].name);
        }
    }

    // Where arrays lie: those of the module only where the entry names them.
    void layout() {
        std::set<std::string> named;
        for (const Item& item : entry.body) {
            for (const Operand& o : item.instruction.operands) {
                named.insert(o.name);
            }
        }
        auto unused = [&named](const Variable& v) { return named.count(v.name) == 0; };
        entry.shared.erase(std::remove_if(entry.shared.begin(), entry.shared.end(), unused), entry.shared.end());
        size_t sum = 0;
        for (Variable& v : entry.shared) {
            v.offset = roundUp(entry.sharedBytes, std::max<size_t>(v.alignment, 16));
            entry.sharedBytes = v.offset + v.bytes + SHARED_GAP;
            sum = roundUp(sum, v.alignment) + v.bytes;
        }
        if (sum > 48 << 10) {
            throw Error(entry.shared.back().line,
                        entry.name + " has " + std::to_string(sum) + " bytes of shared memory, at most 49152");
        }
        for (Variable& v : entry.local) {
            v.offset = roundUp(entry.localBytes, std::max<size_t>(v.alignment, 16));
            entry.localBytes = v.offset + v.bytes;
            if (v.bytes > MOST_LOCAL || entry.localBytes > MOST_LOCAL) {
                throw Error(v.line, entry.name + " has more than " + std::to_string(MOST_LOCAL) + " bytes of local memory");
            }
        }
    }
};

}  // namespace

Head parseHead(const std::string& text) { return Parser(text).head(); }

std::vector<Entry> parse(const std::string& text) { return Parser(text).module(); }

}  // namespace host_cuda::ptx
