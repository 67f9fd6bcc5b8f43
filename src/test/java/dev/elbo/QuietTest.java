package dev.elbo;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A library prints nothing and leaves the process to its program: only the command line has a console and signals. */
class QuietTest {
    private static final Set<String> CONSOLE = Set.of("out", "err", "in");
    private static final Set<String> PROCESS =
            Set.of("exit", "halt", "addShutdownHook", "setOut", "setErr", "setDefault", "runFinalization", "gc");

    private static final DescribedPredicate<JavaAccess<?>> LOUD =
            DescribedPredicate.describe("use the console or end the process", access -> {
                String owner = access.getTargetOwner().getName();
                String name = access.getName();
                return switch (owner) {
                    case "java.lang.System" -> CONSOLE.contains(name) || PROCESS.contains(name);
                    case "java.lang.Runtime" -> PROCESS.contains(name);
                    case "java.util.Locale", "java.util.TimeZone" -> name.equals("setDefault");
                    default -> name.equals("printStackTrace");
                };
            });

    private static EvaluationResult loud(DescribedPredicate<JavaClass> which) {
        ArchRule rule = noClasses().that(which).should().accessTargetWhere(LOUD);
        return rule.evaluate(new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.elbo"));
    }

    @Test
    void theLibraryIsQuiet() {
        EvaluationResult result = loud(DescribedPredicate.not(resideInAPackage("dev.elbo.cli..")));
        assertFalse(result.hasViolation(), () -> result.getFailureReport().toString());
    }

    @Test
    void theCommandLineIsHeard() {
        assertTrue(loud(resideInAPackage("dev.elbo.cli..")).hasViolation());
    }
}
