package dev.elbo.cuda;

import dev.elbo.cuda.PtxEntry.Instruction;
import dev.elbo.cuda.PtxEntry.Operand;
import dev.elbo.cuda.PtxEntry.Space;
import dev.elbo.cuda.PtxEntry.Symbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A parser of the PTX that nvcc writes for kernels without calls; every other statement is a complaint. */
final class PtxParser {
    private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*[\\s\\S]*?\\*/");
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private static final Pattern HEADER = Pattern.compile("\\.(?:version|target|address_size)\\s+[\\w.]+");
    private static final Pattern ENTRY =
            Pattern.compile("(?:\\.(?:visible|weak)\\s+)?\\.entry\\s+[\\w$]+\\s*\\(([^)]*)\\)[^{};]*\\{");
    private static final Pattern OPEN = Pattern.compile("\\{");
    private static final Pattern CLOSE = Pattern.compile("}");
    private static final Pattern LABEL = Pattern.compile("([%\\w$]+)\\s*:");
    private static final Pattern STATEMENT = Pattern.compile("([^;]*)(?:;|\\z)");

    /** Alignment, vector and type, between the state space of a variable and its name. */
    private static final String ATTRIBUTES = "\\s+(?:\\.\\w+\\s+(?:\\d+\\s+)?)*";

    private static final Pattern PARAMETER = Pattern.compile("\\.param" + ATTRIBUTES + "([\\w$]+)(?:\\[\\d+])?");
    private static final Pattern VARIABLE =
            Pattern.compile("(?:\\.(?:visible|extern|weak)\\s+)?\\.(shared|local|global|const)" + ATTRIBUTES
                    + "([%\\w$]+)(?:\\[\\d*])*(?:\\s*=[\\s\\S]*)?");
    private static final Pattern REGISTERS = Pattern.compile("\\.reg\\s+\\.(\\w+)\\s+([\\s\\S]*)");
    private static final Pattern REGISTER = Pattern.compile("([%\\w$]+)(?:<(\\d+)>)?");
    private static final Pattern PRAGMA = Pattern.compile("\\.pragma\\s+\"[^\"]*\"");

    private static final Pattern INSTRUCTION =
            Pattern.compile("(?:@!?([%\\w$]+)\\s+)?([a-z]\\w*(?:\\.[\\w:]+)*)(?:\\s+([\\s\\S]*))?");
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");
    private static final Pattern OPERAND =
            Pattern.compile("P(?:\\|P)?|\\{P(?:,P)*}|\\[P]".replace("P", "[!-]?[\\w%$.]+(?:\\+-?\\d+)?"));
    private static final Pattern NAME = Pattern.compile("(?<![\\w%$.])[A-Za-z_%$][\\w$.]*");
    private static final Pattern SPECIAL_REGISTER =
            Pattern.compile("%n?(?:tid|ctaid)\\.[xyz]|%n?(?:warpid|smid)|%laneid|%gridid|%clock(?:64)?");

    private static final Set<String> ACCESSES = Set.of("ld", "ldu", "st", "atom", "red", "prefetch", "prefetchu");

    private final String text;
    private final List<PtxEntry> entries = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    /** Declared names, innermost scope first; the last two scopes are the entry's and the module's. */
    private final Deque<Map<String, Symbol>> scopes = new ArrayDeque<>();

    private int declarations;
    private int position;

    /** Line of the statement that is being read. */
    private int line = 1;

    /** Offset up to which lines are counted. */
    private int lineCounted;

    /** The entry that is being read, null between entries. */
    private PtxEntry entry;

    PtxParser(String text) {
        this.text = COMMENT.matcher(text).replaceAll(comment -> comment.group().replaceAll("[^\n]", " "));
        scopes.push(new HashMap<>());
        for (skipBlanks(); position < this.text.length(); skipBlanks()) {
            int start = position;
            try {
                parseNext();
            } catch (NotUnderstoodException e) {
                String statement =
                        BLANKS.matcher(this.text.substring(start, position)).replaceAll(" ");
                complaints.add("%d: %s: %s".formatted(line, statement, e.getMessage()));
            }
        }
        if (entry != null) {
            complaints.add(line + ": the text ends within an entry");
        }
    }

    List<PtxEntry> entries() {
        return entries;
    }

    /** The statements that are not understood, as {@code line: statement: reason}. */
    List<String> complaints() {
        return complaints;
    }

