// Translations: made by the host's compiler when a text is loaded, and kept under its SHA-256.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "../sha256.h"
#include "code.h"
#include "translate.h"

extern char** environ;

namespace host_cuda::ptx {
namespace {

const char* const RUNTIME =
#include "runtime.inc"
    ;

std::string hashOf(const std::string& text) { return sha256(text.data(), text.size()); }

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

bool write(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    return out.good();
}

std::string compiler() {
    const char* named = getenv("CXX");
    return named == nullptr || *named == 0 ? "g++" : named;
}

std::vector<std::string> options() {
    std::vector<std::string> all = {
        "-std=c++17", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-strict-aliasing", "-ffp-contract=off", "-w"};
#ifdef __x86_64__
    if (__builtin_cpu_supports("fma")) {
        all.push_back("-mfma");
    }
#endif
    return all;
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) {
        all += word + " ";
    }
    return all;
}

// What follows the library in its file. Whoever finds it elsewhere, cut off or changed, does not load it.
std::string seal(const std::string& text, const std::string& source, const std::string& library) {
    return "\nPTX " + hashOf(text) + " as C++ " + hashOf(source + joined(options())) + " as library " + hashOf(library) +
           "\n";
}

bool isSealed(const std::string& file, const std::string& text, const std::string& source) {
    size_t end = file.rfind("\nPTX ");
    return end != std::string::npos && file.substr(end) == seal(text, source, file.substr(0, end));
}

// A folder that is gone at the end.
struct Workshop {
    std::string path;

    explicit Workshop(const std::string& parent) {
        mkdir(parent.c_str(), 0777);
        for (const std::string& base : {parent, std::string(getenv("TMPDIR") == nullptr ? "/tmp" : getenv("TMPDIR"))}) {
            std::string pattern = base + "/.ptx-XXXXXX";
            if (mkdtemp(pattern.data()) != nullptr) {
                path = pattern;
                return;
            }
        }
        throw NoCompiler("no folder to translate PTX in: " + parent + " and the temporary one cannot be written to");
    }
    ~Workshop() {
        for (const char* name : {"source.cpp", "log", "library.so"}) {
            unlink((path + "/" + name).c_str());
        }
        rmdir(path.c_str());
    }
    std::string file(const char* name) const { return path + "/" + name; }
};

void compile(const Workshop& shop) {
    std::vector<std::string> words = options();
    words.insert(words.begin(), compiler());
    words.insert(words.end(), {"-o", shop.file("library.so"), shop.file("source.cpp")});
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, shop.file("log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t child = 0;
    int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw NoCompiler("PTX is translated by " + words[0] + ", which does not start: " + strerror(error));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) {
        std::string log = read(shop.file("log"));
        throw NoCompiler(words[0] + " has not compiled a translation of PTX: " + log.substr(0, log.find('\n')));
    }
}

void* open(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        throw NoCompiler(std::string("a translation of PTX does not load: ") + dlerror());
    }
    return library;
}

void* load(const std::string& text, const std::string& source, const std::string& folder) {
    std::string kept = folder + "/" + hashOf(text) + ".so";
    if (isSealed(read(kept), text, source)) {
        return open(kept);
    }
    Workshop shop(folder);
    if (!write(shop.file("source.cpp"), source)) {
        throw NoCompiler("cannot write to " + shop.path);
    }
    compile(shop);
    std::string library = read(shop.file("library.so"));
    if (!write(shop.file("library.so"), library + seal(text, source, library))) {
        throw NoCompiler("cannot write to " + shop.path);
    }
    // it is loaded from here if it cannot be kept
    bool isKept = rename(shop.file("library.so").c_str(), kept.c_str()) == 0;
    return open(isKept ? kept : shop.file("library.so"));
}

std::unique_ptr<Kernel> kernelOf(Code& code, bool plain) {
    auto it = std::make_unique<Kernel>();
    it->name = code.entry.name;
    it->parameterSizes = code.entry.parameterSizes();
    it->call = callThread;
    it->entry = &code;
    it->plain = plain;
    it->code = &code;
    return it;
}

Translation make(const std::string& text, const std::string& folder) {
    Translation translation;
    std::string source = std::string(RUNTIME) + "using namespace host_cuda::ptx;\n#pragma GCC visibility push(default)\n";
    std::vector<std::string> names;
    for (Entry& entry : parse(text)) {
        auto code = std::make_unique<Code>();
        names.push_back("entry_" + std::to_string(names.size()));
        Translated translated = translate(entry, names.back());
        source += "// " + entry.name + "\n" + translated.code;
        code->entry = std::move(entry);
        code->lines = translated.lines;
        code->marks = translated.marks;
        code->rangeCount = translated.ranges;
        translation.push_back(std::move(code));
    }
    void* library = load(text, source, folder);
    for (size_t i = 0; i < names.size(); i++) {
        Code& code = *translation[i];
        code.exports = *static_cast<const Exports*>(dlsym(library, names[i].c_str()));
        code.checked = kernelOf(code, false);
        code.plain = kernelOf(code, true);
    }
    return translation;
}

// Held while a text is translated: loads of several threads translate one after the other.
std::mutex translating;

// By their texts. Their libraries stay loaded.
std::map<std::string, Translation>& translations() {
    static std::map<std::string, Translation> all;
    return all;
}

}  // namespace

const Translation& translationOf(const std::string& text, const std::string& folder) {
    std::lock_guard<std::mutex> lock(translating);
    auto found = translations().find(text);
    return found != translations().end() ? found->second : translations().emplace(text, make(text, folder)).first->second;
}

std::vector<int> unreached(const Code& code) {
    std::vector<int> lines;
    for (size_t i = 0; i < code.lines.size(); i++) {
        if (code.exports.marks[code.marks[i]] == 0) {
            lines.push_back(code.lines[i]);
        }
    }
    return lines;
}

void forgetTranslations() {
    std::lock_guard<std::mutex> lock(translating);
    translations().clear();
}

}  // namespace host_cuda::ptx
