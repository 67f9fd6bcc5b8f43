package dev.elbo.cpu;

import dev.elbo.natives.NativeLibrary;
import dev.elbo.natives.OwnClasses;
import dev.elbo.natives.PropertiesForThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A loader of netlib with classes and a native library of its own. netlib chooses its BLAS once for a process: with a
 * shared one, whichever of elbo and the program came first would choose the library for both. Its properties are
 * visible to it alone; its logger's level, which is the process's, is restored.
 */
final class NetlibLoader {
    private static final String CALLS = NetlibCalls.class.getName();
    private static final String NETLIB = "dev.ludovic.netlib.blas";

    static final String LIBRARY = "resources/native/Linux-amd64/libnetlibblasjni.so";

    /**
     * OpenBLAS has the number of its threads from the environment, which Java cannot set, or from this function, which takes a
     * pointer to it. netlib finds functions by their names and could find this one as well; it is put in the place of DSCAL,
     * whose first argument is such a pointer, and of some names behind it, since it is longer: elbo uses none of them.
     */
    private static final String SET_THREADS = "openblas_set_num_threads_";

    private static final String UNUSED = "dscal_\0sscal_\0dspmv_\0sspmv_";

    private NetlibLoader() {}

    /**
     * Loads the products of OpenBLAS, limited to one thread.
     *
     * @param openBlas the library
     * @throws IOException if netlib's own library is not there
     * @throws LinkageError or RuntimeException if its version is unknown, or it cannot load OpenBLAS
     */
    static MatrixCalls compiled(Path openBlas) throws IOException {
        byte[] library = NativeLibrary.read(LIBRARY);
        if (NativeLibrary.rename(ByteBuffer.wrap(library), UNUSED, SET_THREADS) == 0) {
            throw new UnsatisfiedLinkError(LIBRARY + " lacks the names of functions that netlib 2.2 to 3.2 have");
        }
        return load(
                true,
                Map.of(NETLIB + ".allowNative", "true", NETLIB + ".nativeLibPath", openBlas.toString()),
                Map.of(LIBRARY, library));
    }

    static MatrixCalls plain() {
        return load(false, Map.of(NETLIB + ".allowNative", "false"), Map.of());
    }

    private static synchronized MatrixCalls load(
            boolean compiled, Map<String, String> properties, Map<String, byte[]> resources) {
        // netlib announces its choice on the console
        Logger logger = Logger.getLogger(NETLIB);
        Level level = logger.getLevel();
        logger.setLevel(Level.SEVERE);
        PropertiesForThread shown = PropertiesForThread.set(properties);
        try {
            return new OwnClasses(name -> name.equals(CALLS) || name.startsWith(NETLIB + "."), null, resources)
                    .make(MatrixCalls.class, CALLS, boolean.class, compiled);
        } finally {
            shown.close();
            logger.setLevel(level);
        }
    }
}
