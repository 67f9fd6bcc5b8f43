package dev.elbo.cuda;

import dev.elbo.cuda.PtxEntry.Instruction;
import dev.elbo.cuda.PtxEntry.Operand;
import dev.elbo.cuda.PtxEntry.Space;
import dev.elbo.cuda.PtxEntry.Symbol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A dataflow analysis that follows where each address of a PTX text comes from, and refuses an access that names another state
 * space. PTX leaves such an access undefined, and ptxas says nothing.
 *
 * <p>A register carries a set of origins: all that it has on some path. An access is refused if one of them contradicts it. A
 * result has the origins of all its sources. A loaded value has none, except a kernel's argument, and neither has a comparison.
 *
 * <p>An argument of 64 bits counts as a pointer, since its type does not say, until it is multiplied or shifted, which makes it an
 * index.
 */
final class PtxSpaces {
    /** Their first operand is a source. */
    private static final Set<String> WITHOUT_RESULT = Set.of("bar", "barrier", "nanosleep");

    /** Types of the arguments that may be pointers. */
    private static final Set<String> POINTERS = Set.of("u64", "s64", "b64");

    /** Their first two sources are scaled. */
    private static final Set<String> SCALING = Set.of("mul", "mul24", "mad", "mad24", "shl");

    private static final Set<String> CACHE_OPERATORS = Set.of("ca", "cg", "cs", "cv", "lu", "nc", "wb", "wt");

    /**
     * The origin of an address: an offset in a state space, or a generic address in the window of one. In global memory the two
     * are the same number.
     */
    private record Origin(String name, Space space, boolean generic) {
        /** Whether the address is of the wanted space (null: any) and form. */
        boolean fits(Space wanted, boolean wantedGeneric) {
            return (wanted == null || wanted == space) && (space == Space.GLOBAL || generic == wantedGeneric);
        }

        @Override
        public String toString() {
            String form = space == Space.GLOBAL ? "" : generic ? " (generic)" : " (offset)";
            return name + " in " + space.text() + " memory" + form;
        }
    }

    private final PtxEntry entry;
    private final NavigableSet<Integer> leaders;

    /** Origins of the registers at the start of each block; a register without origins is absent. */
    private final Map<Integer, Map<Symbol, Set<Origin>>> starts = new HashMap<>();

    private final List<String> complaints = new ArrayList<>();

    private PtxSpaces(PtxEntry entry) {
        this.entry = entry;
        leaders = entry.leaders();
    }

    /** What is wrong with a text, as {@code line: instruction: reason}. */
    static List<String> complaints(String text) {
        PtxParser parser = new PtxParser(text);
        List<String> complaints = new ArrayList<>(parser.complaints());
        for (PtxEntry entry : parser.entries()) {
            PtxSpaces spaces = new PtxSpaces(entry);
            spaces.solve();
            spaces.judge();
            complaints.addAll(spaces.complaints);
        }
        return complaints;
    }

    /** Runs every block, reached or not, and again each block whose start gains origins, until none does. */
    private void solve() {
        leaders.forEach(leader -> starts.put(leader, new HashMap<>()));
        TreeSet<Integer> open = new TreeSet<>(leaders);
        while (!open.isEmpty()) {
            int leader = open.pollFirst();
            Map<Symbol, Set<Origin>> registers = new HashMap<>(starts.get(leader));
            List<Instruction> block = block(leader);
            block.forEach(instruction -> execute(instruction, registers));
            for (int next : entry.successors(leader + block.size() - 1)) {
                if (join(registers, starts.get(next))) {
                    open.add(next);
                }
            }
        }
    }

    private void judge() {
        for (int leader : leaders) {
            Map<Symbol, Set<Origin>> registers = new HashMap<>(starts.get(leader));
            for (Instruction instruction : block(leader)) {
                judge(instruction, registers);
                execute(instruction, registers);
            }
        }
    }

    private List<Instruction> block(int leader) {
        Integer next = leaders.higher(leader);
        return entry.instructions()
                .subList(leader, next == null ? entry.instructions().size() : next);
    }

    /** Adds origins to those at a start; true if one of them is new there. */
    private static boolean join(Map<Symbol, Set<Origin>> origins, Map<Symbol, Set<Origin>> start) {
        boolean grown = false;
        for (Map.Entry<Symbol, Set<Origin>> register : origins.entrySet()) {
            Set<Origin> known = start.getOrDefault(register.getKey(), Set.of());
            Set<Origin> union = union(known, register.getValue());
            if (union != known) {
                start.put(register.getKey(), union);
                grown = true;
            }
        }
        return grown;
    }

