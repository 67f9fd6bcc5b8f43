package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.AllOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the committed PTX must and must not hold; needs neither a compiler nor a GPU. */
class PtxLintTest {
    /** Where nvcc takes one apart, a warp needs four times the accesses. */
    @Test
    void accessesOf16BytesAreThoseOfTheTable() throws IOException {
        Map<String, List<Integer>> counted = new TreeMap<>();
        Ptx.all().forEach(ptx -> counted.putAll(ptx.wideAccesses()));
        assertEquals(KernelReadme.accesses(), counted);
    }

    @Test
    void holdsNothingRefused() throws IOException {
        for (Ptx ptx : Ptx.all()) {
            assertEquals(List.of(), ptx.complaints());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "div.approx.f32 %f1, %f2, %f3;",
                "div.full.f32 %f1, %f2, %f3;",
                "sqrt.approx.f32 %f1, %f2;",
                "rsqrt.approx.ftz.f32 %f1, %f2;",
                "ex2.approx.f32 %f1, %f2;",
                "mul.ftz.f32 %f1, %f2, %f3;",
                "add.f32 %f1, %f2, %f3;",
                "@%p1 sub.f64 %fd1, %fd2, %fd3;",
                "mul.sat.f32 %f1, %f2, %f3;",
                "mad.f32 %f1, %f2, %f3, %f4;",
                "red.global.add.f32 [%rd1], %f1;",
                "red.f32 [%rd1], %f1;",
                "atom.add.f32 %f1, [%rd1], %f2;",
                "atom.global.add.f64 %fd1, [%rd1], %fd2;",
                ".local .align 4 .b8 __local_depot0[16];",
                ".shared .align 8 .b8 _ZN37_INTERNAL_73b82613_7_step_cu_e67cecc18blockSumEdE5warps[64];"
            })
    void refusesSeededFaults(String line) {
        String text = PtxSpacesTest.entry(line);
        String place = "seeded.ptx:" + (text.lines().toList().indexOf(line) + 1) + ": ";
        List<String> complaints = new Ptx("seeded", text).complaints();
        assertTrue(!complaints.isEmpty() && complaints.get(0).startsWith(place), complaints.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "div.rn.f32 %f1, %f2, %f3;",
                "sqrt.rn.f32 %f1, %f2;",
                "atom.global.add.u32 %r1, [%rd1], %r2;",
                "add.rn.f64 %fd1, %fd2, %fd3;",
                "mad.lo.s32 %r1, %r2, %r3, %r4;"
            })
    void allowsWhatIsExact(String line) {
        assertEquals(List.of(), new Ptx("seeded", PtxSpacesTest.entry(line)).complaints());
    }

    @Test
    void refusesAnotherVersionOrTarget() {
        assertEquals(
                1,
                new Ptx("seeded", ".version 9.0\n.target sm_75\n").complaints().size());
        assertEquals(
                1,
                new Ptx("seeded", ".version 6.3\n.target sm_80\n").complaints().size());
    }

    @Test
    void everyOperationHasItsEntriesAndEveryEntryItsOperation() throws IOException {
        assertEquals(AllOperations.names(), KernelTable.ENTRIES.keySet());

        TreeSet<String> compiled = new TreeSet<>();
        for (Ptx ptx : Ptx.all()) {
            compiled.addAll(ptx.entries());
        }
        TreeSet<String> listed = KernelTable.ENTRIES.values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toCollection(TreeSet::new));
        listed.addAll(KernelTable.FUSED);
        assertEquals(listed, compiled);
    }

    /** An entry of several operations bears the name of one of them. */
    @Test
    void entriesBearTheNamesOfTheirOperations() {
        Map<String, TreeSet<String>> stems = new TreeMap<>();
        KernelTable.ENTRIES.forEach((operation, entries) ->
                entries.forEach(entry -> stems.computeIfAbsent(KernelTable.name(entry), name -> new TreeSet<>())
                        .add(KernelTable.stem(operation))));
        stems.forEach((name, of) -> assertTrue(
                of.stream().anyMatch(stem -> name.equals(stem) || name.startsWith(stem + "_")), of + ": " + name));
    }

    @Test
    void everySourceIsAFamily() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("kernels"))) {
            assertEquals(
                    Kernels.FAMILIES,
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".cu"))
                            .map(name -> name.substring(0, name.length() - 3))
                            .sorted()
                            .toList());
        }
    }
}
