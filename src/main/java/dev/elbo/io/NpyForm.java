package dev.elbo.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values and headers in the form of an NPY array of numbers that is there. */
public final class NpyForm {
    /** The least magnitude that binary16 rounds to infinity. */
    private static final double HALF_OVERFLOW = 65520;

    private static final double HALF_MIN_NORMAL = 0x1p-14;

    private NpyForm() {}

    /**
     * {@return the header of an array of the same type and order}
     *
     * @param like of numbers
     * @param shape of the array
     */
    public static byte[] header(NpyHeader like, int... shape) {
        return Npy.header(type(like), like.fortran(), shape);
    }

    /**
     * {@return the type as NumPy has it, such as {@code <f4}}
     *
     * @param header of numbers
     */
    public static String type(NpyHeader header) {
        boolean big = header.order() == ByteOrder.BIG_ENDIAN;
        return (header.width() == 1 ? "|" : big ? ">" : "<") + header.kind() + header.width();
    }

    /**
     * Puts a value in place of another, rounded to the type.
     *
     * @param header of numbers
     * @param into a buffer in the order of the header
     * @param at index of the value's first byte
     * @param value finite
     * @return whether the type holds it; if not, nothing is put
     */
    public static boolean put(NpyHeader header, ByteBuffer into, int at, double value) {
        return header.kind() == 'f' ? putFloat(header.width(), into, at, value) : putWhole(header, into, at, value);
    }

    private static boolean putFloat(int width, ByteBuffer into, int at, double value) {
        boolean holds = width == 8 || (width == 4 ? !Float.isInfinite((float) value) : Math.abs(value) < HALF_OVERFLOW);
        if (holds) {
            switch (width) {
                case 2 -> into.putShort(at, binary16(value));
                case 4 -> into.putFloat(at, (float) value);
                default -> into.putDouble(at, value);
            }
        }
        return holds;
    }

    /** IEEE 754 binary16, to nearest, ties to even. */
    private static short binary16(double value) {
        double magnitude = Math.abs(value);
        int bits;
        if (magnitude < HALF_MIN_NORMAL) {
            bits = (int) Math.rint(magnitude * 0x1p24);
        } else {
            int exponent = Math.getExponent(magnitude);
            // a fraction that rounds up to 2 carries into the exponent
            bits = (exponent + 15 << 10) + (int) Math.rint(Math.scalb(magnitude, 10 - exponent)) - (1 << 10);
        }
        return (short) (value < 0 ? bits | 0x8000 : bits);
    }

    private static boolean putWhole(NpyHeader header, ByteBuffer into, int at, double value) {
        double whole = Math.rint(value);
        int bits = header.kind() == 'b' ? 1 : 8 * header.width() - (header.kind() == 'i' ? 1 : 0);
        double least = header.kind() == 'i' ? -Math.scalb(1.0, bits) : 0;
        if (whole < least || whole >= Math.scalb(1.0, bits)) {
            return false;
        }
        long stored = bits == 64 && whole >= 0x1p63 ? (long) (whole - 0x1p63) + Long.MIN_VALUE : (long) whole;
        switch (header.width()) {
            case 1 -> into.put(at, (byte) stored);
            case 2 -> into.putShort(at, (short) stored);
            case 4 -> into.putInt(at, (int) stored);
            default -> into.putLong(at, stored);
        }
        return true;
    }
}
