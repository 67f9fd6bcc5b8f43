package dev.elbo.cpu;

import dev.elbo.model.Activation;

/** Activations and their derivatives over a run of elements; each loop on its own, so that the compiler can vectorise it. */
final class Activations {
    private static final float LEAK = (float) Activation.LEAK;

    private Activations() {}

    /** y = activation(x); x and y may be the same place. */
    static void apply(Activation activation, float[] x, int from, float[] y, int at, int count) {
        switch (activation) {
            case IDENTITY -> {
                if (x != y || from != at) {
                    System.arraycopy(x, from, y, at, count);
                }
            }
            case RELU -> relu(x, from, y, at, count);
            case LEAKY_RELU -> {
                for (int i = 0; i < count; i++) {
                    float value = x[from + i];
                    y[at + i] = value > 0 ? value : LEAK * value;
                }
            }
            case ELU -> {
                for (int i = 0; i < count; i++) {
                    float value = x[from + i];
                    y[at + i] = value > 0 ? value : (float) Elementary.expm1(value);
                }
            }
            case TANH -> {
                for (int i = 0; i < count; i++) {
                    y[at + i] = (float) Elementary.tanh(x[from + i]);
                }
            }
            case SIGMOID -> {
                for (int i = 0; i < count; i++) {
                    y[at + i] = (float) Elementary.sigmoid(x[from + i]);
                }
            }
            case SOFTPLUS -> {
                for (int i = 0; i < count; i++) {
                    y[at + i] = (float) Elementary.softplus(x[from + i]);
                }
            }
        }
    }

    private static void relu(float[] x, int from, float[] y, int at, int count) {
        for (int i = 0; i < count; i++) {
            y[at + i] = Math.max(x[from + i], 0f);
        }
    }

    /** The slope without a branch, which would be guessed wrong half of the time: y · 2¹⁴⁹ is 0, NaN or at least 1. */
    private static void reluGrad(float[] y, int from, float[] dY, int at, int count) {
        for (int i = 0; i < count; i++) {
            dY[at + i] *= Math.min(1f, y[from + i] * 0x1p127f * 0x1p22f);
        }
    }

    /** dY = dY ⊙ activation′, the derivative as a function of the output y. */
    static void multiplyDerivative(Activation activation, float[] y, int from, float[] dY, int at, int count) {
        switch (activation) {
            case IDENTITY -> {}
            case RELU -> reluGrad(y, from, dY, at, count);
            case LEAKY_RELU -> {
                for (int i = 0; i < count; i++) {
                    float out = y[from + i];
                    dY[at + i] *= out > 0 ? 1 : out <= 0 ? LEAK : out;
                }
            }
            case ELU -> {
                for (int i = 0; i < count; i++) {
                    float out = y[from + i];
                    dY[at + i] *= out > 0 ? 1 : out + 1;
                }
            }
            case TANH -> {
                for (int i = 0; i < count; i++) {
                    float out = y[from + i];
                    dY[at + i] *= Math.fma(-out, out, 1f);
                }
            }
            case SIGMOID -> {
                for (int i = 0; i < count; i++) {
                    float out = y[from + i];
                    dY[at + i] *= out * (1 - out);
                }
            }
            case SOFTPLUS -> {
                for (int i = 0; i < count; i++) {
                    dY[at + i] *= (float) -Elementary.expm1(-y[from + i]);
                }
            }
        }
    }
}
