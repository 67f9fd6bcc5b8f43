package dev.elbo.spark;

import dev.elbo.Backends;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/** Parameters of stages of Spark ML by their kinds, each with a check of its values. */
final class ParamKinds {
    private ParamKinds() {}

    /** The values that a parameter takes. */
    interface TakenValues<T> extends Predicate<T>, Serializable {}

    /** Returns a check of a parameter. It throws because Spark's own message would not say what is allowed. */
    static <T> Function1<T, Object> require(TakenValues<T> taken, String name, String remedy) {
        return (Function1<T, Object> & Serializable) value -> {
            if (value == null || !taken.test(value)) {
                throw ElboException.usage(name + " is " + Messages.quote(String.valueOf(value)) + "; " + remedy);
            }
            return true;
        };
    }

    static Param<String> column(Params owner, String name, String doc) {
        return new Param<>(owner, name, doc, require(value -> true, name, "it must be the name of a column"));
    }

    static Param<String> choice(Params owner, String name, String doc, String... allowed) {
        List<String> all = List.of(allowed);
        return new Param<>(
                owner, name, doc, require(all::contains, name, "it must be one of " + String.join(", ", all)));
    }

    static Param<String> backend(Params owner) {
        return new Param<>(
                owner,
                "backend",
                "auto, cpu, reference, cuda or cuda:N; auto takes the GPU that Spark assigns to the task, else one"
                        + " that is there, else the CPU",
                require(
                        name -> name.matches("auto|cpu|reference|cuda(:\\d{1,6})?"),
                        "backend",
                        "it must be one of " + String.join(", ", Backends.NAMES)));
    }

    static Function1<String[], Object> names(String name) {
        return require(names -> Arrays.stream(names).noneMatch(Objects::isNull), name, "it must hold names of columns");
    }

    static Function1<Object, Object> atLeast(String name, int least) {
        return require(value -> (int) value >= least, name, "it must be at least " + least);
    }

    static Function1<Object, Object> above(String name, double bound) {
        return require(value -> (double) value > bound, name, "it must be above " + bound);
    }
}
