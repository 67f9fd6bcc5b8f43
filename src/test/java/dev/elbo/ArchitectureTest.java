package dev.elbo;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.elbo.backend.Precision;
import dev.elbo.model.Likelihood;
import dev.elbo.net.Kinds;
import dev.elbo.net.Layer;
import dev.elbo.net.Level;
import dev.elbo.net.OutputLikelihood;
import dev.elbo.net.Prior;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jcuda.CudaException;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** The map of the packages: what each may know of ours. Whatever is not in it is forbidden. */
class ArchitectureTest {
    private static final Map<String, Set<String>> MAY_USE = new TreeMap<>(Map.ofEntries(
            Map.entry("error", Set.of()),
            Map.entry("linalg", Set.of()),
            Map.entry("model", Set.of()),
            Map.entry("natives", Set.of()),
            Map.entry("noise", Set.of()),
            Map.entry("tensor", Set.of()),
            Map.entry("io", Set.of("error")),
            Map.entry("bundle", Set.of("error", "io")),
            Map.entry("data", Set.of("error", "io", "model", "noise")),
            Map.entry("backend", Set.of("error", "model", "noise", "tensor")),
            Map.entry("cost", Set.of("error", "backend", "model", "noise", "tensor")),
            Map.entry("reference", Set.of("error", "backend", "model", "noise", "tensor")),
            Map.entry("cpu", Set.of("error", "backend", "io", "model", "natives", "noise", "tensor")),
            Map.entry("cuda", Set.of("error", "backend", "cost", "model", "natives", "noise", "tensor")),
            Map.entry("group", Set.of("error", "io")),
            Map.entry("net", Set.of("error", "backend", "io", "model", "noise", "tensor")),
            Map.entry("onnx", Set.of("error", "backend", "data", "io", "model", "net")),
            Map.entry("objective", Set.of("error", "backend", "model", "net", "noise", "tensor")),
            Map.entry(
                    "analysis",
                    Set.of("error", "backend", "data", "io", "linalg", "model", "net", "noise", "objective", "tensor")),
            Map.entry(
                    "train",
                    Set.of(
                            "error",
                            "analysis",
                            "backend",
                            "cost",
                            "data",
                            "group",
                            "io",
                            "model",
                            "net",
                            "noise",
                            "objective",
                            "tensor")),
            Map.entry("serve", Set.of("error", "analysis", "backend", "data", "io", "model", "net", "noise", "tensor")),
            Map.entry(
                    "verify",
                    Set.of("error", "backend", "io", "linalg", "model", "net", "noise", "objective", "tensor")),
            Map.entry(
                    "bench",
                    Set.of(
                            "error",
                            "analysis",
                            "backend",
                            "cost",
                            "data",
                            "io",
                            "model",
                            "net",
                            "noise",
                            "objective",
                            "serve",
                            "tensor",
                            "train",
                            "verify")),
            Map.entry(
                    "demo",
                    Set.of(
                            "error",
                            "analysis",
                            "backend",
                            "data",
                            "io",
                            "linalg",
                            "model",
                            "net",
                            "noise",
                            "objective",
                            "train")),
            Map.entry("report", Set.of("error", "analysis", "data", "io", "model", "net")),
            Map.entry(
                    "cli",
                    Set.of(
                            "error",
                            "analysis",
                            "backend",
                            "bench",
                            "bundle",
                            "cost",
                            "data",
                            "demo",
                            "io",
                            "model",
                            "net",
                            "noise",
                            "objective",
                            "onnx",
                            "report",
                            "serve",
                            "tensor",
                            "train",
                            "verify"))));

    private static final Set<Class<?>> COMPONENTS =
            Set.of(Layer.class, Level.class, Prior.class, OutputLikelihood.class);

    private static final String[] CONCRETE = {"dev.elbo.reference..", "dev.elbo.cpu..", "dev.elbo.cuda.."};

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.elbo");

    @Test
    void everyPackageKeepsToTheMap() {
        MAY_USE.forEach((name, allowed) -> classes()
                .that()
                .resideInAPackage("dev.elbo." + name + "..")
                .should()
                .onlyDependOnClassesThat(
                        outsideOurs().or(in(name)).or(inAny(allowed)).or(backendsFor(name)))
                .check(CLASSES));
    }

