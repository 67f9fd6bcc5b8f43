// PTX that runs: what each instruction gives, and what accesses and meetings are found to do wrong.
#include <cstdio>

#include "ptx_texts.h"

using namespace driver_test;
using namespace host_cuda;

namespace {

struct Result {
    std::string instruction;
    std::string from;  // the register it leaves its result in
    uint64_t expected;
};

// %r3 = 0x80000005, %r4 = -7, %rd3 = 0x123456789abcdef0, %rd4 = -9, %rs1 = 0xfffe, %f1 = 2.5, %f2 = -0, %f3 = NaN, %fd1 =
// -3.5, %p1 true, %p2 false
const char* const SETUP =
    "mov.u32 %r3, 0x80000005; mov.u32 %r4, -7; mov.u64 %rd3, 0x123456789abcdef0; mov.u64 %rd4, -9; mov.u16 %rs1, 0xfffe;\n"
    "mov.f32 %f1, 0f40200000; mov.f32 %f2, 0f80000000; mov.f32 %f3, 0f7FC00000; mov.f64 %fd1, 0dC00C000000000000;\n"
    "setp.eq.s32 %p1, %r1, %r1; not.pred %p2, %p1;\n";

const std::vector<Result> RESULTS = {
    // integers
    {"add.s32 %r9, %r3, %r3;", "%r9", 10},
    {"sub.s16 %rs2, %rs1, 1;", "%rs2", 0xfffd},
    {"mul.hi.s32 %r9, %r3, 16;", "%r9", 0xfffffff8},
    {"mul.hi.u64 %rd9, %rd3, 256;", "%rd9", 0x12},
    {"mul.wide.s32 %rd9, %r4, 3;", "%rd9", static_cast<uint64_t>(-21)},
    {"mul.wide.u16 %r9, %rs1, 2;", "%r9", 0x1fffc},
    {"mad.wide.s32 %rd9, %r4, 2, %rd4;", "%rd9", static_cast<uint64_t>(-23)},
    {"mad.hi.u32 %r9, %r3, 2, 5;", "%r9", 6},
    {"div.s32 %r9, %r4, 2;", "%r9", static_cast<uint32_t>(-3)},
    {"div.u32 %r9, %r4, 2;", "%r9", 0x7ffffffc},
    {"rem.s64 %rd9, %rd4, 4;", "%rd9", static_cast<uint64_t>(-1)},
    {"mov.u32 %r9, 0x80000000; div.s32 %r9, %r9, -1;", "%r9", 0x80000000},
    {"abs.s32 %r9, %r4;", "%r9", 7},
    {"neg.s64 %rd9, %rd4;", "%rd9", 9},
    {"min.s32 %r9, %r4, 3;", "%r9", static_cast<uint32_t>(-7)},
    {"min.u32 %r9, %r4, 3;", "%r9", 3},
    {"max.s64 %rd9, %rd4, 3;", "%rd9", 3},
    // bits
    {"shl.b32 %r9, %r3, 32;", "%r9", 0},
    {"shl.b16 %rs2, %rs1, 4;", "%rs2", 0xffe0},
    {"shr.s32 %r9, %r3, 40;", "%r9", 0xffffffff},
    {"shr.u32 %r9, %r3, 40;", "%r9", 0},
    {"shr.s64 %rd9, %rd4, 1;", "%rd9", static_cast<uint64_t>(-5)},
    {"shf.l.wrap.b32 %r9, %r3, %r4, 36;", "%r9", 0xffffff98},
    {"shf.r.clamp.b32 %r9, %r3, %r4, 40;", "%r9", static_cast<uint32_t>(-7)},
    {"shf.r.wrap.b32 %r9, %r3, %r4, 4;", "%r9", 0x98000000},
    {"popc.b64 %r9, %rd3;", "%r9", 32},
    {"clz.b32 %r9, 0;", "%r9", 32},
    {"clz.b64 %r9, %rd3;", "%r9", 3},
    {"xor.b32 %r9, %r3, %f2;", "%r9", 5},
    {"not.b16 %rs2, %rs1;", "%rs2", 1},
    // predicates
    {"setp.lt.and.s32 %p3|%p4, %r4, 3, %p1; selp.b32 %r9, 2, 0, %p3; @%p4 mov.u32 %r9, 9;", "%r9", 2},
    {"setp.gt.or.u32 %p3|%p4, 3, %r4, %p2; selp.u32 %r9, 1, 2, %p3; @%p4 add.s32 %r9, %r9, 8;", "%r9", 10},
    {"setp.hi.u32 %p3, %r4, 3; selp.s32 %r9, -1, 2, %p3;", "%r9", 0xffffffff},
    {"setp.ne.f32 %p3, %f3, %f1; selp.b32 %r9, 1, 2, %p3;", "%r9", 2},
    {"setp.neu.f32 %p3, %f3, %f1; selp.b32 %r9, 1, 2, %p3;", "%r9", 1},
    {"setp.geu.f32 %p3, %f1, %f3; selp.b32 %r9, 1, 2, %p3;", "%r9", 1},
    {"setp.num.f32 %p3, %f1, %f3; selp.b32 %r9, 1, 2, %p3;", "%r9", 2},
    {"xor.pred %p3, %p1, %p2; @!%p3 mov.u32 %r3, 0; mov.u32 %r9, %r3;", "%r9", 0x80000005},
    // reals
    {"fma.rn.f32 %f9, %f1, %f1, 0fC0C80000;", "%f9", 0},
    {"sub.rn.f32 %f9, %f1, %f1;", "%f9", 0},
    {"div.rn.f32 %f9, %f1, 0f40400000;", "%f9", 0x3f555555},
    {"rcp.rn.f32 %f9, 0f40400000;", "%f9", 0x3eaaaaab},
    {"sqrt.rn.f64 %fd9, 0d4000000000000000;", "%fd9", 0x3ff6a09e667f3bcd},
    {"min.f32 %f9, %f3, %f1;", "%f9", 0x40200000},
    {"max.f32 %f9, %f2, 0f00000000;", "%f9", 0},
    {"min.f32 %f9, 0f00000000, %f2;", "%f9", 0x80000000},
    {"neg.f32 %f9, %f3;", "%f9", 0xffc00000},
    {"abs.f64 %fd9, %fd1;", "%fd9", 0x400c000000000000},
    // conversions
    {"cvt.rzi.s32.f64 %r9, %fd1;", "%r9", static_cast<uint32_t>(-3)},
    {"cvt.rni.s32.f32 %r9, %f1;", "%r9", 2},
    {"cvt.rmi.s64.f64 %rd9, %fd1;", "%rd9", static_cast<uint64_t>(-4)},
    {"cvt.rzi.u32.f64 %r9, %fd1;", "%r9", 0},
    {"cvt.rzi.s32.f32 %r9, 0f7F800000;", "%r9", 0x7fffffff},
    {"cvt.rzi.s32.f32 %r9, %f3;", "%r9", 0},
    {"cvt.rpi.f32.f32 %f9, %f1;", "%f9", 0x40400000},
    {"cvt.s32.s16 %r9, %rs1;", "%r9", 0xfffffffe},
    {"cvt.u32.u16 %r9, %rs1;", "%r9", 0xfffe},
    {"cvt.s64.s8 %rd9, %r3;", "%rd9", 5},
    {"cvt.rn.f32.s64 %f9, %rd4;", "%f9", 0xc1100000},
    {"cvt.u16.u32 %rs2, %r3;", "%rs2", 5},
    {"mov.b64 {%r9, %r10}, %rd3;", "%r10", 0x12345678},
    {"mov.b64 %rd9, {%r4, %r3};", "%rd9", 0x80000005fffffff9},
    // memory: shared and local by their own addresses and by generic ones
    {"mov.u32 %r11, all_sh; st.shared.u16 [%r11+6], %rs1; ld.shared.s16 %r9, [all_sh+6];", "%r9", 0xfffffffe},
    {"mov.u64 %rd11, all_sh; cvta.shared.u64 %rd12, %rd11; st.v2.b32 [%rd12+8], {%r3, %r4}; ld.shared.b64 %rd9, [%rd11+8];",
     "%rd9", 0xfffffff980000005},
    {"mov.u64 %rd11, all_lo; st.local.b64 [%rd11+8], %rd3; cvta.local.u64 %rd12, %rd11; ld.u8 %r9, [%rd12+9];", "%r9", 0xde},
    {"mov.u64 %rd11, all_sh; cvta.shared.u64 %rd12, %rd11; cvta.to.shared.u64 %rd12, %rd12; sub.s64 %rd9, %rd12, %rd11;",
     "%rd9", 0},
    {"{ .reg .b32 %r9; mov.u32 %r9, 1; } mov.u32 %r9, 2;", "%r9", 2},
    {"ld.global.cg.s8 %r9, [%rd1+3];", "%r9", 0x3f},
    // one lane alone
    {"shfl.sync.idx.b32 %r9|%p3, %r3, 0, 31, 1; @!%p3 mov.u32 %r9, 0;", "%r9", 0x80000005},
    {"vote.sync.ballot.b32 %r9, %p1, 1;", "%r9", 1},
    {"vote.sync.all.pred %p3, %p2, 1; selp.b32 %r9, 1, 2, %p3;", "%r9", 2},
    {"bar.warp.sync 1; barrier.sync 3; mov.u32 %r9, %laneid;", "%r9", 0},
};

std::string allResults() {
    std::string body = SETUP;
    for (size_t i = 0; i < RESULTS.size(); i++) {
        const Result& r = RESULTS[i];
        bool wide = r.from[2] == 'd', narrow = r.from[2] == 's';
        body += r.instruction + "\nst.global." +
                (wide     ? "b64"
                 : narrow ? "b16"
                          : "b32") +
                " [%rd2+" + std::to_string(8 * i) + "], " + r.from + ";\n";
    }
    return moduleOf(entryOf("all", body));
}

struct Wrong {
    const char* name;
    const char* body;
    FaultKind kind;
    bool everywhere;  // whether it is found without the checks of races and initialisation too
    unsigned threads;
};

const char* const GENERIC_SHARED = "mov.u64 %rd3, NAME_sh; cvta.shared.u64 %rd4, %rd3;";

// NAME stands for the name of the entry. `in` has 64 floats of 1.
const std::vector<Wrong> WRONG = {
    {"global_of_shared", "GENERIC st.global.f32 [%rd4], %f1;", FaultKind::stateSpace, true, 1},
    {"read_only_of_shared", "GENERIC ld.global.nc.f32 %f1, [%rd4];", FaultKind::stateSpace, true, 1},
    {"shared_of_generic", "GENERIC st.shared.f32 [%rd4], %f1;", FaultKind::stateSpace, true, 1},
    {"shared_of_global", "ld.shared.f32 %f1, [%rd1];", FaultKind::stateSpace, true, 1},
    {"generic_of_shared", "mov.u64 %rd3, NAME_sh; st.f32 [%rd3], %f1;", FaultKind::hostAccess, true, 1},
    {"global_of_local", "mov.u64 %rd3, NAME_lo; cvta.local.u64 %rd4, %rd3; st.global.f32 [%rd4], %f1;",
     FaultKind::stateSpace, true, 1},
    {"local_of_shared", "GENERIC st.local.f32 [%rd4], %f1;", FaultKind::outOfBounds, true, 1},
    {"global_of_nothing", "mov.u64 %rd3, 0; ld.global.f32 %f1, [%rd3];", FaultKind::hostAccess, true, 1},
    {"beyond_global", "ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+256];", FaultKind::outOfBounds, true, 1},
    {"before_global", "ld.global.f32 %f1, [%rd1+-4];", FaultKind::outOfBounds, true, 1},
    {"partly_beyond", "ld.global.v2.f32 {%f1, %f2}, [%rd1+248]; ld.global.b64 %rd3, [%rd1+256];", FaultKind::outOfBounds,
     true, 1},
    {"beyond_shared", "mov.u32 %r3, NAME_sh; st.shared.f32 [%r3+64], %f1;", FaultKind::outOfBounds, true, 1},
    {"before_shared", "mov.u32 %r3, NAME_sh; st.shared.f32 [%r3+-4], %f1; st.shared.f32 [NAME_sh2], %f1;",
     FaultKind::outOfBounds, true, 1},
    {"beyond_local", "st.local.f32 [NAME_lo+16], %f1;", FaultKind::outOfBounds, true, 1},
    {"misaligned_vector", "ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+8];", FaultKind::misaligned, true, 1},
    {"misaligned_shared", "st.shared.b64 [NAME_sh+4], %rd1;", FaultKind::misaligned, true, 1},
    {"misaligned_local", "st.local.f32 [NAME_lo+2], %f1;", FaultKind::misaligned, true, 1},
    {"unwritten_global", "ld.global.f32 %f1, [%rd2];", FaultKind::uninitialised, false, 1},
    {"unwritten_shared", "ld.shared.f32 %f1, [NAME_sh]; bar.sync 0;", FaultKind::uninitialised, false, 1},
    {"unwritten_local", "ld.local.f32 %f1, [NAME_lo];", FaultKind::uninitialised, true, 1},
    {"race", "setp.eq.s32 %p1, %r2, 0; @%p1 st.shared.f32 [NAME_sh], %f1; ld.shared.f32 %f2, [NAME_sh];",
     FaultKind::sharedRace, false, 64},
    {"written_then_read_only",
     "setp.eq.s32 %p1, %r2, 0; @%p1 st.global.f32 [%rd1], %f1; bar.sync 0; ld.global.nc.f32 %f2, [%rd1];",
     FaultKind::readOnly, false, 64},
    {"read_only_then_written",
     "ld.global.nc.f32 %f2, [%rd1]; bar.sync 0; setp.eq.s32 %p1, %r2, 0; @%p1 st.global.f32 [%rd1], %f1;",
     FaultKind::readOnly, false, 64},
    {"barrier_of_some", "bar.sync 0, 32;", FaultKind::divergentBarrier, true, 64},
    {"barrier_of_33", "bar.sync 0, 33;", FaultKind::divergentBarrier, true, 64},
    {"barrier_in_a_branch", "setp.lt.s32 %p1, %r2, 32; @%p1 bra THERE; bar.sync 0; THERE:", FaultKind::divergentBarrier,
     true, 64},
    {"mask_without_itself", "shfl.sync.bfly.b32 %r3, %r2, 1, 31, 2;", FaultKind::warpMask, true, 32},
    {"mask_without_the_source",
     "setp.gt.s32 %p1, %r2, 15; @%p1 bra END_OF_IT; shfl.sync.down.b32 %r3, %r2, 8, 31, 0xffff; END_OF_IT:",
     FaultKind::warpMask, true, 32},
    {"mask_beyond_the_block", "shfl.sync.idx.b32 %r3, %r2, 0, 31, -1;", FaultKind::warpMask, true, 16},
    {"clamp_of_other_bits", "shfl.sync.idx.b32 %r3, %r2, 0, 63, -1;", FaultKind::warpMask, true, 32},
    {"vote_of_absent_lanes",
     "setp.eq.s32 %p1, %r2, 3; @%p1 bra AWAY; vote.sync.ballot.b32 %r3, %p1, -1; AWAY:", FaultKind::warpMask, true, 32},
    {"division_by_zero", "sub.s32 %r3, %r1, %r1; rem.u32 %r4, %r1, %r3;", FaultKind::arithmetic, true, 1},
    {"trapped", "trap;", FaultKind::trap, true, 1},
};

void replaceAll(std::string& text, const std::string& part, const std::string& by) {
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size())) {
        text.replace(at, part.size(), by);
    }
}