    /** Returns the first set itself if it holds the second: most sets are shared, and joining those must cost nothing. */
    private static Set<Origin> union(Set<Origin> first, Set<Origin> second) {
        if (first == second || first.containsAll(second)) {
            return first;
        }
        if (first.isEmpty()) {
            return second;
        }
        Set<Origin> union = new HashSet<>(first);
        union.addAll(second);
        return union;
    }

    private static void execute(Instruction instruction, Map<Symbol, Set<Origin>> registers) {
        List<Operand> operands = instruction.operands();
        if (operands.isEmpty() || operands.get(0).isAddress() || WITHOUT_RESULT.contains(instruction.family())) {
            return;
        }
        Set<Origin> result = result(instruction, registers);
        for (Symbol register : operands.get(0).symbols()) {
            Set<Origin> kept = instruction.guarded() ? registers.getOrDefault(register, Set.of()) : Set.of();
            Set<Origin> origins = union(kept, result);
            if (origins.isEmpty()) {
                registers.remove(register);
            } else {
                registers.put(register, origins);
            }
        }
    }

    private static Set<Origin> result(Instruction instruction, Map<Symbol, Set<Origin>> registers) {
        List<Operand> operands = instruction.operands();
        Set<Origin> sources = Set.of();
        for (int i = 1; i < operands.size(); i++) {
            Set<Origin> source = origins(operands.get(i), registers);
            boolean scaled = SCALING.contains(instruction.family()) && i < 3;
            sources = union(sources, scaled ? withoutGlobal(source) : source);
        }
        return switch (instruction.family()) {
            case "set" -> Set.of();
            case "ld", "ldu", "atom" ->
                loadsArgument(instruction) ? moved(sources, "argument ", Space.GLOBAL, true) : Set.of();
            case "cvta" -> converted(instruction, sources);
            default -> sources;
        };
    }

    private static Set<Origin> withoutGlobal(Set<Origin> origins) {
        return origins.stream().filter(origin -> origin.space != Space.GLOBAL).collect(Collectors.toSet());
    }

    private static boolean loadsArgument(Instruction instruction) {
        List<String> opcode = instruction.opcode();
        return instruction.space() == Space.PARAM && POINTERS.contains(opcode.get(opcode.size() - 1));
    }

    /** A conversion is believed, even one that is refused, so that each fault is told once. */
    private static Set<Origin> converted(Instruction cvta, Set<Origin> sources) {
        boolean generic = !cvta.opcode().contains("to");
        return sources.isEmpty()
                ? Set.of(new Origin(cvta.operands().get(1).text(), cvta.space(), generic))
                : moved(sources, "", cvta.space(), generic);
    }

    private static Set<Origin> moved(Set<Origin> origins, String prefix, Space space, boolean generic) {
        return origins.stream()
                .map(origin -> new Origin(prefix + origin.name, space, generic))
                .collect(Collectors.toSet());
    }

    private static Set<Origin> origins(Operand operand, Map<Symbol, Set<Origin>> registers) {
        Set<Origin> origins = Set.of();
        for (Symbol symbol : operand.symbols()) {
            Set<Origin> one = switch (symbol.space()) {
                case REGISTER -> registers.getOrDefault(symbol, Set.of());
                case PREDICATE -> Set.of();
                default -> Set.of(new Origin(symbol.name(), symbol.space(), false));
            };
            origins = union(origins, one);
        }
        return origins;
    }

    private void judge(Instruction instruction, Map<Symbol, Set<Origin>> registers) {
        Space space = instruction.space();
        if (instruction.family().equals("cvta")) {
            boolean generic = instruction.opcode().contains("to");
            judgeAddress(instruction, origins(instruction.operands().get(1), registers), space, generic);
        }
        for (Operand operand : instruction.operands()) {
            if (operand.isAddress()) {
                judgeAddress(instruction, origins(operand, registers), space, space == null);
                judgeCache(instruction);
            }
        }
    }

    private void judgeAddress(Instruction instruction, Set<Origin> origins, Space space, boolean generic) {
        String wrong = origins.stream()
                .filter(origin -> !origin.fits(space, generic))
                .map(Origin::toString)
                .sorted()
                .collect(Collectors.joining(" or "));
        if (!wrong.isEmpty()) {
            complain(instruction, "the address comes from " + wrong);
        }
    }

    private void judgeCache(Instruction instruction) {
        Space space = instruction.space();
        if (space == null || space == Space.GLOBAL) {
            return;
        }
        for (String part : instruction.opcode()) {
            if (CACHE_OPERATORS.contains(part)) {
                complain(instruction, "only global memory has the cache operator " + part);
            }
        }
    }

    private void complain(Instruction instruction, String reason) {
        complaints.add("%d: %s: %s".formatted(instruction.line(), instruction.name(), reason));
    }
}
