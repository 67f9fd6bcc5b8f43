// Translations that have been loaded, and how a kernel of one runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../device.h"
#include "runtime.h"
#include "syntax.h"

namespace host_cuda::ptx {

// An entry of a translation.
struct Code {
    Entry entry;
    std::vector<int> lines;  // of its instructions
    std::vector<int> marks;  // of each, which mark is set once it has been reached
    int rangeCount = 0;
    Exports exports{};
    // the entry as a kernel: every access seen, and without races and initialisation
    std::unique_ptr<Kernel> checked, plain;
};

// Lines of the instructions that no launch of this process has reached.
std::vector<int> unreached(const Code& code);

using Translation = std::vector<std::unique_ptr<Code>>;

// Why a text that may be right cannot be translated here.
struct NoCompiler : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The translation of a text: the one that this process has, or else the one that `folder` keeps under the text's SHA-256, or
// else a new one, which is put there. What the folder has is loaded only if it says of itself that it is of this very text, by
// this very translator, and is whole. Throws an Error, or NoCompiler.
const Translation& translationOf(const std::string& text, const std::string& folder);

// Of this process; what is kept stays. No module may be loaded.
void forgetTranslations();

// Makes the machine and the parameters of the launch that begins, and the window of shared memory of its block.
void begin(const Kernel& kernel, void** arguments);

// Runs the thread that is current; the Kernel::call of a translated one.
void callThread(void* code, void** arguments);

}  // namespace host_cuda::ptx