std::string allWrong() {
    std::string entries;
    for (const Wrong& wrong : WRONG) {
        std::string body = wrong.body;
        replaceAll(body, "GENERIC", GENERIC_SHARED);
        replaceAll(body, "NAME", wrong.name);
        entries += entryOf(wrong.name, "mov.f32 %f1, 0f3F800000;\n" + body);
    }
    return moduleOf(entries);
}

}  // namespace

TEST("PTX: every instruction gives what PTX says") {
    for (bool checked : {true, false}) {
        Device device;
        runChecked(checked);
        LoadedText module(allResults());
        Floats in(64, 1);
        CUdeviceptr out = 0;
        OK(cuMemAlloc_v2(&out, 8 * RESULTS.size()));
        OK(cuMemsetD8_v2(out, 0, 8 * RESULTS.size()));
        int error = module.run("all", in.at, out, 5);
        require(error == 0, errorText(error));
        std::vector<uint64_t> got(RESULTS.size());
        OK(cuMemcpyDtoH_v2(got.data(), out, 8 * got.size()));
        for (size_t i = 0; i < got.size(); i++) {
            char text[64];
            snprintf(text, sizeof text, ": %llx, not %llx", static_cast<unsigned long long>(got[i]),
                     static_cast<unsigned long long>(RESULTS[i].expected));
            require(got[i] == RESULTS[i].expected, RESULTS[i].instruction + text);
        }
        OK(cuMemFree_v2(out));
    }
}

