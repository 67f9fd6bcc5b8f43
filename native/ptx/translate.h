// PTX to C++: each instruction becomes a statement over registers that are variables.
#pragma once

#include <string>
#include <vector>

#include "syntax.h"

namespace host_cuda::ptx {

// An entry as C++, to be compiled behind the text of runtime.h.
struct Translated {
    std::string code;
    // Of each instruction, in the order of the text: its line, and the mark that is set once it has been reached.
    std::vector<int> lines;
    std::vector<int> marks;
    int markCount = 0;
    int ranges = 0;  // how many sites have one
};

// Throws an Error for what is not supported. The translation exports `name`.
Translated translate(const Entry& entry, const std::string& name);

// A label as a name in C++.
std::string labelName(const std::string& label);

// What the pieces of the translator share: the instruction at hand, and its operands as expressions.
class Emitter {
public:
    explicit Emitter(const Entry& entry) : entry(entry) {}

    const Entry& entry;
    const Instruction* at = nullptr;
    std::string prefix;  // of the names of marks and ranges
    int ranges = 0;

    // Words of the opcode, each of which must be taken.
    void begin(const Instruction& instruction);
    bool take(const std::string& word);
    std::string takeOneOf(const std::vector<std::string>& words);  // "": none of them
    std::string needOneOf(const std::vector<std::string>& words);
    Type takeType();
    Type takeType(const std::vector<Kind>& kinds, unsigned least = 8);
    void finish(size_t operands);  // no word is left, and there are so many operands

    const Operand& operand(size_t i) const { return at->operands[i]; }
    [[noreturn]] void fail(const std::string& what) const { throw Error(at->line, at->opcode() + ": " + what); }

    // An operand as a value of the type; wider: registers may be.
    std::string value(const Operand& o, Type type, bool wider = false) const;
    std::string value(size_t i, Type type) const { return value(operand(i), type); }
    // The statement that stores a value of the type. A wider register is filled up by sign or with zeros.
    std::string assign(const Operand& o, Type type, const std::string& value, bool wider = false) const;
    std::string assign(Type type, const std::string& value) const { return assign(operand(0), type, value); }
    std::string line() const { return std::to_string(at->line) + "u"; }
    std::string range() { return prefix + "_ranges[" + std::to_string(ranges++) + "]"; }
    const Variable* shared(const std::string& name) const;
    const Variable* local(const std::string& name) const;

private:
    std::vector<std::string> left;
};

// Each gives the statement of the instruction at hand, or nothing if the opcode is not of its family.
std::string arithmetic(Emitter& e, const std::string& opcode);
std::string logic(Emitter& e, const std::string& opcode);
std::string conversion(Emitter& e, const std::string& opcode);
std::string memory(Emitter& e, const std::string& opcode);
std::string control(Emitter& e, const std::string& opcode);

}  // namespace host_cuda::ptx
