package dev.elbo.verify;

import dev.elbo.backend.Ops;
import dev.elbo.tensor.ElementType;
import dev.elbo.verify.Argument.Place;
import dev.elbo.verify.Argument.Role;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One use of one operation: its tensors with their values, the call, and how far each output may be off.
 *
 * @param op the operation, a method of {@link Ops}
 * @param label shapes and options, unique within the operation
 * @param arguments its tensors
 * @param call calls the operation
 * @hidden
 */
public record OpCase(String op, String label, List<Argument> arguments, Call call) {
    /** A call of an operation on the tensors of a case. */
    @FunctionalInterface
    public interface Call {
        void run(Ops ops, Arguments arguments);
    }

    /** {@return a builder of a case, whose random values depend on operation and label} */
    public static Builder of(String op, String label) {
        return new Builder(op, label);
    }

    @Override
    public String toString() {
        return op + " [" + label + "]";
    }

    /** A builder that rounds values of REAL to float32; a method that changes an argument changes the last one. */
    public static final class Builder {
        private final String op;
        private final String label;
        private final Draw draw;
        private final Map<String, Argument> arguments = new LinkedHashMap<>();
        private Argument last;

        private Builder(String op, String label) {
            this.op = op;
            this.label = label;
            this.draw = new Draw((op + " " + label).hashCode());
        }

        /** {@return random values that depend on this case and on earlier draws} */
        public Draw draw() {
            return draw;
        }

        Argument argument(String name) {
            return arguments.get(name);
        }

        /** Adds an argument of REAL that is read only. */
        public Builder input(String name, int rows, int cols, double... values) {
            return input(name, ElementType.REAL, rows, cols, values);
        }

        /** Adds an argument that is read only. */
        public Builder input(String name, ElementType type, int rows, int cols, double... values) {
            return add(name, Role.INPUT, type, rows, cols, new Grid(rows, cols, values), null);
        }

        /** Adds an argument of REAL that is read only, of normals of this mean and standard deviation. */
        Builder normals(String name, int rows, int cols, double mean, double deviation) {
            return input(name, rows, cols, draw.normal(rows * cols, mean, deviation));
        }

        /** Adds an argument of REAL that is read only, of standard normals. */
        Builder normals(String name, int rows, int cols) {
            return normals(name, rows, cols, 0, 1);
        }

        /** Adds one column of {@link #normals}, unless it has no rows. */
        Builder column(String name, int rows, double mean, double deviation) {
            return rows == 0 ? this : normals(name, rows, 1, mean, deviation);
        }

        /** Adds an argument of REAL that is read only, of uniforms between {@code low} and {@code high}. */
        Builder uniforms(String name, int rows, int cols, double low, double high) {
            return input(name, rows, cols, draw.uniform(rows * cols, low, high));
        }

        /** Gives elements of the last argument another value, rounded to float32. */
        Builder set(double value, int... elements) {
            for (int element : elements) {
                last.given().values()[element] = (float) value;
            }
            return this;
        }

        /** Adds an argument of REAL that is written only. */
        public Builder output(String name, int rows, int cols, Bound bound) {
            return output(name, ElementType.REAL, rows, cols, bound);
        }

        /** Adds an argument that is written only. */
        Builder output(String name, ElementType type, int rows, int cols, Bound bound) {
            return add(name, Role.OUTPUT, type, rows, cols, null, bound);
        }

        /** Adds an argument of REAL that is read and written. */
        Builder inOut(String name, int rows, int cols, Bound bound, double... values) {
            return inOut(name, ElementType.REAL, rows, cols, bound, values);
        }

        /** Adds an argument that is read and written. */
        public Builder inOut(String name, ElementType type, int rows, int cols, Bound bound, double... values) {
            return add(name, Role.IN_OUT, type, rows, cols, new Grid(rows, cols, values), bound);
        }

        private Builder add(String name, Role role, ElementType type, int rows, int cols, Grid given, Bound bound) {
            if (arguments.containsKey(name)) {
                throw new IllegalArgumentException(op + " [" + label + "] has '" + name + "' twice");
            }
            if (given != null && type == ElementType.REAL) {
                Arrays.setAll(given.values(), i -> (float) given.values()[i]);
            }
            Place dense = new Place(name, 0, cols, Place.ALIGNED);
            return put(new Argument(name, role, type, rows, cols, dense, given, bound, null));
        }

        /** Leaves a gap between the rows of the last argument: 0, {@link Place#WHOLE_QUADS}, or so many elements. */
        public Builder gap(int gap) {
            int cols = last.cols();
            return switch (gap) {
                case 0 -> this;
                case Place.WHOLE_QUADS -> place(new Place(last.name(), 0, (cols / 4 + 1) * 4, Place.ALIGNED));
                default -> place(new Place(last.name(), 0, cols + gap, Place.UNALIGNED));
            };
        }

        /** Leaves a gap, which a number of elements makes {@code more} longer. */
        Builder gap(int gap, int more) {
            return gap(gap > 0 ? gap + more : gap);
        }

        /** Moves the last argument, which has no gap, to an odd address if the others are strided. */
        Builder shift(int gap) {
            return gap > 0 ? place(new Place(last.name(), 0, last.cols(), Place.UNALIGNED)) : this;
        }

        /** Puts the last argument into the first (0) or second half (1) of a matrix that it shares, if merged. */
        Builder half(boolean merged, String region, int half) {
            int cols = last.cols();
            return merged ? place(new Place(region, half * cols, 2 * cols, Place.ALIGNED)) : this;
        }

        private Builder place(Place place) {
            Argument a = last;
            return put(new Argument(
                    a.name(), a.role(), a.type(), a.rows(), a.cols(), place, a.given(), a.bound(), a.zerosMeant()));
        }

        /** Gives the reason that many zeros in the last argument are valid; null: they are not. */
        public Builder zerosMeant(String why) {
            Argument a = last;
            return put(new Argument(
                    a.name(), a.role(), a.type(), a.rows(), a.cols(), a.place(), a.given(), a.bound(), why));
        }

        private Builder put(Argument argument) {
            arguments.put(argument.name(), argument);
            last = argument;
            return this;
        }

        /** {@return the case with this call} */
        public OpCase call(Call call) {
            return new OpCase(op, label, List.copyOf(arguments.values()), call);
        }
    }
}
