#include <cstdio>

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

std::string ptxOf(const std::string& kernel, const std::string& head, const std::string& directives) {
    std::string list;
    for (size_t size : host_cuda::kernel(kernel).parameterSizes) {
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
    OK(cuModuleLoadData(&module, ptxOf(name).c_str()));
    OK(cuModuleGetFunction(&handle, module, name.c_str()));
}

void schedule(uint64_t seed) { host_cuda::state().random.seed(seed); }

}  // namespace driver_test

// Arguments: the folder of the PTX, and, to run only the cases whose name holds it, a text.
int main(int count, char** arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: driver-runner PTX-FOLDER [CASE]\n");
        return 2;
    }
    driver_test::ptxFolder() = arguments[1];
    int failed = 0;
    int ran = 0;
    for (Case* c : cases()) {
        if (count > 2 && c->name.find(arguments[2]) == std::string::npos) {
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
    printf("%d cases of the driver, %d failed\n", ran, failed);
    return failed == 0 && ran > 0 ? 0 : 1;
}
