package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import dev.elbo.verify.Argument.Place;
import dev.elbo.verify.Argument.Role;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The tensors of one case in the memory of one backend: guard elements around them and between their rows, poison in
 * the outputs. It is filled before every run and checked as a whole after it.
 */
final class Memory implements Arguments, AutoCloseable {
    /** The content of guards and outputs before a run; a result that differs between the two has read it. */
    enum Fill {
        /** NaN in the outputs: reveals adding to the old content. */
        NAN,
        /** Numbers in the outputs: distinguishes unwritten elements from computed NaN. */
        NUMBERS
    }

    private static final int TAIL = 67;

    private final Map<String, Region> regions = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    Memory(OpCase opCase, Backend backend) {
        Map<String, List<Argument>> groups = opCase.arguments().stream()
                .collect(Collectors.groupingBy(a -> a.place().region(), LinkedHashMap::new, Collectors.toList()));
        try {
            groups.forEach((name, group) -> regions.put(name, new Region(group, backend)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        for (Argument a : opCase.arguments()) {
            Place place = a.place();
            Buffer buffer = regions.get(place.region()).buffer;
            tensors.put(a.name(), new Tensor(buffer, at(a, 0, 0), a.rows(), a.cols(), place.stride()));
        }
    }

    @Override
    public Tensor optional(String name) {
        return tensors.get(name);
    }

    /** Fills the memory, runs a call and checks guards and inputs. Returns outputs and in-outs by name. */
    Map<String, Grid> run(Fill fill, Runnable call, Outcome outcome) {
        fill(fill);
        call.run();
        Map<String, Grid> written = new LinkedHashMap<>();
        regions.values().forEach(region -> region.collect(fill, outcome, written));
        return written;
    }

    /** Writes inputs, in-outs, poison and guards as before a run. */
    void fill(Fill fill) {
        regions.values().forEach(region -> region.fill(fill));
    }

    boolean isUntouched() {
        return regions.values().stream().allMatch(Region::isUntouched);
    }

    @Override
    public void close() {
        regions.values().forEach(region -> region.buffer.close());
    }

    private static int at(Argument a, int row, int col) {
        return a.place().lead() + row * a.place().stride() + a.place().column() + col;
    }

    private static final class Region {
        private final List<Argument> arguments;
        private final ElementType type;
        private final Argument[] owner;
        private final double[] filled;
        private final Buffer buffer;

        Region(List<Argument> arguments, Backend backend) {
            this.arguments = arguments;
            this.type = arguments.get(0).type();
            int size = 0;
            for (Argument a : arguments) {
                size = Math.max(size, at(a, a.rows(), 0) + TAIL);
            }
            this.owner = new Argument[size];
            this.filled = new double[size];
            for (Argument a : arguments) {
                for (int i = 0; i < a.rows(); i++) {
                    Arrays.fill(owner, at(a, i, 0), at(a, i, a.cols()), a);
                }
            }
            this.buffer = backend.allocate(type, size);
        }

        void fill(Fill fill) {
            for (int p = 0; p < filled.length; p++) {
                filled[p] = owner[p] == null ? guard(p, fill) : poison(p, fill);
            }
            for (Argument a : arguments) {
                for (int i = 0; a.given() != null && i < a.rows(); i++) {
                    System.arraycopy(a.given().values(), i * a.cols(), filled, at(a, i, 0), a.cols());
                }
            }
            buffer.write(0, toArray(type, filled), 0, filled.length);
        }

        /** Numbers that every type holds exactly and no computation gives. */
        private double guard(int p, Fill fill) {
            int sign = fill == Fill.NAN ? 1 : -1;
            return switch (type) {
                case REAL, FLOAT64 -> sign * (1 + (p % 1021) * 0x1p-10) * 0x1p100;
                case INT32 -> 0x5EED0000 + sign * (p % 1021);
                case UINT8 -> (fill == Fill.NAN ? 37 * p + 11 : 91 * p + 5) & 255;
            };
        }

        private double poison(int p, Fill fill) {
            return switch (type) {
                case REAL, FLOAT64 -> fill == Fill.NAN ? Double.NaN : (1 + (p % 1013) * 0x1p-10) * -0x1p90;
                case INT32 -> 0x7EAD0000 + (fill == Fill.NAN ? p : -p) % 1013;
                case UINT8 -> (fill == Fill.NAN ? p : ~p) & 255;
            };
        }

        private double[] read() {
            Object array = toArray(type, new double[filled.length]);
            buffer.read(0, array, 0, filled.length);
            return fromArray(array);
        }

        boolean isUntouched() {
            return Arrays.mismatch(filled, read()) < 0;
        }

        void collect(Fill fill, Outcome outcome, Map<String, Grid> written) {
            double[] now = read();
            for (int p = 0; p < now.length; p++) {
                boolean same = Double.doubleToLongBits(now[p]) == Double.doubleToLongBits(filled[p]);
                Argument a = owner[p];
                if (a == null && !same) {
                    outcome.fail(Failure.GUARD, near(p) + " became " + now[p]);
                } else if (a != null && a.role() == Role.INPUT && !same) {
                    outcome.fail(Failure.INPUT_MODIFIED, place(a, p) + " was " + filled[p] + " and became " + now[p]);
                } else if (a != null && a.role() == Role.OUTPUT && same && fill == Fill.NUMBERS) {
                    outcome.fail(Failure.POISON_LEFT, place(a, p) + " was not written");
                }
            }
            for (Argument a : arguments) {
                if (a.isWritten()) {
                    written.put(a.name(), Grid.of(a.rows(), a.cols(), (i, j) -> now[at(a, i, j)]));
                }
            }
        }

        private String near(int p) {
            Argument a = arguments.get(0);
            int element = p - at(a, 0, 0);
            return "guard at element " + element + " from the start of " + a.name() + " (" + a.rows() + " × " + a.cols()
                    + ", stride " + a.place().stride() + ")";
        }

        private static String place(Argument a, int p) {
            int element = p - at(a, 0, 0);
            int stride = a.place().stride();
            return a.name() + "[" + element / stride + ", " + element % stride + "]";
        }
    }

    private static Object toArray(ElementType type, double[] values) {
        return switch (type) {
            case REAL, FLOAT64 -> values;
            case INT32 -> Arrays.stream(values).mapToInt(value -> (int) value).toArray();
            case UINT8 -> {
                byte[] bytes = new byte[values.length];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) (int) values[i];
                }
                yield bytes;
            }
        };
    }

    private static double[] fromArray(Object array) {
        if (array instanceof int[] ints) {
            return Arrays.stream(ints).asDoubleStream().toArray();
        }
        if (array instanceof byte[] bytes) {
            double[] values = new double[bytes.length];
            Arrays.setAll(values, i -> Byte.toUnsignedInt(bytes[i]));
            return values;
        }
        return (double[]) array;
    }
}
