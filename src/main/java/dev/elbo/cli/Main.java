package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.Version;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: results on stdout, messages on stderr, one line for an error, and an exit code that says its kind. */
@Command(
        name = "elbo",
        description = "Trains and serves variational autoencoders.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.NamedVersion.class,
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            ReconstructCommand.class,
            SampleCommand.class,
            InterpolateCommand.class,
            TraverseCommand.class,
            EncodeCommand.class,
            ScoreCommand.class,
            ImputeCommand.class,
            ProbeCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            ReportCommand.class,
            VerifyCommand.class,
            DemoCommand.class,
            DataCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            BundleCommand.class,
            HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 done, 2 usage, 3 bad data or file, 4 backend or device unavailable,",
            "5 device fault, 6 numeric failure, 7 input/output, 130/143 signals."
        })
public final class Main {
    /** The exit code of an internal error: a bug. */
    private static final int INTERNAL = 1;

    @Option(names = "--debug", description = "Show stack traces with errors.", scope = ScopeType.INHERIT)
    private boolean debug;

    private Main() {}

    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        // warnings of the library look like other messages: one line
        System.setProperty("java.util.logging.SimpleFormatter.format", "elbo: %5$s%n");
        withoutTemporaryFolder();
        System.exit(run(args, stream(FileDescriptor.out, false), stream(FileDescriptor.err, true)));
    }

    /** Uses the working folder if there is no temporary folder. It has no effect on libraries that asked Java earlier. */
    private static void withoutTemporaryFolder() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        if (!Files.isDirectory(temporary) || !Files.isWritable(temporary)) {
            System.setProperty("java.io.tmpdir", System.getProperty("user.dir"));
        }
    }

    /** Opens a stream in place of System.out and System.err, which hide failed writes. */
    private static PrintWriter stream(FileDescriptor descriptor, boolean flushLines) {
        return new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), flushLines);
    }

    /** Runs one command; results go to {@code out}, messages to {@code err}. Returns the exit code. */
    static int run(String[] args, PrintWriter out, PrintWriter err) {
        Main main = new Main();
        CommandLine line = new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> {
                    CommandSpec command = e.getCommandLine().getCommandSpec();
                    boolean missing = e.getMessage().equals("Missing required subcommand");
                    String names = missing
                            ? ": " + String.join(", ", command.subcommands().keySet())
                            : "";
                    return fail(
                            err,
                            e.getMessage() + names + "; see '" + command.qualifiedName() + " --help'",
                            ElboException.Kind.USAGE.exitCode());
                })
                .setExecutionExceptionHandler((e, command, result) -> {
                    if (e instanceof ClosedOutput) {
                        return ElboException.Kind.IO.exitCode();
                    }
                    if (main.debug) {
                        e.printStackTrace(err);
                    }
                    if (e instanceof ElboException known) {
                        return fail(
                                err,
                                OptionNames.in(known.getMessage()),
                                known.kind().exitCode());
                    }
                    return fail(
                            err,
                            "internal error: " + e
                                    + (main.debug ? "" : "; run the command again with --debug for a stack trace"),
                            INTERNAL);
                });
        int code;
        try {
            code = line.execute(args);
        } catch (OutOfMemoryError e) {
            if (main.debug) {
                e.printStackTrace(err);
            }
            code = fail(
                    err,
                    "out of memory (the heap has " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB in all): "
                            + e.getMessage() + "; use less data or a smaller model, or raise -Xmx in ELBO_JAVA_OPTIONS",
                    ElboException.Kind.UNAVAILABLE.exitCode());
        } catch (InternalError e) {
            // Java throws this, at any later place, after a mapped page could not be read
            if (!String.valueOf(e.getMessage()).contains("unsafe memory access")) {
                throw e;
            }
            code = fail(
                    err,
                    "the data file was cut, or its disk failed, while it was read; do not change data files that are in use",
                    ElboException.Kind.IO.exitCode());
        }
        err.flush();
        if (out.checkError()) {
            // the reader of the output is gone
            return ElboException.Kind.IO.exitCode();
        }
        return code;
    }

    private static int fail(PrintWriter err, String message, int code) {
        err.println("elbo: " + message.replaceAll("\\s*\\R\\s*", " "));
        return code;
    }

    /** The provider of {@link Version}, with a name. */
    static final class NamedVersion implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"elbo " + Version.current()};
        }
    }
}
