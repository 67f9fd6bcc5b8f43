// What the translator does not implement it refuses, by line and name: one unknown of each sort.
#include "ptx_texts.h"

using namespace driver_test;

namespace {

struct Unknown {
    const char* text;
    const char* says;
};

void refuses(const std::vector<Unknown>& all, std::string (*module)(const std::string&)) {
    Device device;
    for (const Unknown& unknown : all) {
        std::string text = module(unknown.text);
        std::string error = refusal(text);
        require(error.find(unknown.says) != std::string::npos,
                std::string(unknown.text) + ": '" + error + "', without '" + unknown.says + "'");
        require(error.find("[line ") != std::string::npos, "no line: " + error);
    }
}

std::string instruction(const std::string& text) { return moduleOf(entryOf("probe", text)); }
std::string directive(const std::string& text) { return moduleOf(text + "\n" + entryOf("probe", "")); }
std::string whole(const std::string& text) { return text + "\n" + entryOf("probe", ""); }

}  // namespace

TEST("PTX: an unknown head is refused") {
    refuses({{".version 6.3 .target sm_75, debug .address_size 64", "options of the target"},
             {".version 6.3 .target sm_75 .address_size 32", "addresses have 64 bits"},
             {".version six .target sm_75 .address_size 64", "'six' is not a version"},
             {".version 6.3 .target compute .address_size 64", "'compute' is not a target"}},
            whole);
}

TEST("PTX: unknown directives are refused") {
    refuses({{".global .align 4 .b8 table[16];", "'.global'"},
             {".const .align 4 .b8 table[16];", "'.const'"},
             {".extern .shared .align 16 .b8 dynamic[];", "'.extern'"},
             {".func helper() { ret; }", "'.func'"},
             {".weak .entry other() { ret; }", "'.weak'"},
             {".entry other() .reqntid 32, 1, 1 { ret; }", "'.reqntid'"},
             {".entry other(.param .u64 .ptr .global .align 16 x) { ret; }", "'.ptr'"},
             {".entry other(.param .f16 x) { ret; }", "'.f16'"},
             {".entry other(.param .align 3 .b8 x[4]) { ret; }", "alignment of 3"},
             {".entry other() { .pragma \"enable_smem_spilling\"; ret; }", ".pragma"},
             {".entry other() { .loc 1 2 3; ret; }", "'.loc'"},
             {".entry other() { .reg .b128 %q<2>; ret; }", "'.b128'"},
             {".entry other() { /* ret; }", "a comment does not end"}},
            directive);
    refuses({{"{ mov.u32 %r3, 1;", "does not end"},
             {".local .b8 large[16384];", "16384 bytes of local memory"},
             {".local .b8 large[18446744073709551615];", "16384 bytes of local memory"},
             {".shared .b8 large[49153]; mov.u32 %r3, large;", "49152"}}, instruction);
}

TEST("PTX: unknown instructions are refused") {
    refuses({{"ex2.approx.f32 %f1, %f2;", "not supported"},
             {"atom.global.add.u32 %r3, [%rd1], %r1;", "not supported"},
             {"red.global.add.f32 [%rd1], %f1;", "not supported"},
             {"membar.gl;", "not supported"},
             {"call helper;", "not supported"},
             {"brx.idx %r1, targets;", "not supported"},
             {"prefetch.global.L2 [%rd1];", "not supported"},
             {"redux.sync.add.s32 %r3, %r1, -1;", "not supported"},
             {"activemask.b32 %r3;", "not supported"},
             {"set.lt.u32.f32 %r3, %f1, %f2;", "not supported"}},
            instruction);
}

