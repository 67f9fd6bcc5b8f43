package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lint refuses an access to a state space that its address does not lie in, and no other. */
class PtxSpacesTest {
    private static final String WRONG = "// wrong";

    /** A text with one entry of these statements, after some that place addresses of each kind in registers. */
    static String entry(String statements) {
        return """
                .version 6.3
                .target sm_75
                .address_size 64
                .global .align 4 .b8 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
                .visible .entry seeded(
                    .param .u64 argument,
                    .param .u32 count
                )
                .maxntid 256, 1, 1
                {
                    .reg .pred %p<5>;
                    .reg .f32 %f<5>;
                    .reg .f64 %fd<5>;
                    .reg .b32 %r<5>, %offset;
                    .reg .b64 %rd<5>, %wide, %shared, %argument;
                    .shared .align 16 .b8 tile[64];

                    mov.u32 %offset, tile;
                    cvt.u64.u32 %wide, %offset;
                    cvta.shared.u64 %shared, %wide;
                    ld.param.u64 %argument, [argument];
                STATEMENTS
                    ret;
                }
                """.replace("STATEMENTS", statements);
    }

    @Test
    void findsTheGlobalStoresToSharedMemory() throws IOException {
        String text = Files.readString(Path.of("src/test/resources/ptx/bottleneck-global-store-to-shared.ptx"));
        String complaint =
                "bottleneck.ptx:%d: st.global.wb.v4.f32: the address comes from %s in shared memory (generic)";
        assertEquals(
                List.of(
                        complaint.formatted(3171, "_ZZ10bottleneckE5drawn"),
                        complaint.formatted(9048, "_ZZ15bottleneck_gradE6dCodes"),
                        complaint.formatted(9102, "_ZZ15bottleneck_gradE6dCodes")),
                new Ptx("bottleneck", text).complaints());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"wrong", "right"})
    void complainsOfTheMarkedLines(String name, String statements) {
        String text = entry(statements);
        List<String> lines = text.lines().toList();
        List<Integer> marked = IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).endsWith(WRONG))
                .mapToObj(i -> i + 1)
                .toList();
        List<String> complaints = PtxSpaces.complaints(text);
        assertEquals(
                marked,
                complaints.stream()
                        .map(complaint -> Integer.valueOf(complaint.substring(0, complaint.indexOf(':'))))
                        .toList(),
                complaints.toString());
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("through arithmetic", """
                        add.s64 %rd1, %shared, 16;
                        shl.b64 %rd2, %rd1, 1;
                        st.global.f32 [%rd2], %f1; // wrong
                        """),
                arguments("through mad", """
                        mad.wide.u32 %rd1, %r1, 4, %shared;
                        ld.global.f32 %f1, [%rd1+8]; // wrong
                        """),
                arguments("through a shuffle", """
                        shfl.sync.bfly.b32 %r1|%p1, %offset, 1, 31, -1;
                        st.global.f32 [%r1], %f1; // wrong
                        """),
                arguments("through selp", """
                        selp.b64 %rd1, %argument, %shared, %p1;
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("through halves", """
                        mov.b64 {%r1, %r2}, %shared;
                        mov.b64 %rd1, {%r1, %r2};
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("through a mask alone", """
                        and.b64 %rd1, %shared, -16;
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("from one arm of a branch", """
                        @%p1 bra $L_other;
                        mov.b64 %rd1, %argument;
                        bra.uni $L_join;
                        $L_other:
                        mov.b64 %rd1, %shared;
                        $L_join:
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("from the arm that falls through", """
                        mov.b64 %rd1, %argument;
                        @%p1 bra $L_join;
                        mov.b64 %rd1, %shared;
                        $L_join:
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("past a barrier of a register", """
                        bar.warp.sync %offset;
                        ld.f32 %f1, [%offset]; // wrong
                        """),
                arguments("round a loop, twice", """
                        cvta.to.global.u64 %rd1, %argument;
                        mov.b64 %rd2, %rd1;
                        $L_loop:
                        st.global.f32 [%rd1], %f1; // wrong
                        add.s64 %rd1, %rd2, 4;
                        mov.b64 %rd2, %shared;
                        @!%p1 bra $L_loop;
                        """),
                arguments("where a guard may have kept it", """
                        mov.b64 %rd1, %shared;
                        @%p1 mov.b64 %rd1, %argument;
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("in blocks that nothing reaches", """
                        ret;
                        mov.u64 %rd1, tile;
                        @%p1 bra $L_next;
                        $L_next:
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("through the register of a nested scope", """
                        { .reg .b64 %tmp;
                          cvt.u64.u32 %tmp, %offset;
                          cvta.shared.u64 %rd1, %tmp; }
                        st.global.wb.v4.f32 [%rd1], {%f1, %f2, %f3, %f4}; // wrong
                        """),
                arguments("despite a register that shadows", """
                        mov.b64 %rd1, %shared;
                        { .reg .b64 %rd1;
                          mov.b64 %rd1, %argument;
                          st.global.f32 [%rd1], %f1; }
                        st.global.f32 [%rd1], %f1; // wrong
                        """),
                arguments("of a symbol", """
                        st.global.f32 [tile+4], %f1; // wrong
                        ld.f32 %f1, [tile]; // wrong
                        ld.shared.f32 %f1, [table]; // wrong
                        """),
                arguments("of an argument", """
                        ld.shared.f32 %f1, [%argument]; // wrong
                        st.local.f32 [%argument], %f1; // wrong
                        ld.const.f32 %f1, [%argument]; // wrong
                        """),
                arguments("of a generic address as an offset", """
                        ld.shared.f32 %f1, [%shared]; // wrong
                        """),
                arguments("of an offset as a generic address", """
                        ld.f32 %f1, [%wide]; // wrong
                        """),
                arguments("by other instructions", """
                        st.local.f32 [%offset], %f1; // wrong
                        atom.global.add.u32 %r1, [%shared], 1; // wrong
                        red.global.add.u32 [%shared], 1; // wrong
                        prefetch.global.L1 [%shared]; // wrong
                        """),
                arguments("of local and constant memory", """
                        .local .align 4 .b8 frame[8];
                        .const .align 4 .b8 fixed[8];
                        mov.u64 %rd1, frame;
                        st.shared.f32 [%rd1], %f1; // wrong
                        cvta.local.u64 %rd2, %rd1;
                        ld.local.f32 %f1, [%rd2]; // wrong
                        cvta.const.u64 %rd3, fixed;
                        ld.global.nc.f32 %f1, [%rd3]; // wrong
                        """),
                arguments("by a conversion", """
                        cvta.to.global.u64 %rd1, %shared; // wrong
                        st.global.f32 [%rd1], %f1;
                        cvta.shared.u64 %rd2, %argument; // wrong
                        cvta.to.shared.u64 %rd3, %wide; // wrong
                        """),
                arguments("with a cache operator", """
                        ld.shared.nc.f32 %f1, [%offset]; // wrong
                        st.shared.wb.f32 [tile], %f1; // wrong
                        """));
    }

    static Stream<Arguments> right() {
        return Stream.of(
                arguments("generic", """
                        ld.f32 %f1, [%shared];
                        st.wb.f32 [%argument], %f1;
                        """),
                arguments("offset", """
                        ld.param.u32 %r1, [count];
                        mad.lo.s32 %r2, %r1, 4, %offset;
                        ld.shared.f32 %f1, [%r2+8];
                        st.shared.f32 [tile+4], %f1;
                        """),
                arguments("offset by a stride", """
                        cvt.u32.u64 %r1, %argument;
                        shl.b32 %r2, %r1, 2;
                        add.s32 %r3, %offset, %r2;
                        ld.shared.f32 %f1, [%r3];
                        mad.lo.s32 %r4, %r1, 4, %offset;
                        ld.shared.f32 %f1, [%r4];
                        """),
                arguments("offset again", """
                        cvta.to.shared.u64 %rd1, %shared;
                        st.shared.f32 [%rd1], %f1;
                        """),
                arguments("argument without cvta, which may be null", """
                        setp.eq.s64 %p1, %argument, 0;
                        @%p1 bra $L_null;
                        ld.global.nc.f32 %f1, [%argument+4];
                        $L_null:
                        """),
                arguments("argument by its address", """
                        mov.b64 %rd1, argument;
                        ld.param.u64 %rd2, [%rd1];
                        st.global.f32 [%rd2], %f1;
                        """),
                arguments("global symbol", """
                        mov.u64 %rd1, table;
                        ld.global.ca.u32 %r1, [%rd1];
                        ld.global.u32 %r1, [table+4];
                        """),
                arguments("register with a new value", """
                        mov.b64 %rd1, %shared;
                        st.f32 [%rd1], %f1;
                        mov.b64 %rd1, %argument;
                        st.global.f32 [%rd1], %f1;
                        mov.b64 %rd1, %shared;
                        ld.global.u64 %rd1, [%argument];
                        st.global.f32 [%rd1], %f1;
                        """),
                arguments("arms that do not meet", """
                        mov.b64 %rd1, %argument;
                        @%p1 bra $L_global;
                        mov.b64 %rd1, %shared;
                        st.f32 [%rd1], %f1;
                        bra.uni $L_end;
                        $L_global:
                        st.global.f32 [%rd1], %f1;
                        $L_end:
                        """),
                arguments("alignment of two", """
                        and.b64 %rd1, %shared, 15;
                        or.b64 %rd2, %argument, %rd1;
                        setp.eq.s64 %p1, %rd2, 0;
                        @%p1 st.global.f32 [%argument], %f1;
                        """),
                arguments("comparisons", """
                        set.eq.u32.u64 %r1, %shared, %argument;
                        shfl.sync.bfly.b32 %r2|%p1, %offset, 1, 31, -1;
                        selp.b32 %r3, %r1, 0, %p1;
                        mad.wide.u32 %rd1, %r3, 4, %argument;
                        st.global.f32 [%rd1], %f1;
                        """),
                arguments("register that shadows", """
                        mov.b64 %rd1, %argument;
                        { .reg .b64 %rd1;
                          mov.b64 %rd1, %shared;
                          st.f32 [%rd1], %f1; }
                        st.global.f32 [%rd1], %f1;
                        """),
                arguments("loaded value", """
                        ld.shared.u64 %rd1, [%offset];
                        ld.shared.f32 %f1, [%rd1];
                        atom.global.exch.b64 %rd2, [%argument], %shared;
                        st.global.f32 [%rd2], %f1;
                        """));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "call helper;",
                "call (%r1), helper, (%r2);",
                "brx.idx %r1, targets;",
                "cp.async.ca.shared.global [%offset], [%argument], 4;",
                "ld.shared.f32 %f1, %r1;",
                "mov.u32 %r1, %undeclared;",
                "@%undeclared ret;",
                "bra $L_nowhere;",
                "$L_here: $L_here: ret;",
                "mov.u32 %r1, (%r2);",
                ".loc 1 2 3;",
                "ret",
                "{",
                "} mov.u32 %r1, 0; {"
            })
    void complainsOfWhatItDoesNotUnderstand(String statement) {
        assertFalse(PtxSpaces.complaints(entry(statement)).isEmpty());
    }
}