    @Test
    void everyPackageIsOnTheMap() {
        Set<String> packages = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            String rest = type.getPackageName().substring("dev.elbo".length());
            if (!rest.isEmpty()) {
                packages.add(rest.substring(1).split("\\.")[0]);
            }
        }
        assertEquals(MAY_USE.keySet(), packages);
    }

    @Test
    void onlyBackendsNamesConcreteBackends() {
        noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage(CONCRETE))
                        .and(DescribedPredicate.not(DescribedPredicate.describe(
                                "Backends", type -> type.getName().startsWith("dev.elbo.Backends")))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CONCRETE)
                .check(CLASSES);
    }

    @Test
    void onlyTheDriverSeesJCuda() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.elbo.cuda.driver..", "dev.elbo.cuda.embed..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jcuda..")
                .check(CLASSES);
        classes()
                .that()
                .resideInAPackage("dev.elbo.cuda.driver..")
                .should()
                .onlyDependOnClassesThat(outsideOurs()
                        .or(in("cuda.driver"))
                        .or(inAny(Set.of("error", "natives")))
                        .or(type(Precision.class)))
                .check(CLASSES);
    }

    /** One list names the kinds of components, and nothing branches over them. */
    @Test
    void kindsAreNamedInOneList() throws IOException {
        Set<String> kinds = CLASSES.stream()
                .filter(type -> !type.isInterface() && COMPONENTS.stream().anyMatch(type::isAssignableTo))
                .map(ArchitectureTest::file)
                .collect(Collectors.toSet());
        assertTrue(
                kinds.containsAll(Set.of("DenseLayer", "GaussianLevel", "StandardNormalPrior", "BernoulliLikelihood")),
                kinds.toString());
        classes()
                .that(describe("a kind of component", type -> kinds.contains(file(type))))
                .should()
                .onlyHaveDependentClassesThat(describe(
                        "the list of kinds or the kind itself",
                        type -> file(type).equals("Kinds") || kinds.contains(file(type))))
                .check(CLASSES);
        ArchRule names = noClasses()
                .should()
                .accessFieldWhere(describe(
                        "a description of a kind",
                        access -> access.getTargetOwner().isEquivalentTo(Likelihood.class)));
        names.check(CLASSES.that(describe("not one that chooses a kind", type -> !choosesKinds(type))));
        assertThrows(AssertionError.class, () -> names.check(CLASSES.that(in("demo"))));
        Pattern literal = Pattern.compile("\"(" + kindNames() + ")\"");
        for (JavaClass type : CLASSES) {
            Path source = Path.of("src/main/java", type.getPackageName().replace('.', '/'), file(type) + ".java");
            boolean computes = inAny(Set.of("backend", "cost", "reference", "cpu", "cuda", "verify"))
                    .test(type);
            if (!computes && !kinds.contains(file(type)) && !choosesKinds(type) && Files.exists(source)) {
                assertFalse(literal.matcher(Files.readString(source)).find(), source + " names a kind");
            }
        }
        assertTrue(literal.matcher(Files.readString(Path.of("src/main/java/dev/elbo/net/BernoulliLikelihood.java")))
                .find());
    }

    private static String kindNames() {
        return Stream.of(Kinds.LAYERS, Kinds.LEVELS, Kinds.PRIORS, Kinds.LIKELIHOODS)
                .flatMap(kinds -> kinds.names().stream())
                .collect(Collectors.joining("|"));
    }

    /** Descriptions, defaults of the command line, demonstrations, benchmarks, and what holds for linear models alone. */
    private static boolean choosesKinds(JavaClass type) {
        return inAny(Set.of("model", "demo", "bench", "cli", "cuda.embed")).test(type)
                || file(type).equals("LinearVae");
    }

    private static String file(JavaClass type) {
        return type.getSource().flatMap(Source::getFileName).orElseThrow().replace(".java", "");
    }

    private static final ArchRule LEAVES_JCUDAS_SETTING =
            noClasses().should().callMethod(JCudaDriver.class, "setExceptionsEnabled", boolean.class);

    /** A lambda is handed to {@code Status}, which looks for an exception in place of a result. */
    private static final ArchRule IS_READY_FOR_JCUDAS_EXCEPTIONS = noClasses()
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "a call of the driver outside of a lambda and of a try that catches CudaException",
                    call -> call.getTargetOwner().isEquivalentTo(JCudaDriver.class)
                            && call.getTarget().getRawReturnType().isEquivalentTo(int.class)
                            && !call.isDeclaredInLambda()
                            && call.getOrigin().getTryCatchBlocks().stream()
                                    .noneMatch(block -> block.getAccessesContainedInTryBlock()
                                                    .contains(call)
                                            && block.getCaughtThrowables().stream()
                                                    .anyMatch(type -> type.isEquivalentTo(CudaException.class)))));

    @Test
    void whetherJCudaThrowsIsForTheProgramToSay() {
        LEAVES_JCUDAS_SETTING.check(CLASSES);
        IS_READY_FOR_JCUDAS_EXCEPTIONS.check(CLASSES);
        JavaClasses program = new ClassFileImporter().importPackages("dev.elbo.examples");
        assertThrows(AssertionError.class, () -> LEAVES_JCUDAS_SETTING.check(program));
        assertThrows(AssertionError.class, () -> IS_READY_FOR_JCUDAS_EXCEPTIONS.check(program));
    }

    @Test
    void singleKernelsAreForOthersOnly() {
        classes()
                .that()
                .resideInAPackage("dev.elbo.cuda.embed..")
                .should()
                .onlyDependOnClassesThat(
                        outsideOurs().or(in("cuda")).or(inAny(Set.of("backend", "error", "model", "noise"))))
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.elbo.cuda.embed..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.elbo.cuda.embed..")
                .check(CLASSES);
    }

    @Test
    void aForbiddenArrowIsNoticed() {
        assertThrows(
                AssertionError.class,
                () -> classes()
                        .that()
                        .resideInAPackage("dev.elbo.backend..")
                        .should()
                        .onlyDependOnClassesThat(outsideOurs().or(in("backend")))
                        .check(CLASSES));
    }

    @Test
    void filesStaySmall() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            List<String> tall = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> lines(file) > 400)
                    .map(file -> file + ": " + lines(file) + " lines")
                    .toList();
            assertEquals(List.of(), tall, "split by family");
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DescribedPredicate<JavaClass> outsideOurs() {
        return DescribedPredicate.not(resideInAPackage("dev.elbo.."));
    }

    private static DescribedPredicate<JavaClass> in(String name) {
        return resideInAPackage("dev.elbo." + name + "..");
    }

    private static DescribedPredicate<JavaClass> inAny(Set<String> names) {
        return resideInAnyPackage(
                names.stream().map(name -> "dev.elbo." + name + "..").toArray(String[]::new));
    }

    /** The command line and services open backends by name. */
    private static DescribedPredicate<JavaClass> backendsFor(String name) {
        return DescribedPredicate.describe(
                "dev.elbo.Backends",
                type -> Set.of("cli", "serve").contains(name) && type.getName().startsWith("dev.elbo.Backends"));
    }
}
