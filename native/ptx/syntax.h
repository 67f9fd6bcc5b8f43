// PTX as text: what a module declares, and the instructions of its entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace host_cuda::ptx {

// What is wrong with a text, and in which of its lines.
struct Error : std::runtime_error {
    Error(int line, const std::string& what) : std::runtime_error("line " + std::to_string(line) + ": " + what) {}
};

enum class Kind { predicate, untyped, unsignedInteger, signedInteger, real };

struct Type {
    Kind kind = Kind::untyped;
    unsigned bits = 0;

    size_t bytes() const { return bits / 8; }
    bool is(Kind k, unsigned b) const { return kind == k && bits == b; }
    bool isInteger() const { return kind == Kind::unsignedInteger || kind == Kind::signedInteger; }
    bool operator==(const Type& other) const { return is(other.kind, other.bits); }
    std::string name() const;  // as in PTX, without the dot
    std::string host() const;  // as in runtime.h
};

// The type that a word such as "f32" names; bits 0: none.
Type typeOf(const std::string& word);

struct Register {
    Type type;
    std::string host;  // its name in the translation
};

// A parameter, or an array in shared or local memory; offset: where it lies in its window.
struct Variable {
    std::string name;
    Type element;
    size_t alignment = 1;
    size_t bytes = 0;
    size_t offset = 0;
    int line = 0;
};

enum class Sort { none, reg, special, integer, real, symbol, vector, address, pair };

struct Operand {
    Sort sort = Sort::none;
    int reg = -1;             // of a register, and of an address whose base is one
    std::string name;         // of a special register or a symbol; of an address whose base is a symbol
    uint64_t value = 0;       // of an integer, or the bits of a real; of an address: its offset
    unsigned bits = 0;        // of a real: 32 or 64
    bool negated = false;     // of a predicate
    std::vector<Operand> parts;  // of a vector, or of "p|q"
};

struct Instruction {
    int line = 0;
    int guard = -1;  // a register
    bool guardNegated = false;
    std::vector<std::string> words;  // ld, global, nc, f32
    std::vector<Operand> operands;
    std::string opcode() const;
};

// A label, or an instruction.
struct Item {
    std::string label;
    Instruction instruction;
};

struct Entry {
    std::string name;
    std::vector<Variable> parameters;
    size_t parameterBytes = 0;
    unsigned maxThreads = 1024;
    bool hasMaxThreads = false;   // by .maxntid
    unsigned minBlocks = 1;       // .minnctapersm
    unsigned maxRegisters = 255;  // .maxnreg
    std::vector<Register> registers;
    std::vector<Variable> shared;  // those of the module that it names, and its own
    size_t sharedBytes = 0;        // of the window, gaps and all
    size_t staticShared = 0;       // without the gaps
    std::vector<Variable> local;
    size_t localBytes = 0;
    std::vector<Item> body;

    std::vector<size_t> parameterSizes() const;
    // Registers of a thread, if the compiler would like so many: .maxntid means that a block of that size must fit.
    unsigned registersOf(unsigned wanted) const;
};

struct Head {
    int version = 0;  // 63 is 6.3
    int target = 0;   // 75 is sm_75
};

// What stands before everything else; a driver judges it first. Both throw an Error.
Head parseHead(const std::string& text);
std::vector<Entry> parse(const std::string& text);

// Where the window of shared memory begins, so that 0 is no address, and what lies between two of its arrays, so that an
// access beyond the end of one is found.
constexpr size_t SHARED_START = 1024;
constexpr size_t SHARED_GAP = 256;
// The same of local memory, and the most of it that a thread's stack has room for.
constexpr size_t LOCAL_START = 1024;
constexpr size_t MAX_LOCAL = 16 << 10;

}  // namespace host_cuda::ptx
