#include "ptx_texts.h"

namespace driver_test {

LoadedText::LoadedText(const std::string& text) {
    int error = cuModuleLoadData(&module, text.c_str());
    require(error == 0, "does not load: " + errorText(error));
}

int LoadedText::run(const std::string& entry, CUdeviceptr in, CUdeviceptr out, int n, unsigned threads,
                    unsigned blocks) const {
    void* function = nullptr;
    OK(cuModuleGetFunction(&function, module, entry.c_str()));
    void* arguments[] = {&in, &out, &n};
    OK(cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0, nullptr, arguments, nullptr));
    return cuCtxSynchronize();
}

std::string entryOf(const std::string& name, const std::string& body) {
    return ".visible .entry " + name + "(.param .u64 " + name + "_in, .param .u64 " + name + "_out, .param .u32 " + name +
           "_n)\n{\n.reg .pred %p<20>; .reg .b16 %rs<20>; .reg .b32 %r<99>; .reg .f32 %f<20>; .reg .b64 %rd<20>; .reg .f64 "
           "%fd<20>;\n" +
           ".shared .align 16 .b8 " + name + "_sh[64]; .shared .align 4 .b8 " + name + "_sh2[64]; .local .align 8 .b8 " +
           name + "_lo[16];\nld.param.u64 %rd1, [" + name + "_in]; ld.param.u64 %rd2, [" + name +
           "_out]; ld.param.u32 %r1, [" + name + "_n]; mov.u32 %r2, %tid.x;\n" + body + "\nret;\n}\n";
}

std::string moduleOf(const std::string& entries) { return ".version 6.3\n.target sm_75\n.address_size 64\n" + entries; }

std::string refusal(const std::string& text, int error) {
    void* module = nullptr;
    int found = cuModuleLoadData(&module, text.c_str());
    if (found == 0) {
        cuModuleUnload(module);
        return "";
    }
    require(found == error, std::to_string(found) + " instead of " + std::to_string(error) + ": " + errorText(found));
    return errorText(found);
}

}  // namespace driver_test
