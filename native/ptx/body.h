// The body of an entry: its registers, and one instruction after another.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tokens.h"

namespace host_cuda::ptx {

// Braces hide the registers that are declared within them, and may give a name anew.
class Registers {
public:
    void open() { scopes.emplace_back(); }
    void close() { scopes.pop_back(); }
    void declare(const std::string& name, Type type) { scopes.back().single[name] = type; }
    void declare(const std::string& stem, Type type, unsigned count) { scopes.back().numbered[stem] = {type, count}; }
    int find(const std::string& name);  // its place in `all`, or -1

    std::vector<Register> all;  // those that have been found

private:
    struct Scope {
        std::map<std::string, Type> single;
        std::map<std::string, std::pair<Type, unsigned>> numbered;  // how many
        std::map<std::string, int> seen;
    };
    std::vector<Scope> scopes;
};

Instruction readInstruction(Reader& in, Registers& registers);

}  // namespace host_cuda::ptx
