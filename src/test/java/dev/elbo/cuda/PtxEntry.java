package dev.elbo.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** An entry of a PTX text: its instructions in order, and the index of the instruction after each label. */
record PtxEntry(List<Instruction> instructions, Map<String, Integer> labels) {
    /** The state space of a name. Predicates are apart from the other registers: they never hold an address. */
    enum Space {
        REGISTER,
        PREDICATE,
        PARAM,
        CONST,
        GLOBAL,
        LOCAL,
        SHARED;

        /** The name in an opcode. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A declared name; the number of its declaration tells it from a name that it shadows. */
    record Symbol(String name, Space space, int declaration) {}

    /** An operand and the names in it: none for a number, several for a vector or a pair. */
    record Operand(String text, List<Symbol> symbols) {
        boolean isAddress() {
            return text.startsWith("[");
        }
    }

    /** An instruction, its opcode split at the dots; the target is the label of a branch, null otherwise. */
    record Instruction(int line, boolean guarded, List<String> opcode, List<Operand> operands, String target) {
        private static final Set<String> ENDS = Set.of("ret", "exit", "trap");

        String family() {
            return opcode.get(0);
        }

        String name() {
            return String.join(".", opcode);
        }

        /** The state space that the opcode names, null if it names none. */
        Space space() {
            for (Space space : Space.values()) {
                for (String part : opcode) {
                    if (part.equals(space.text()) || part.startsWith(space.text() + "::")) {
                        return space;
                    }
                }
            }
            return null;
        }

        boolean leavesBlock() {
            return target != null || ENDS.contains(family());
        }
    }

    /** The first instruction of each basic block. */
    TreeSet<Integer> leaders() {
        TreeSet<Integer> leaders = new TreeSet<>(labels.values());
        leaders.add(0);
        for (int i = 0; i < instructions.size(); i++) {
            if (instructions.get(i).leavesBlock()) {
                leaders.add(i + 1);
            }
        }
        leaders.remove(instructions.size());
        return leaders;
    }

    /** The instructions that may follow one. */
    List<Integer> successors(int index) {
        Instruction instruction = instructions.get(index);
        List<Integer> successors = new ArrayList<>();
        if (instruction.target != null) {
            successors.add(labels.get(instruction.target));
        }
        if (instruction.guarded || !instruction.leavesBlock()) {
            successors.add(index + 1);
        }
        successors.removeIf(next -> next == instructions.size());
        return successors;
    }
}
