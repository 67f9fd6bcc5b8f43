#include "tokens.h"

#include <cctype>
#include <cstdlib>

namespace host_cuda::ptx {
namespace {

bool inWord(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.'; }

}  // namespace

bool isWord(const std::string& text) { return !text.empty() && inWord(text[0]); }

bool isInteger(const std::string& text, uint64_t& value) {
    if (text.empty() || !isdigit(static_cast<unsigned char>(text[0]))) {
        return false;
    }
    std::string digits = text;
    if (digits.back() == 'U') {
        digits.pop_back();
    }
    bool binary = digits.compare(0, 2, "0b") == 0 || digits.compare(0, 2, "0B") == 0;
    const char* from = digits.c_str() + (binary ? 2 : 0);
    char* end = nullptr;
    value = strtoull(from, &end, binary ? 2 : 0);
    return end != from && *end == 0;
}

std::vector<Token> tokensOf(const std::string& text) {
    std::vector<Token> tokens;
    int line = 1;
    for (size_t i = 0; i < text.size();) {
        size_t from = i;
        if (text[i] == '\n') {
            line++;
            i++;
        } else if (isspace(static_cast<unsigned char>(text[i]))) {
            i++;
        } else if (text.compare(i, 2, "//") == 0) {
            i = std::min(text.find('\n', i), text.size());
        } else if (text.compare(i, 2, "/*") == 0) {
            size_t end = text.find("*/", i + 2);
            if (end == std::string::npos) {
                throw Error(line, "a comment does not end");
            }
            for (; i < end + 2; i++) {
                line += text[i] == '\n';
            }
        } else if (text[i] == '"') {
            size_t end = text.find('"', i + 1);
            if (end == std::string::npos) {
                throw Error(line, "a text does not end");
            }
            i = end + 1;
            tokens.push_back({text.substr(from, i - from), line});
        } else {
            do {
                i++;
            } while (inWord(text[from]) && i < text.size() && inWord(text[i]));
            tokens.push_back({text.substr(from, i - from), line});
        }
    }
    tokens.push_back({"", line});
    return tokens;
}

const Token& Reader::peek(size_t ahead) const { return tokens[std::min(at + ahead, tokens.size() - 1)]; }

bool Reader::take(const std::string& text) {
    if (!is(text)) {
        return false;
    }
    at++;
    return true;
}

void Reader::expect(const std::string& text) {
    if (!take(text)) {
        fail("expected '" + text + "', found " + (isDone() ? "the end" : "'" + peek().text + "'"));
    }
}

std::string Reader::word(const char* what) {
    if (!isWord(peek().text)) {
        fail(std::string("expected ") + what + ", found " + (isDone() ? "the end" : "'" + peek().text + "'"));
    }
    return tokens[at++].text;
}

uint64_t Reader::integer(const char* what) {
    uint64_t value = 0;
    if (!isInteger(peek().text, value)) {
        fail(std::string("expected ") + what + ", found '" + peek().text + "'");
    }
    at++;
    return value;
}

}  // namespace host_cuda::ptx
