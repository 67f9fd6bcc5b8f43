#include "settings.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "../shadow.h"
#include "state.h"

namespace host_cuda {
namespace {

// A whole number between the two bounds; false: the text is none.
template <class T>
bool number(const std::string& text, uint64_t least, uint64_t most, T& to) {
    bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    if (text.empty() || text.size() > 19 || !digits) {
        return false;
    }
    uint64_t value = std::stoull(text);
    if (value < least || value > most) {
        return false;
    }
    to = static_cast<T>(value);
    return true;
}

template <class T>
bool word(const std::string& text, const std::map<std::string, T>& words, T& to) {
    auto found = words.find(text);
    if (found == words.end()) {
        return false;
    }
    to = found->second;
    return true;
}

bool capability(const std::string& text, Configuration& c) {
    size_t dot = text.find('.');
    int major = 0, minor = 0;
    // X has at most three digits, and Y is one
    if (dot > 3 || dot + 2 != text.size() || !number(text.substr(0, dot), 0, 999, major) ||
        !number(text.substr(dot + 1), 0, 9, minor)) {
        return false;
    }
    c.major = major;
    c.minor = minor;
    return true;
}

bool memory(const std::string& text, Configuration& c) {
    size_t digits = std::min(text.find_first_of("KMG"), text.size());
    std::string unit = text.substr(digits);
    int shift = unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : 0;
    size_t units = 0;
    if (unit.size() > 1 || !number(text.substr(0, digits), 0, std::numeric_limits<int64_t>::max() >> shift, units)) {
        return false;
    }
    c.memory = units << shift;
    return true;
}

bool compiler(const std::string& text, Configuration& c) {
    int code = 0;
    if (!number(text, 0, 999, code) || (code != SUCCESS && !isError(code))) {
        return false;
    }
    c.compiler = code;
    return true;
}

struct Setting {
    const char* name;
    const char* values;
    bool (*apply)(const std::string& value, Configuration& c);  // false: the value is none
};

constexpr uint64_t MOST = 999999999;

const Setting SETTINGS[] = {
    {"devices", "N", [](const std::string& v, Configuration& c) { return number(v, 0, MOST, c.devices); }},
    {"capability", "X.Y", capability},
    {"memory", "N[KMG]", memory},
    {"driver", "N", [](const std::string& v, Configuration& c) { return number(v, 0, MOST, c.driver); }},
    {"kernels", "source|ptx|both",
     [](const std::string& v, Configuration& c) {
         return word(v, {{"source", Kernels::source}, {"ptx", Kernels::ptx}, {"both", Kernels::both}}, c.kernels);
     }},
    {"accesses", "checked|plain",
     [](const std::string& v, Configuration& c) {
         return word(v, {{"checked", false}, {"plain", true}}, c.plain);
     }},
    {"compiler", "CODE", compiler},
    {"compile-ms", "N", [](const std::string& v, Configuration& c) { return number(v, 0, 600000, c.compileMilliseconds); }},
    {"loading", "eager|lazy",
     [](const std::string& v, Configuration& c) {
         return word(v, {{"eager", Loading::eager}, {"lazy", Loading::lazy}}, c.loading);
     }},
    {"registers", "N", [](const std::string& v, Configuration& c) { return number(v, 1, 255, c.registers); }},
    {"sums", "exact|float32",
     [](const std::string& v, Configuration& c) {
         return word(v, {{"exact", false}, {"float32", true}}, c.float32Sums);
     }},
    {"sums-seed", "N",
     [](const std::string& v, Configuration& c) { return number(v, 0, std::numeric_limits<int64_t>::max(), c.sumsSeed); }},
    {"product-nodes", "N", [](const std::string& v, Configuration& c) { return number(v, 1, 1000, c.productNodes); }},
    {"tf32", "nearest|truncated",
     [](const std::string& v, Configuration& c) {
         return word(v, {{"nearest", false}, {"truncated", true}}, c.truncatedTf32);
     }},
};

std::string allSettings() {
    std::string all;
    for (const Setting& setting : SETTINGS) {
        all += std::string(all.empty() ? "" : ", ") + setting.name + "=" + setting.values;
    }
    return all;
}

// "a,b" has two parts, "a," has an empty one, and nothing has none.
std::vector<std::string> parts(const std::string& text) {
    std::vector<std::string> all;
    for (size_t at = 0; !text.empty() && at <= text.size();) {
        size_t end = std::min(text.find(',', at), text.size());
        all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

const Setting* settingOf(const std::string& name) {
    for (const Setting& setting : SETTINGS) {
        if (name == setting.name) {
            return &setting;
        }
    }
    return nullptr;
}

}  // namespace

std::string applySettings(const std::string& text, Configuration& configuration) {
    Configuration changed = configuration;
    std::set<std::string> given;
    for (const std::string& part : parts(text)) {
        size_t sign = part.find('=');
        std::string name = part.substr(0, sign);
        const Setting* setting = sign == std::string::npos ? nullptr : settingOf(name);
        if (setting == nullptr || !setting->apply(part.substr(sign + 1), changed)) {
            return "'" + part + "' is not one of " + allSettings();
        }
        if (!given.insert(name).second) {
            return "'" + part + "' sets " + name + " a second time";
        }
    }
    configuration = changed;
    refuseUnwritten(!changed.plain);
    return "";
}

void readEnvironment() {
    const char* text = getenv("ELBO_HOST_CUDA");
    Configuration& c = state().configuration;
    std::string problem = applySettings(text == nullptr ? "" : text, c);
    c.problem = problem.empty() ? "" : "ELBO_HOST_CUDA: " + problem;
}

}  // namespace host_cuda
