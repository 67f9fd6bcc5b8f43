package dev.elbo.backend;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The operations of all families by reflection: their names, calls of them, and stand-ins. */
public final class AllOperations {
    private AllOperations() {}

    /** The commands of stand-ins. */
    @FunctionalInterface
    public interface Commands {
        /** Makes the command of an operation from its arguments. */
        Runnable command(Method operation, Object[] args) throws Throwable;
    }

    private static Stream<RecordComponent> families() {
        return Arrays.stream(RawOps.class.getRecordComponents());
    }

    /** Returns the names of all operations. */
    public static Set<String> names() {
        return families()
                .flatMap(family -> Arrays.stream(family.getType().getMethods()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Makes operations whose commands are these. */
    public static RawOps proxy(Commands commands) {
        Class<?>[] types = families().map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object all = Proxy.newProxyInstance(
                RawOps.class.getClassLoader(), types, (self, method, args) -> commands.command(method, args));
        return new RawOps(
                (RawOps.Dense) all,
                (RawOps.Convolution) all,
                (RawOps.Classes) all,
                (RawOps.Columns) all,
                (RawOps.Latent) all,
                (RawOps.Loss) all,
                (RawOps.Step) all);
    }

    /** Calls an operation, whose exceptions come out as they are. */
    public static Runnable call(RawOps ops, Method operation, Object[] args) throws Throwable {
        for (RecordComponent family : families().toList()) {
            if (family.getType() == operation.getDeclaringClass()) {
                return (Runnable) unwrapped(operation, unwrapped(family.getAccessor(), ops), args);
            }
        }
        throw new AssertionError(operation + " is in no family");
    }

    private static Object unwrapped(Method method, Object target, Object... args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