    private void skipBlanks() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
        for (; lineCounted < position; lineCounted++) {
            line += text.charAt(lineCounted) == '\n' ? 1 : 0;
        }
    }

    /** Moves past what matches at the position; null if nothing does. */
    private Matcher take(Pattern pattern) {
        Matcher found = pattern.matcher(text).region(position, text.length());
        if (!found.lookingAt()) {
            return null;
        }
        position = found.end();
        return found;
    }

    private String takeStatement() {
        return take(STATEMENT).group(1).strip();
    }

    private void parseNext() {
        if (entry == null) {
            parseInModule();
        } else {
            parseInEntry();
        }
    }

    private void parseInModule() {
        if (take(HEADER) != null) {
            return;
        }
        Matcher header = take(ENTRY);
        if (header != null) {
            openEntry(header.group(1));
            return;
        }
        String statement = takeStatement();
        if (!declares(statement)) {
            throw new NotUnderstoodException("not known between entries");
        }
    }

    private void parseInEntry() {
        if (take(OPEN) != null) {
            scopes.push(new HashMap<>());
            return;
        }
        if (take(CLOSE) != null) {
            closeScope();
            return;
        }
        Matcher label = take(LABEL);
        if (label != null) {
            if (entry.labels().put(label.group(1), entry.instructions().size()) != null) {
                throw new NotUnderstoodException("the entry has this label twice");
            }
            return;
        }
        String statement = takeStatement();
        if (!declares(statement) && !PRAGMA.matcher(statement).matches()) {
            entry.instructions().add(instruction(match(INSTRUCTION, statement)));
        }
    }

    private void openEntry(String parameters) {
        entry = new PtxEntry(new ArrayList<>(), new HashMap<>());
        scopes.push(new HashMap<>());
        if (!parameters.isBlank()) {
            for (String parameter : parameters.split(",")) {
                declare(match(PARAMETER, parameter.strip()).group(1), Space.PARAM);
            }
        }
    }

    private void closeScope() {
        scopes.pop();
        if (scopes.size() > 1) {
            return;
        }
        List<Instruction> lost = entry.instructions().stream()
                .filter(branch -> branch.target() != null && !entry.labels().containsKey(branch.target()))
                .toList();
        for (Instruction branch : lost) {
            complaints.add("%d: %s: no label %s".formatted(branch.line(), branch.name(), branch.target()));
        }
        if (lost.isEmpty()) {
            entries.add(entry);
        }
        entry = null;
    }

    /** Notes a declaration; false if this is none. */
    private boolean declares(String statement) {
        Matcher registers = REGISTERS.matcher(statement);
        if (registers.matches()) {
            Space space = registers.group(1).equals("pred") ? Space.PREDICATE : Space.REGISTER;
            for (String register : registers.group(2).split(",")) {
                declareRegisters(match(REGISTER, register.strip()), space);
            }
            return true;
        }
        Matcher variable = VARIABLE.matcher(statement);
        if (variable.matches()) {
            declare(variable.group(2), Space.valueOf(variable.group(1).toUpperCase(Locale.ROOT)));
            return true;
        }
        return false;
    }

    /** {@code %r<3>} declares {@code %r0}, {@code %r1} and {@code %r2}. */
    private void declareRegisters(Matcher register, Space space) {
        if (register.group(2) == null) {
            declare(register.group(1), space);
            return;
        }
        for (int i = 0; i < Integer.parseInt(register.group(2)); i++) {
            declare(register.group(1) + i, space);
        }
    }

    private void declare(String name, Space space) {
        scopes.peek().put(name, new Symbol(name, space, declarations++));
    }

    private Instruction instruction(Matcher found) {
        boolean guarded = found.group(1) != null;
        if (guarded) {
            resolve(found.group(1));
        }
        List<String> opcode = List.of(found.group(2).split("\\."));
        String rest =
                found.group(3) == null ? "" : BLANKS.matcher(found.group(3)).replaceAll("");
        if (opcode.get(0).equals("bra")) {
            return new Instruction(line, guarded, opcode, List.of(), rest);
        }
        List<Operand> operands = new ArrayList<>();
        if (!rest.isEmpty()) {
            for (String operand : COMMA.split(rest, -1)) {
                operands.add(operand(match(OPERAND, operand).group()));
            }
        }
        long addresses = operands.stream().filter(Operand::isAddress).count();
        if (addresses != (ACCESSES.contains(opcode.get(0)) ? 1 : 0)) {
            throw new NotUnderstoodException("not a known form of access to memory");
        }
        return new Instruction(line, guarded, opcode, operands, null);
    }

    private Operand operand(String operand) {
        List<Symbol> symbols = new ArrayList<>();
        Matcher name = NAME.matcher(operand);
        while (name.find()) {
            if (!SPECIAL_REGISTER.matcher(name.group()).matches()) {
                symbols.add(resolve(name.group()));
            }
        }
        return new Operand(operand, symbols);
    }

    private Symbol resolve(String name) {
        for (Map<String, Symbol> scope : scopes) {
            Symbol symbol = scope.get(name);
            if (symbol != null) {
                return symbol;
            }
        }
        throw new NotUnderstoodException(name + " is not declared");
    }

    private static Matcher match(Pattern form, String text) {
        Matcher found = form.matcher(text);
        if (!found.matches()) {
            throw new NotUnderstoodException("'" + text + "' has no known form");
        }
        return found;
    }

    private static final class NotUnderstoodException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotUnderstoodException(String reason) {
            super(reason);
        }
    }
}
