package dev.elbo.cpu;

import dev.elbo.natives.OwnClasses;
import dev.elbo.natives.PropertiesForThread;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * netlib once more, with classes and a native library of its own. netlib chooses its BLAS once for a process: one that the
 * program has touched before would run elbo's products on whatever library it found, and one that elbo had touched first the
 * program's. Its properties are told to it alone; its logger's level, which is the process's, is given back as it was.
 */
final class NetlibLoader {
    private static final String CALLS = NetlibCalls.class.getName();
    private static final String NETLIB = "dev.ludovic.netlib.blas";

    private NetlibLoader() {}

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
        logger.setLevel(Level.SEVERE);
        PropertiesForThread shown = PropertiesForThread.set(properties);
        try {
            return new OwnClasses(name -> name.equals(CALLS) || name.startsWith(NETLIB + "."), null)
                    .make(MatrixCalls.class, CALLS, boolean.class, compiled);
        } finally {
            shown.close();
            logger.setLevel(level);
        }
    }
}
