package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/** A Java runtime with the modules of elbo and its libraries, linked from the running JDK. */
final class JavaRuntime {
    /** The modules of the classes, plus elliptic curves for downloads and zip folders for golden cases in the jar. */
    static final List<String> MODULES = List.of(
            "java.base",
            "java.desktop",
            "java.logging",
            "java.management",
            "jdk.crypto.ec",
            "jdk.management",
            "jdk.unsupported",
            "jdk.zipfs");

    /** Libraries for displays, sound and splash screens, which elbo does not use; they need X11 and ALSA. */
    private static final List<String> LEFT_OUT = List.of("awt_xawt", "jawt", "jsound", "splashscreen");

    private JavaRuntime() {}

    static ToolProvider linker() {
        return ToolProvider.findFirst("jlink").orElseThrow(() -> unavailable("this Java has no jlink"));
    }

    /** Links a runtime into a new folder. It is not compressed: the archive is, and does it better. */
    static void link(Path folder) {
        StringWriter said = new StringWriter();
        PrintWriter log = new PrintWriter(said);
        int code = linker().run(
                        log,
                        log,
                        "--add-modules",
                        String.join(",", MODULES),
                        "--strip-java-debug-attributes",
                        "--no-header-files",
                        "--no-man-pages",
                        "--exclude-files",
                        String.join(
                                ",",
                                LEFT_OUT.stream()
                                        .map(name -> "/java.desktop/lib/lib" + name + ".so")
                                        .toList()),
                        "--add-options=-XX:+UseSerialGC",
                        // makes classes whose constants depend on what this JVM did before
                        "--disable-plugin",
                        "generate-jli-classes",
                        "--output",
                        folder.toString());
        if (code != 0) {
            throw unavailable("jlink failed: "
                    + said.toString()
                            .lines()
                            .filter(line -> !line.isBlank())
                            .findFirst()
                            .orElse("exit " + code));
        }
    }

    private static ElboException unavailable(String reason) {
        return ElboException.unavailable("bundle needs a JDK with jlink and jmods; " + reason
                + "; set JAVA_HOME to a full JDK (now " + System.getProperty("java.home") + ")");
    }
}