TEST("PTX: shuffles take their values as PTX says") {
    // of lanes 0 to 31 with value = lane: up by 3 within 8, down by 5, exchanged by 16 within 16, of lane 2 of each 4
    Device device;
    std::string body = "cvt.u64.u32 %rd3, %r2; shl.b64 %rd3, %rd3, 2; add.s64 %rd3, %rd2, %rd3; mov.u32 %r9, 0;\n";
    struct Mode {
        const char* words;
        int (*source)(int lane);  // itself where there is none
    };
    const Mode modes[] = {{"up.b32 %r3|%p1, %r2, 3, 6144", [](int l) { return l % 8 >= 3 ? l - 3 : l; }},
                          {"down.b32 %r3|%p1, %r2, 5, 31", [](int l) { return l + 5 < 32 ? l + 5 : l; }},
                          {"bfly.b32 %r3|%p1, %r2, 16, 4127", [](int l) { return l < 16 ? l : l - 16; }},
                          {"idx.b32 %r3|%p1, %r2, 2, 7199", [](int l) { return l / 4 * 4 + 2; }}};
    for (size_t i = 0; i < 4; i++) {
        body += std::string("shfl.sync.") + modes[i].words + ", -1; selp.b32 %r4, 100, 0, %p1; add.s32 %r3, %r3, %r4;\n" +
                "st.global.u32 [%rd3+" + std::to_string(128 * i) + "], %r3;\n";
    }
    LoadedText module(moduleOf(entryOf("shuffles", body)));
    Floats out(128, 0);
    int error = module.run("shuffles", out.at, out.at, 0, 32);
    require(error == 0, errorText(error));
    std::vector<int> got(128);
    OK(cuMemcpyDtoH_v2(got.data(), out.at, 512));
    for (int i = 0; i < 128; i++) {
        int lane = i % 32, source = modes[i / 32].source(lane);
        // lane 2 of a group takes its own value from lane 2
        bool valid = source != lane || i / 32 == 3;
        require(got[i] % 100 == source && (got[i] >= 100) == valid,
                std::string(modes[i / 32].words) + ", lane " + std::to_string(lane) + ": " + std::to_string(got[i]));
    }
}

TEST("PTX: every fault is found as what it is, under every schedule") {
    for (bool checked : {true, false}) {
        for (const Wrong& wrong : WRONG) {
            for (uint64_t seed = 0; seed < (wrong.threads > 1 ? 5u : 1u) && (checked || wrong.everywhere); seed++) {
                forgetEverything();
                Device device;
                runChecked(checked);
                schedule(seed);
                LoadedText module(allWrong());
                Floats in(64, 1), out(64);
                int error = module.run(wrong.name, in.at, out.at, 0, wrong.threads);
                std::string found = error == 0 ? "nothing is found" : errorText(error);
                std::string kind = std::string(nameOf(wrong.kind)) + ": " + wrong.name;
                require(error == resultOf(wrong.kind) && found.find(kind) != std::string::npos, kind + ": " + found);
                if (seed == 0 && checked) {
                    printf("        %s\n", state().lastFault.c_str());
                }
                cuDevicePrimaryCtxReset_v2(0);
            }
        }
    }
}
