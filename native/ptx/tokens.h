// Words, numbers and marks of a text, with their lines.
#pragma once

#include <string>
#include <vector>

#include "syntax.h"

namespace host_cuda::ptx {

struct Token {
    std::string text;  // empty: the end
    int line = 0;
};

// Comments are left out. A word is made of letters, digits, and the characters _ $ % and the dot.
std::vector<Token> tokensOf(const std::string& text);

// Tokens one by one.
class Reader {
public:
    explicit Reader(std::vector<Token> tokens) : tokens(std::move(tokens)) {}

    const Token& peek(size_t ahead = 0) const;
    int line() const { return peek().line; }
    bool isDone() const { return peek().text.empty(); }
    bool is(const std::string& text) const { return peek().text == text; }
    bool take(const std::string& text);  // if it stands there
    void expect(const std::string& text);
    std::string word(const char* what);
    uint64_t integer(const char* what);
    [[noreturn]] void fail(const std::string& what) const { throw Error(line(), what); }

private:
    std::vector<Token> tokens;
    size_t at = 0;
};

bool isWord(const std::string& text);
// Whether it is one, and its value: decimal, 0x, 0b or octal, with a U or not.
bool isInteger(const std::string& text, uint64_t& value);

}  // namespace host_cuda::ptx
