package dev.elbo.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * JCublas once more, with classes and a native library of its own: a class is bound to the first library that has its native
 * methods, so without this a cuBLAS that turns out to be of no use could not be exchanged for another one. A program that uses
 * JCublas itself keeps its own, and its settings.
 */
final class JcublasLoader extends ClassLoader {
    private static final String CALLS = JcublasCalls.class.getName();

    private final Path library;

    private JcublasLoader(Path library) {
        super(JcublasLoader.class.getClassLoader());
        this.library = library;
    }

    /**
     * The calls of a cuBLAS.
     *
     * @param library JCublas's native library, which needs that cuBLAS; not read any more once it is loaded
     * @throws UnsatisfiedLinkError if it cannot be loaded
     * @throws IllegalCallerException if Java denies access to native code
     */
    static BlasCalls load(Path library) {
        try {
            Class<?> calls = new JcublasLoader(library).loadClass(CALLS);
            return (BlasCalls) calls.getConstructor(String.class).newInstance(library.toString());
        } catch (ReflectiveOperationException e) {
            if (e.getCause() instanceof UnsatisfiedLinkError error) {
                throw error;
            }
            if (e.getCause() instanceof IllegalCallerException denied) {
                throw denied;
            }
            throw new IllegalStateException("JCublas is not on the class path", e);
        }
    }

    /** What touches JCublas, JCublas, and what loads its library: that goes to the class loader of whoever asks for it. */
    private static boolean isOwn(String name) {
        return name.equals(CALLS) || name.startsWith("jcuda.jcublas.") || name.startsWith("jcuda.LibUtils");
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!isOwn(name)) {
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
            return defineClass(name, bytes, 0, bytes.length, JcublasLoader.class.getProtectionDomain());
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** JCublas asks for its library by name before it looks anywhere else. */
    @Override
    protected String findLibrary(String name) {
        return library.toString();
    }
}
