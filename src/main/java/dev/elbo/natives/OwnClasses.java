package dev.elbo.natives;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A class loader that defines some classes of the program anew. A class is bound to the first native library that has
 * its native methods, and keeps its choices for the process: the new classes have a library and choices of their own.
 *
 * @hidden
 */
public final class OwnClasses extends ClassLoader {
    private final Predicate<String> own;
    private final String library;
    private final Map<String, byte[]> resources;

    /**
     * Creates a loader that defines some classes anew.
     *
     * @param own whether a class, by its name, is defined anew
     * @param library path of the native library that such a class gets for any name; null for none
     * @param resources resources that such a class reads in place of the program's, by their names
     */
    public OwnClasses(Predicate<String> own, String library, Map<String, byte[]> resources) {
        super(OwnClasses.class.getClassLoader());
        this.own = own;
        this.library = library;
        this.resources = resources;
    }

    /**
     * Creates an object of one of these classes.
     *
     * @param contract that the class implements, not defined anew
     * @param name of the class, which has a public constructor of one parameter of this type
     * @throws LinkageError or RuntimeException what loading the class and the constructor throw
     */
    public <T> T make(Class<T> contract, String name, Class<?> type, Object argument) {
        try {
            return contract.cast(loadClass(name).getConstructor(type).newInstance(argument));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException thrown ? thrown : new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new NoClassDefFoundError(name);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!own.test(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length, OwnClasses.class.getProtectionDomain());
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    @Override
    public InputStream getResourceAsStream(String name) {
        byte[] other = resources.get(name);
        return other == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(other);
    }

    @Override
    protected String findLibrary(String name) {
        return library;
    }
}
