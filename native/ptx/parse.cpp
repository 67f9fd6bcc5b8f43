// Reads a module: directives, entries and their variables. What it does not know it refuses.
#include <algorithm>
#include <set>

#include "body.h"

namespace host_cuda::ptx {
namespace {

size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

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
            in.fail("'" + version + "' is not a version");
        }
        head.version = static_cast<int>(10 * major + minor);
        in.expect(".target");
        std::string target = in.word("a target");
        if (target.compare(0, 3, "sm_") != 0 || target.size() < 5) {
            in.fail("'" + target + "' is not a target");
        }
        head.target = std::atoi(target.c_str() + 3);
        if (in.is(",")) {
            in.fail("options of the target are not supported");
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
    Registers registers;
    std::set<std::string> labels;

    Type type(const std::string& what) {
        std::string name = in.word(what.c_str());
        Type type = name[0] == '.' ? typeOf(name.substr(1)) : Type{};
        if (type.bits == 0) {
            in.fail("'" + name + "' is not a supported type");
        }
        return type;
    }

    std::string name(const char* what) {
        std::string name = in.word(what);
        if (name[0] == '.' || isdigit(static_cast<unsigned char>(name[0]))) {
            in.fail("'" + name + "' is not supported as " + what);
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
        registers = Registers{};
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
        entry.registers = registers.all;
        for (const Item& item : entry.body) {
            checkTarget(item.instruction);
        }
        layout();
        return entry;
    }

    unsigned atLeastOne(const std::string& directive) {
        uint64_t number = in.integer("a number");
        if (number == 0) {
            in.fail(directive + " of 0");
        }
        return static_cast<unsigned>(std::min<uint64_t>(number, 1u << 16));
    }

    void limit() {
        if (in.take(".maxntid")) {
            uint64_t threads = in.integer("a number of threads");
            for (int i = 1; i < 3 && in.take(","); i++) {
                threads *= in.integer("a number of threads");
            }
            if (threads == 0) {
                in.fail(".maxntid of no threads");
            }
            entry.maxThreads = static_cast<unsigned>(std::min<uint64_t>(threads, 1024));
            entry.hasMaxThreads = true;
        } else if (in.take(".minnctapersm")) {
            entry.minBlocks = atLeastOne(".minnctapersm");
        } else if (in.take(".maxnreg")) {
            entry.maxRegisters = std::min(atLeastOne(".maxnreg"), 255u);
        } else {
            in.fail("'" + in.peek().text + "' of an entry is not supported");
        }
    }

    // up to the brace that closes it
    void block() {
        registers.open();
        while (!in.take("}")) {
            if (in.isDone()) {
                in.fail(entry.name + ": the body does not end");
            }
            statement();
        }
        registers.close();
    }

    void statement() {
        if (in.take("{")) {
            block();
        } else if (in.take(".reg")) {
            declareRegisters();
        } else if (in.take(".shared")) {
            entry.shared.push_back(declared());
        } else if (in.take(".local")) {
            entry.local.push_back(declared());
        } else if (in.take(".pragma")) {
            if (!in.take("\"nounroll\"")) {
                in.fail(".pragma " + in.peek().text + " is not supported");
            }
            in.expect(";");
        } else if (in.peek(1).text == ":") {
            std::string label = in.word("a label");
            if (!labels.insert(label).second) {
                in.fail("the label " + label + " is defined twice");
            }
            in.expect(":");
            entry.body.push_back({label, {}});
        } else {
            entry.body.push_back({"", readInstruction(in, registers)});
        }
    }

    void declareRegisters() {
        Type of = type("a type");
        do {
            std::string name = in.word("a register");
            if (in.take("<")) {
                registers.declare(name, of, static_cast<unsigned>(in.integer("a number of registers")));
                in.expect(">");
            } else {
                registers.declare(name, of);
            }
        } while (in.take(","));
        in.expect(";");
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
        entry.staticShared = sum;
        if (sum > 48 << 10) {
            throw Error(entry.shared.back().line,
                        entry.name + " has " + std::to_string(sum) + " bytes of shared memory, at most 49152");
        }
        for (Variable& v : entry.local) {
            v.offset = roundUp(entry.localBytes, std::max<size_t>(v.alignment, 16));
            entry.localBytes = v.offset + v.bytes;
            if (v.bytes > MAX_LOCAL || entry.localBytes > MAX_LOCAL) {
                throw Error(v.line, entry.name + " has more than " + std::to_string(MAX_LOCAL) + " bytes of local memory");
            }
        }
    }
};

}  // namespace

Head parseHead(const std::string& text) { return Parser(text).head(); }

std::vector<Entry> parse(const std::string& text) { return Parser(text).module(); }

}  // namespace host_cuda::ptx
