package dev.elbo.net;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/** The shapes of a module's tensors in another program's file, any of which may be missing. */
public final class ModuleShapes {
    private final Map<String, int[]> shapes;
    private final String module;
    private final OptionalInt otherwise;

    private ModuleShapes(Map<String, int[]> shapes, String module, OptionalInt otherwise) {
        this.shapes = shapes;
        this.module = module;
        this.otherwise = otherwise;
    }

    /**
     * {@return the shapes of a whole model}
     *
     * @param <T> what tensors are
     * @param tensors by name in the file
     * @param shape of a tensor
     */
    public static <T> ModuleShapes of(Map<String, T> tensors, Function<T, int[]> shape) {
        Map<String, int[]> shapes = new HashMap<>();
        tensors.forEach((name, tensor) -> shapes.put(name, shape.apply(tensor)));
        return new ModuleShapes(shapes, "", OptionalInt.empty());
    }

    /**
     * {@return the tensors of a module of this one}
     *
     * @param name which names begin with, before a dot
     */
    public ModuleShapes in(String name) {
        return new ModuleShapes(shapes, Scope.full(module, name), OptionalInt.empty());
    }

    /** Returns the same tensors; where they do not tell {@link #rows}, it is the given number. */
    ModuleShapes orElse(OptionalInt rows) {
        return new ModuleShapes(shapes, module, rows);
    }

    /** {@return whether there is no tensor of the module} */
    public boolean isEmpty() {
        return shapes.keySet().stream().noneMatch(name -> name.startsWith(module + "."));
    }

    /** {@return the outputs of the module's affine map: by its weight, else its bias, else a layer that mirrors it} */
    public OptionalInt rows() {
        return first(dimension("weight", 2, 0), dimension("bias", 1, 0), otherwise);
    }

    /** {@return the inputs of the module's affine map, by its weight} */
    public OptionalInt columns() {
        return dimension("weight", 2, 1);
    }

    /**
     * {@return the length of a vector of the module}
     *
     * @param name of the vector
     */
    public OptionalInt size(String name) {
        return dimension(name, 1, 0);
    }

    private OptionalInt dimension(String name, int rank, int index) {
        int[] shape = shapes.get(Scope.full(module, name));
        return shape == null || shape.length != rank ? OptionalInt.empty() : OptionalInt.of(shape[index]);
    }

    static OptionalInt first(OptionalInt... choices) {
        return Arrays.stream(choices).flatMapToInt(OptionalInt::stream).findFirst();
    }
}
