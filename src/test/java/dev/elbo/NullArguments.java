package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Calls every public method of a class once for each of its parameters that may not be null, with null for that one. What may be
 * null is what its {@code @param} says so of; names come from the source, since classes have none.
 */
public final class NullArguments {
    private static final Path SOURCES = Path.of("src/main/java");

    /** Values of parameters by their types, and objects to call methods on. */
    private final Map<Class<?>, Object> values;

    private final List<String> problems = new ArrayList<>();
    private int calls;

    /** What the source says of a method. */
    private record Told(List<String> names, String doc) {}

    /** @param values by the types of parameters, and of the objects whose methods are called */
    public NullArguments(Map<Class<?>, Object> values) {
        this.values = new HashMap<>(values);
        this.values.putIfAbsent(String.class, "text");
        this.values.putIfAbsent(int.class, 1);
        this.values.putIfAbsent(long.class, 1L);
        this.values.putIfAbsent(float.class, 1f);
        this.values.putIfAbsent(double.class, 1.0);
        this.values.putIfAbsent(boolean.class, false);
    }

    /** {@return the calls, one a line, that do not tell which argument is null} */
    public String problems() {
        return String.join("\n", problems);
    }

    /** {@return how many calls were made} */
    public int calls() {
        return calls;
    }

    /** Looks at the public methods and constructors that a class declares. */
    public NullArguments of(Class<?>... types) throws IOException {
        for (Class<?> type : types) {
            Map<String, Told> told = told(type);
            List<Executable> all = new ArrayList<>(List.of(type.getDeclaredConstructors()));
            all.addAll(List.of(type.getDeclaredMethods()));
            for (Executable method : all) {
                boolean ours = Modifier.isPublic(method.getModifiers())
                        && !method.isSynthetic()
                        && !method.getName().equals("equals")
                        && !method.getName().equals("valueOf");
                if (ours && Arrays.stream(method.getParameterTypes()).anyMatch(kind -> !kind.isPrimitive())) {
                    look(method, told.get(key(method)));
                }
            }
        }
        return this;
    }

    private void look(Executable method, Told told) {
        assertNotNull(told, "no source of " + method);
        Class<?>[] types = method.getParameterTypes();
        for (int i = 0; i < types.length; i++) {
            if (!types[i].isPrimitive() && !mayBeNull(told, i)) {
                Object[] arguments = new Object[types.length];
                for (int j = 0; j < types.length; j++) {
                    arguments[j] = j == i ? null : value(types[j]);
                }
                String name = told.names().get(i);
                Throwable thrown = thrown(method, arguments);
                calls++;
                if (!isNamed(thrown, name) && !isNamed(thrown, method.getName())) {
                    problems.add(method + ": " + name + ": " + thrown);
                }
            }
        }
    }

    /** Not by the virtual machine, which tells of whatever it met first. */
    private static boolean isNamed(Throwable thrown, String name) {
        return (thrown instanceof NullPointerException || thrown instanceof IllegalArgumentException)
                && thrown.getMessage() != null
                && !thrown.getMessage().startsWith("Cannot ")
                && thrown.getMessage().matches("(.*\\W)?" + name + "(\\W.*)?");
    }

    private static boolean mayBeNull(Told told, int i) {
        Matcher said = Pattern.compile("@param " + told.names().get(i) + " ([^@]*)")
                .matcher(told.doc().replaceAll("\\{@(\\w+)", "{$1"));
        return said.find() && said.group(1).matches("(?s).*\\bnull\\b.*");
    }

    private Object value(Class<?> type) {
        Object value = values.get(type);
        if (value == null && type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        assertNotNull(value, "a value is needed of " + type);
        return value;
    }

    private Throwable thrown(Executable method, Object[] arguments) {
        try {
            if (method instanceof Method called) {
                Object target = Modifier.isStatic(called.getModifiers()) ? null : value(called.getDeclaringClass());
                called.invoke(target, arguments);
            } else {
                ((java.lang.reflect.Constructor<?>) method).newInstance(arguments);
            }
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(method.toString(), e);
        }
    }

    private static String key(Executable method) {
        List<String> types = Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .toList();
        boolean made = method instanceof java.lang.reflect.Constructor;
        return (made ? "<init>" : method.getName()) + types;
    }

    private static Map<String, Told> told(Class<?> type) throws IOException {
        Class<?> outer = type;
        while (outer.getEnclosingClass() != null) {
            outer = outer.getEnclosingClass();
        }
        Path file = SOURCES.resolve(outer.getName().replace('.', '/') + ".java");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Map<String, Told> told = new TreeMap<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask) compiler.getTask(null, files, null, null, null, files.getJavaFileObjects(file));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Reader(docs, type.getSimpleName(), told).scan(unit, null);
            }
        }
        if (type.isRecord()) {
            List<String> names = Arrays.stream(type.getRecordComponents())
                    .map(component -> component.getName())
                    .toList();
            List<String> types = Arrays.stream(type.getRecordComponents())
                    .map(component -> component.getType().getSimpleName())
                    .toList();
            told.put("<init>" + types, new Told(names, told.get("class").doc()));
        }
        return told;
    }

    /** Reads the methods of one class. */
    private static final class Reader extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final String type;
        private final Map<String, Told> told;

        Reader(DocTrees docs, String type, Map<String, Told> told) {
            this.docs = docs;
            this.type = type;
            this.told = told;
        }

        private String doc() {
            DocCommentTree tree = docs.getDocCommentTree(getCurrentPath());
            return tree == null ? "" : tree.toString();
        }

        @Override
        public Void visitClass(com.sun.source.tree.ClassTree tree, Void nothing) {
            if (tree.getSimpleName().contentEquals(type)) {
                told.put("class", new Told(List.of(), doc()));
            }
            return super.visitClass(tree, nothing);
        }

        @Override
        public Void visitMethod(MethodTree tree, Void nothing) {
            if (getCurrentPath().getParentPath().getLeaf() instanceof com.sun.source.tree.ClassTree owner
                    && owner.getSimpleName().contentEquals(type)) {
                List<String> types = tree.getParameters().stream()
                        .map(parameter -> parameter.getType().toString())
                        .map(text ->
                                text.replaceAll("<.*>", "").replace("...", "[]").replaceAll("^.*\\.", ""))
                        .toList();
                List<String> names = tree.getParameters().stream()
                        .map(VariableTree::getName)
                        .map(Object::toString)
                        .toList();
                told.put(tree.getName() + types.toString(), new Told(names, doc()));
            }
            return super.visitMethod(tree, nothing);
        }
    }
}
