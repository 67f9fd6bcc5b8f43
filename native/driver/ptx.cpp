#include "ptx.h"

#include <regex>

namespace host_cuda {
namespace {

std::string withoutComments(const std::string& text) {
    std::string out;
    for (size_t i = 0; i < text.size();) {
        if (text.compare(i, 2, "//") == 0) {
            i = std::min(text.find('\n', i), text.size());
        } else if (text.compare(i, 2, "/*") == 0) {
            size_t end = text.find("*/", i + 2);
            i = end == std::string::npos ? text.size() : end + 2;
        } else {
            out += text[i++];
        }
    }
    return out;
}

// of `.param .align 4 .b8 name[16]` or `.param .u64 name`; 0: it is neither
size_t sizeOf(const std::string& parameter) {
    static const std::regex form(
        R"(\s*\.param(?:\s+\.align\s+\d+)?\s+\.([busf])(8|16|32|64))"
        R"((?:\s+\.ptr(?:\s+\.\w+)*(?:\s+\d+)?)?\s+[\w$%]+(?:\[(\d+)\])?\s*)");
    std::smatch found;
    if (!std::regex_match(parameter, found, form)) {
        return 0;
    }
    size_t count = found[3].matched ? std::stoul(found[3]) : 1;
    return std::stoul(found[2]) / 8 * count;
}

// Where the bracket at `open` closes, or npos.
size_t closing(const std::string& text, size_t open, char opens, char closes) {
    int depth = 0;
    for (size_t i = open; i < text.size(); i++) {
        depth += text[i] == opens;
        depth -= text[i] == closes;
        if (depth == 0) {
            return i;
        }
    }
    return std::string::npos;
}

std::string parseEntry(const std::string& text, size_t at, PtxEntry& entry) {
    size_t open = text.find_first_of("({", at);
    if (open == std::string::npos) {
        return "an entry without a body";
    }
    std::string name = text.substr(at, open - at);
    name.erase(0, name.find_first_not_of(" \t\r\n"));
    name.erase(name.find_last_not_of(" \t\r\n") + 1);
    entry.name = name;
    size_t body = open;
    if (text[open] == '(') {
        size_t close = closing(text, open, '(', ')');
        body = close == std::string::npos ? close : text.find('{', close);
        if (body == std::string::npos) {
            return name + ": the list of parameters or the body does not end";
        }
        std::string list = text.substr(open + 1, close - open - 1);
        for (size_t from = 0; list.find_first_not_of(" \t\r\n") != std::string::npos && from <= list.size();) {
            size_t comma = std::min(list.find(',', from), list.size());
            size_t size = sizeOf(list.substr(from, comma - from));
            if (size == 0) {
                return name + ": cannot read parameter " + std::to_string(entry.parameterSizes.size());
            }
            entry.parameterSizes.push_back(size);
            from = comma + 1;
        }
        static const std::regex limit(R"(\.(?:maxntid|reqntid)\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?)");
        std::string directives = text.substr(close, body - close);
        std::smatch found;
        if (std::regex_search(directives, found, limit)) {
            entry.maxThreads = 1;
            for (int i = 1; i <= 3; i++) {
                entry.maxThreads *= found[i].matched ? static_cast<unsigned>(std::stoul(found[i])) : 1;
            }
        }
    }
    return closing(text, body, '{', '}') == std::string::npos ? name + ": the body does not end" : "";
}

}  // namespace

Ptx parsePtx(const std::string& source) {
    Ptx ptx;
    std::string text = withoutComments(source);
    static const std::regex head(R"(\s*\.version\s+(\d+)\.(\d+)\s+\.target\s+sm_(\d+)[a-z]?[\w,\s]*\.address_size\s+64)");
    std::smatch found;
    if (!std::regex_search(text, found, head, std::regex_constants::match_continuous)) {
        ptx.problem = "does not begin with .version, .target and .address_size 64";
        return ptx;
    }
    ptx.version = std::stoi(found[1]) * 10 + std::stoi(found[2]);
    ptx.target = std::stoi(found[3]);
    for (size_t at = text.find(".entry"); at != std::string::npos; at = text.find(".entry", at + 6)) {
        PtxEntry entry;
        ptx.problem = parseEntry(text, at + 6, entry);
        if (!ptx.problem.empty()) {
            return ptx;
        }
        ptx.entries.push_back(entry);
    }
    if (closing("{" + text + "}", 0, '{', '}') != text.size() + 1) {
        ptx.problem = "a brace is missing";
    }
    return ptx;
}

int newestPtx(int driver) {
    int release = driver / 10;  // 1302 is 13.2
    if (release >= 1300) {
        return 90 + release - 1300;
    }
    if (release >= 1200) {
        // 12.0 to 12.3: 8.0 to 8.3; 12.4: 8.4; 12.5 and 12.6: 8.5; 12.8: 8.7; 12.9: 8.8
        static const int minor[] = {80, 81, 82, 83, 84, 85, 85, 86, 87, 88};
        return minor[std::min(release - 1200, 9)];
    }
    if (release >= 1100) {
        return 70 + std::min(release - 1100, 8);
    }
    return release >= 1000 ? 63 + std::min(release - 1000, 2) : 62;
}

}  // namespace host_cuda
