#include "shipped.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../ptx/code.h"
#include "test.h"

using host_cuda::ptx::Code;

namespace {

// Of an entry's instructions.
constexpr double MIN_REACHED = 0.98;

// Entries that have more instructions that no launch reaches: what is reached of them, rounded down to half a percent.
struct Exception {
    const char* entry;
    double least;
    const char* reason;
};
constexpr Exception EXCEPTIONS[] = {
    {"bottleneck_grad", 0.975, "aligned rows of weights, h and dH are whole quads, but nvcc emits tails"},
    {"dense_grad_thin", 0.95,
     "rows of an aligned weight are whole quads, but nvcc emits tails; slices are summed in 2 turns or a multiple of 4, but "
     "nvcc "
     "emits all remainders"},
};

const Exception* exceptionOf(const std::string& entry) {
    for (const Exception& exception : EXCEPTIONS) {
        if (entry == exception.entry) {
            return &exception;
        }
    }
    return nullptr;
}

std::vector<std::pair<std::string, const Code*>>& shipped() {
    static std::vector<std::pair<std::string, const Code*>> all;
    return all;
}

// "12-14, 20"
std::string ranges(const std::vector<int>& lines) {
    std::string text;
    for (size_t i = 0; i < lines.size();) {
        size_t end = i;
        while (end + 1 < lines.size() && lines[end + 1] - lines[end] <= 2) {
            end++;
        }
        text += (text.empty() ? "" : ", ") + std::to_string(lines[i]) + (end > i ? "-" + std::to_string(lines[end]) : "");
        i = end + 1;
    }
    return text;
}

}  // namespace

void loadShipped(const std::string& folder) {
    std::string kept = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "host-device" / "ptx").string();
    std::set<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() == ".ptx") {
            files.insert(file.path());
        }
    }
    for (const auto& path : files) {
        std::ifstream in(path, std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        for (const auto& code : host_cuda::ptx::translationOf(text.str(), kept)) {
            host_cuda::prefer(*code->checked);
            shipped().emplace_back(path.filename().string(), code.get());
        }
    }
    require(!shipped().empty(), folder + " has no PTX");
}

int reportReached(bool asked) {
    int short_ = 0;
    for (const auto& [file, code] : shipped()) {
        std::vector<int> missed = host_cuda::ptx::unreached(*code);
        double share = 1 - static_cast<double>(missed.size()) / static_cast<double>(code->lines.size());
        const Exception* exception = exceptionOf(code->entry.name);
        bool isShort = asked && share < (exception ? exception->least : MIN_REACHED);
        // else a reason would outlive the code that it is about
        bool isOutdated = asked && exception && share >= MIN_REACHED;
        short_ += isShort || isOutdated;
        printf("%s  %s: %.1f %% of %zu instructions reached%s%s\n", isShort || isOutdated ? "FAILED" : "ok    ",
               code->entry.name.c_str(), 100 * share, code->lines.size(),
               missed.empty() ? "" : (", not those of " + file + " in lines ").c_str(), ranges(missed).c_str());
        if (exception) {
            printf("        %s %.1f %%: %s\n", isOutdated ? "needs no exception of" : "exception, at least",
                   100 * exception->least, exception->reason);
        }
    }
    return short_;
}