TEST("PTX: unknown modifiers are refused") {
    refuses({// roundings, and those that are missing
             {"add.f32 %f1, %f2, %f3;", "an assembler may contract it"},
             {"mul.f64 %fd1, %fd2, %fd3;", "an assembler may contract it"},
             {"add.rz.f32 %f1, %f2, %f3;", ".rz is not supported"},
             {"fma.rp.f32 %f1, %f2, %f3, %f4;", ".rp is not supported"},
             {"add.rn.s32 %r3, %r1, %r2;", ".rn is for reals only"},
             {"div.full.f32 %f1, %f2, %f3;", ".full is not supported"},
             {"div.f32 %f1, %f2, %f3;", "rounded by .rn"},
             {"sqrt.approx.f32 %f1, %f2;", ".approx is not supported"},
             {"cvt.f32.f64 %f1, %fd1;", "rounded by .rn"},
             {"cvt.rn.f64.f32 %fd1, %f1;", "takes no rounding"},
             {"cvt.rn.s32.f32 %r3, %f1;", "rounded by .rni"},
             // what becomes of the result
             {"add.rn.ftz.f32 %f1, %f2, %f3;", ".ftz is not supported"},
             {"add.sat.s32 %r3, %r1, %r2;", ".sat is not supported"},
             {"cvt.sat.u8.u32 %rs1, %r1;", ".sat is not supported"},
             {"max.NaN.f32 %f1, %f2, %f3;", ".NaN is not supported"},
             {"mul.s32 %r3, %r1, %r2;", "is .lo, .hi"},
             {"mul.lo.rn.f32 %f1, %f2, %f3;", ".lo is for integers only"},
             {"mad.lo.cc.s32 %r3, %r1, %r2, %r1;", ".cc is not supported"},
             {"shf.l.b32 %r3, %r1, %r2, %r1;", "supported: .wrap, .clamp"},
             // comparisons
             {"setp.maybe.s32 %p1, %r1, %r2;", ".maybe is not supported"},
             {"setp.lo.s32 %p1, %r1, %r2;", "not a comparison of .s32"},
             {"setp.lt.b32 %p1, %r1, %r2;", "not a comparison of .b32"},
             {"setp.equ.u32 %p1, %r1, %r2;", "not a comparison of .u32"},
             {"setp.lt.nand.s32 %p1, %r1, %r2, %p2;", ".nand is not supported"},
             // memory
             {"ld.const.f32 %f1, [%rd1];", ".const is not supported"},
             {"ld.volatile.global.f32 %f1, [%rd1];", ".volatile is not supported"},
             {"ld.relaxed.gpu.global.f32 %f1, [%rd1];", ".relaxed is not supported"},
             {"st.release.gpu.global.f32 [%rd1], %f1;", ".release is not supported"},
             {"ld.global.evict_first.f32 %f1, [%rd1];", ".evict_first is not supported"},
             {"ld.shared.ca.f32 %f1, [%r1];", "only global memory has .ca"},
             {"st.shared.wb.f32 [%r1], %f1;", "only global memory has .wb"},
             {"ld.shared.nc.f32 %f1, [%r1];", "only global memory has .nc"},
             {"st.global.nc.f32 [%rd1], %f1;", ".nc is not supported"},
             {"ld.global.v8.f32 %f1, [%rd1];", ".v8 is not supported"},
             {"ld.global.v4.f64 {%fd1, %fd2, %fd3, %fd4}, [%rd1];", "more than 16 bytes"},
             {"ld.global.v4.f32 {%f1, %f2, %f3}, [%rd1];", "3 registers of a vector of 4"},
             {"st.param.u64 [probe_in], %rd1;", "parameters are read"},
             {"ld.param.u64 %rd3, [probe_in+8];", "8 bytes at 8 of a parameter of 8"},
             {"ld.param.u64 %rd3, [other];", "no parameter other"},
             {"cvta.const.u64 %rd3, %rd1;", ".const is not supported"},
             {"mov.u64 %rd3, probe_in;", "no other address is taken"},
             // threads
             {"bar.arrive 0, 64;", ".arrive is not supported"},
             {"bar.sync 16;", "number is 0 to 15"},
             {"bar.sync %r1;", "number is 0 to 15"},
             {"shfl.sync.rot.b32 %r3, %r1, 1, 31, -1;", ".rot is not supported"},
             {"shfl.bfly.b32 %r3, %r1, 1, 31;", ".bfly is not supported"},
             {"vote.sync.uni.pred %p1, %p2, -1;", ".uni is not supported"},
             {"@%p1 bra.uni END; END:", ".uni of a branch with a condition"}},
            instruction);
}

TEST("PTX: operands of another type are refused") {
    refuses({{"mov.u32 %r3, %clock;", "%clock is not supported"},
             {"mov.u64 %rd3, %tid.x;", "%tid.x is a .u32"},
             {"add.s32 %r3, %r1, %f1;", "a register of .f32 as .s32"},
             {"add.s32 %r3, %r1, %rd1;", "a register of .b64 as .s32"},
             {"add.s64 %r3, %rd1, %rd2;", "a register of .b32 as .s64"},
             {"and.pred %p1, %p2, %r1;", "a register of .b32 as .pred"},
             {"add.s32 %r3, %r1, 4294967296;", "more than 32 bits"},
             {"add.rn.f32 %f1, %f2, 1;", "written as its bits"},
             {"add.rn.f32 %f1, %f2, 1.5;", "1.5 is not a register"},
             {"add.rn.f32 %f1, %f2, 0f3F8000;", "is not a number"},
             {"add.rn.f32 %f1, %f2, 0d3FF0000000000000;", "a number of 64 bits as .f32"},
             {"add.s32 5, %r1, %r2;", "the result goes to a register"},
             {"add.s32 %r3, %r1;", "has 2 operands, not 3"},
             {"add.s32 %r3, %r1, %r100;", "%r100 is not supported"},
             {"selp.f32 %f1, %f2, %f3, %r1;", "a register of .b32 as .pred"},
             {"ld.global.f32 %f1, [%r1];", "an address of 32 bits"},
             {"ld.global.f32 %f1, [probe_sh];", "probe_sh is not an array of global memory"},
             {"ld.global.f32 %f1, %rd1;", "the address stands in brackets"},
             {"mov.b64 {%r3, %r4, %r5}, %rd1;", "a vector is packed"},
             {"@%r1 ret;", "%r1 is not a predicate"},
             {"bra NOWHERE;", "there is no label NOWHERE"},
             {"HERE: HERE: bra HERE;", "is defined twice"}},
            instruction);
}

TEST("PTX: what the driver hands over is what is read, by whichever call") {
    Device device;
    std::string unknown = instruction("ex2.approx.f32 %f1, %f2;");
    void* module = nullptr;
    char log[400] = {};
    int options[] = {5, 6};
    void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
    EXPECT(INVALID_PTX, cuModuleLoadDataEx(&module, unknown.c_str(), 2, options, values));
    require(std::string(log).find("ex2.approx.f32: not supported") != std::string::npos, log);
    EXPECT(FILE_NOT_FOUND, cuModuleLoad(&module, "/nowhere.ptx"));
    OK(cuModuleLoad(&module, (ptxFolder() + "/weights.ptx").c_str()));
    OK(cuModuleUnload(module));
}
