package dev.elbo.cuda.driver;

import dev.elbo.natives.OwnClasses;
import java.nio.file.Path;

/**
 * JCublas once more, with classes and a native library of its own: without this a cuBLAS that turns out to be of no use could
 * not be exchanged for another one. A program that uses JCublas itself keeps its own, and its settings.
 */
final class JcublasLoader {
    private static final String CALLS = JcublasCalls.class.getName();

    private JcublasLoader() {}

    /**
     * The calls of a cuBLAS.
     *
     * @param library JCublas's native library, which needs that cuBLAS; not read any more once it is loaded
     * @throws UnsatisfiedLinkError if it cannot be loaded
     * @throws IllegalCallerException if Java denies access to native code
     */
    static BlasCalls load(Path library) {
        try {
            // JCublas asks for its library by name before it looks anywhere else
            return new OwnClasses(JcublasLoader::isOwn, library.toString())
                    .make(BlasCalls.class, CALLS, String.class, library.toString());
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException("JCublas is not on the class path", e);
        }
    }

    /** What touches JCublas, JCublas, and what loads its library: that goes to the class loader of whoever asks for it. */
    private static boolean isOwn(String name) {
        return name.equals(CALLS) || name.startsWith("jcuda.jcublas.") || name.startsWith("jcuda.LibUtils");
    }
}
