package dev.elbo.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * netlib once more, with classes and a native library of its own. netlib chooses its BLAS once for a process: one that the
 * program has touched before would run elbo's products on whatever library it found, and one that elbo had touched first the
 * program's. Its properties and its logger's level are those of the process, and are given back as they were.
 */
final class NetlibLoader extends ClassLoader {
    private static final String CALLS = NetlibCalls.class.getName();
    private static final String NETLIB = "dev.ludovic.netlib.blas";

    private NetlibLoader() {
        super(NetlibLoader.class.getClassLoader());
    }

    /**
     * Products of a library.
     *
     * @param library a BLAS
     * @throws LinkageError or RuntimeException if netlib cannot load it
     */
    static MatrixCalls compiled(String library) {
        return load(true, Map.of(NETLIB + ".allowNative", "true", NETLIB + ".nativeLibPath", library));
    }

    /** Products in plain Java. */
    static MatrixCalls plain() {
        return load(false, Map.of(NETLIB + ".allowNative", "false"));
    }

    private static synchronized MatrixCalls load(boolean compiled, Map<String, String> properties) {
        // netlib announces its choice on the console
        Logger logger = Logger.getLogger(NETLIB);
        Level level = logger.getLevel();
        Map<String, String> before = new HashMap<>();
        properties.forEach((key, value) -> before.put(key, System.setProperty(key, value)));
        logger.setLevel(Level.SEVERE);
        try {
            Class<?> calls = new NetlibLoader().loadClass(CALLS);
            return (MatrixCalls) calls.getConstructor(boolean.class).newInstance(compiled);
        } catch (ReflectiveOperationException e) {
            if (e.getCause() instanceof LinkageError error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e);
        } finally {
            logger.setLevel(level);
            before.forEach((key, value) -> {
                if (value == null) {
                    System.clearProperty(key);
                } else {
                    System.setProperty(key, value);
                }
            });
        }
    }

    private static boolean isOwn(String name) {
        return name.equals(CALLS) || name.startsWith(NETLIB + ".");
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
            return defineClass(name, bytes, 0, bytes.length, NetlibLoader.class.getProtectionDomain());
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
