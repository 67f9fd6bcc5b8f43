#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../ptx/syntax.h"
#include "driver_test.h"

namespace {

std::vector<Case*>& cases() {
    static std::vector<Case*> all;
    return all;
}

}  // namespace

Case::Case(const char* name, std::function<void()> body) : name(name), body(body) { cases().push_back(this); }

namespace driver_test {

void expect(int expected, int result, const char* call) {
    require(result == expected, std::string(call) + ": " + std::to_string(result) + " (" + errorText(result) +
                                    "), expected " + std::to_string(expected));
}

std::string errorText(int error) {
    const char* text = nullptr;
    cuGetErrorString(error, &text);
    return text == nullptr ? "no text" : text;
}

std::string& ptxFolder() {
    static std::string folder;
    return folder;
}

std::string& seededFolder() {
    static std::string folder;
    return folder;
}

std::string readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    require(file.good(), "cannot read " + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string familyOf(const std::string& kernel) {
    for (const auto& file : std::filesystem::directory_iterator(ptxFolder())) {
        std::string text = file.path().extension() == ".ptx" ? readFile(file.path()) : "";
        if (text.find(".entry " + kernel + "(") != std::string::npos) {
            return text;
        }
    }
    return "";
}

std::string ptxOf(const std::string& kernel, const std::string& head, const std::string& directives) {
    std::vector<size_t> sizes;
    std::string family = familyOf(kernel);
    for (const host_cuda::ptx::Entry& entry : family.empty() ? std::vector<host_cuda::ptx::Entry>() : host_cuda::ptx::parse(family)) {
        sizes = entry.name == kernel ? entry.parameterSizes() : sizes;
    }
    std::string list;
    for (size_t size : family.empty() ? host_cuda::kernel(kernel).parameterSizes : sizes) {
        list += list.empty() ? "" : ",\n";
        list += ".param .b" + std::to_string(8 * size) + " p" + std::to_string(list.size());
    }
    return head + ".address_size 64\n.visible .entry " + kernel + "(\n" + list + ")\n" + directives + "{ ret; }\n";
}

Device::Device() {
    OK(cuInit(0));
    OK(cuDevicePrimaryCtxRetain(&context, 0));
    OK(cuCtxSetCurrent(context));
}

Device::~Device() { cuDevicePrimaryCtxRelease_v2(0); }

Loaded::Loaded(const std::string& name) {
    std::string family = familyOf(name);
    if (family.empty()) {
        host_cuda::state().configuration.kernels = host_cuda::Kernels::source;
    }
    OK(cuModuleLoadData(&module, (family.empty() ? ptxOf(name) : family).c_str()));
    OK(cuModuleGetFunction(&handle, module, name.c_str()));
}

void schedule(uint64_t seed) { host_cuda::state().draws = host_cuda::Draws(seed); }

}  // namespace driver_test

// Arguments: the folder of the PTX, that of PTX with seeded faults, and, to run only the cases whose name holds it, a text. Without
// one, cases of what g++ makes of the sources are left out.
int main(int count, char** arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: driver-runner PTX-FOLDER SEEDED-FOLDER [CASE]\n");
        return 2;
    }
    driver_test::ptxFolder() = arguments[1];
    driver_test::seededFolder() = arguments[2];
    int failed = 0;
    int ran = 0;
    int left = 0;
    for (Case* c : cases()) {
        bool ofSources = c->name.rfind("sources: ", 0) == 0;
        if (count > 3 ? c->name.find(arguments[3]) == std::string::npos : ofSources) {
            left += ofSources && count <= 3;
            continue;
        }
        ran++;
        host_cuda::forgetEverything();
        try {
            c->body();
            require(host_cuda::liveReport().empty(), "is left: " + host_cuda::liveReport());
            printf("ok      driver: %s\n", c->name.c_str());
        } catch (const std::exception& e) {
            failed++;
            printf("FAILED  driver: %s: %s\n", c->name.c_str(), e.what());
        }
        fflush(stdout);
    }
    printf("%d cases of the driver, %d failed; %d of the sources are left out\n", ran, failed, left);
    return failed == 0 && ran > 0 ? 0 : 1;
}
